import assert from 'node:assert/strict';
import { readFileSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { BelayError, isBelayError } from '../../../../protocol/errors.ts';
import { bindRepository, openMachine } from '../../../../worker/base/machine.ts';
import { scripted, Workbench } from '../../../fakes/workbench.ts';

/** Gives the bench a worker whose first reply with a claim never arrives. Returns how to see which sessions it named. */
function losingOneClaim(bench: Workbench): () => readonly string[] {
  const { api } = bench;
  let lost: string[] | null = null;
  bench.api = {
    ...api,
    poll: async (input) => {
      const reply = await api.poll(input);
      if (lost !== null || reply.claims.length === 0) return reply;
      lost = reply.claims.map((grant) => grant.session.id);
      throw new BelayError('unavailable', 'The reply was lost.');
    },
  };
  bench.worker = bench.newWorker();
  return () => lost ?? [];
}

describe('the worker', function () {
  this.timeout(60_000);
  let bench: Workbench;
  afterEach(() => bench.close());

  it('takes no more than it has room for, and the next when one is done', async () => {
    bench = await Workbench.open({ agents: [scripted('note'), scripted('stall')], capacity: 1 });
    await bench.worker.start();
    const first = await bench.queue({ agent: 'stall' });
    await bench.until('the first run', async () => (await bench.session(first.id)).state === 'active');
    const second = await bench.queue({ agent: 'note' });
    await bench.until('the run is followed', () => bench.worker.runs()[0]?.status);
    assert.equal((await bench.session(second.id)).state, 'queued');
    bench.worker.endRun(first.id, 'cancel');
    assert.equal((await bench.ended(first.id)).state, 'cancelled');
    assert.equal((await bench.ended(second.id)).state, 'complete');
  });

  it('claims by name without room, and says why when it cannot', async () => {
    bench = await Workbench.open({ agents: [scripted('note')], capacity: 0 });
    await bench.worker.start();
    const { id } = await bench.queue({ agent: 'note' });
    await bench.worker.claimNow(id);
    assert.equal((await bench.ended(id)).state, 'complete');
    await assert.rejects(bench.worker.claimNow(id), (error) => isBelayError(error, 'conflict') && /complete/.test(error.message));
  });

  it('starts taking work when it is given room', async () => {
    bench = await Workbench.open({ agents: [scripted('note')], capacity: 0 });
    await bench.worker.start();
    const { id } = await bench.queue({ agent: 'note' });
    bench.worker.setCapacity(1);
    assert.equal((await bench.ended(id)).state, 'complete');
  });

  it('lets one of two windows have a session', async () => {
    bench = await Workbench.open({ agents: [scripted('note')], capacity: 2 });
    const other = bench.newWorker();
    await bench.worker.start();
    await other.start();
    const sessions = await Promise.all([1, 2, 3, 4].map(() => bench.queue({ agent: 'note' })));
    for (const { id } of sessions) {
      const session = await bench.ended(id);
      assert.equal(session.state, 'complete');
      assert.equal(session.fence, 1);
    }
  });

  it('says what is wrong when the folder of a repository is gone', async () => {
    bench = await Workbench.open({ agents: [scripted('note')], capacity: 0 });
    await bench.worker.start();
    const { id } = await bench.queue({ agent: 'note' });
    const moved = `${bench.repository}.moved`;
    renameSync(bench.repository, moved);
    await assert.rejects(bench.worker.claimNow(id), (error) => isBelayError(error, 'conflict') && /bound/.test(error.hint ?? ''));
    renameSync(moved, bench.repository);
    await bench.worker.claimNow(id);
    assert.equal((await bench.ended(id)).state, 'complete');
  });

  it('runs at once what was claimed for it by an exchange whose reply was lost', async () => {
    bench = await Workbench.open({ agents: [scripted('note')], capacity: 1 });
    const lost = losingOneClaim(bench);
    await bench.worker.start();
    const { id } = await bench.queue({ agent: 'note' });
    const session = await bench.ended(id);
    assert.deepEqual(lost(), [id]);
    assert.deepEqual([session.state, session.fence], ['complete', 1]);
  });

  it('claims by name again after a lost reply, and gets the same claim', async () => {
    bench = await Workbench.open({ agents: [scripted('note')], capacity: 0 });
    const lost = losingOneClaim(bench);
    await bench.worker.start();
    const { id } = await bench.queue({ agent: 'note' });
    await assert.rejects(bench.worker.claimNow(id), (error) => isBelayError(error, 'unavailable'));
    assert.deepEqual(lost(), [id]);
    await bench.worker.claimNow(id);
    const session = await bench.ended(id);
    assert.deepEqual([session.state, session.fence], ['complete', 1]);
  });

  it('goes offline and comes back with the platform', async () => {
    bench = await Workbench.open({ agents: [scripted('note')] });
    await bench.worker.start();
    await bench.stopPlatform();
    await bench.until('offline', () => bench.worker.state === 'offline');
    await bench.startPlatform();
    await bench.until('online', () => bench.worker.state === 'online');
    const { id } = await bench.queue({ agent: 'note' });
    assert.equal((await bench.ended(id)).state, 'complete');
  });

  it('keeps its name and its folders on this machine only', async () => {
    bench = await Workbench.open({ agents: [scripted('note')] });
    const machine = openMachine(bench.stateDir);
    bindRepository(bench.stateDir, 'repo_1', '/a');
    bindRepository(bench.stateDir, 'repo_2', '/b');
    assert.deepEqual(openMachine(bench.stateDir), { ...machine, bindings: { repo_1: '/a', repo_2: '/b' } });
    const file = path.join(bench.stateDir, 'machine.json');
    assert.equal(statSync(file).mode & 0o077, 0);
    assert.ok(readFileSync(file, 'utf8').includes(machine.id));
  });
});
