import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runDirOf } from '../../../../worker/run/launch.ts';
import type { ClaimGrant } from '../../../../protocol/exchange.ts';
import { readPrivate, writePrivate } from '../../../../worker/base/privateFiles.ts';
import { HostRecord, runFiles, RunSettings, type RunSpec } from '../../../../worker/run/spec.ts';
import { practice, scripted, shape, Workbench } from '../../../fakes/workbench.ts';

describe('runs outlive what happens around them', function () {
  this.timeout(90_000);
  let bench: Workbench;
  beforeEach(async () => {
    bench = await Workbench.open({ agents: [practice, scripted('hang'), scripted('note'), scripted('wait')] });
    await bench.worker.start();
  });
  afterEach(() => bench.close());

  const question = (id: string) =>
    bench.until('the question', async () => (await bench.api.listInputs({ query: { session: id, state: ['open'] } })).entries[0]);
  const record = async (id: string) => {
    const file = path.join(runDirOf(bench.stateDir, id, 1), 'host.json');
    return await bench.until('the run host', () => readPrivate(file, HostRecord));
  };

  it('goes on while the worker is away, and is followed again by the next one', async () => {
    const { id } = await bench.queue();
    await question(id);
    await bench.worker.stop('finish');
    assert.equal(bench.hostPids().length, 1);
    bench.worker = bench.newWorker();
    await bench.worker.start();
    await bench.until('the run', () => bench.worker.runs().some((run) => run.sessionId === id && run.status?.waitingForPerson));
    await bench.answer(id);
    assert.equal((await bench.ended(id)).state, 'complete');
    await bench.until('the end of the host', () => bench.hostPids().length === 0 && bench.worker.runs().length === 0);
  });

  it('gives the session back when the worker is told to stop', async () => {
    const { id } = await bench.queue();
    await question(id);
    await bench.worker.stop('stop');
    // The worker waits a while for its runs and no longer.
    await bench.until('the session back in the queue', async () => (await bench.session(id)).state === 'queued');
    assert.ok(shape(await bench.activities(id)).includes('release'));
    await bench.until('the end of every process', () => bench.processes().length === 0);
  });

  it('tells the truth after the run host was killed, and leaves no process', async () => {
    const { id } = await bench.queue({ agent: 'hang' });
    await bench.until('its children', () => bench.processes().filter(({ args }) => args.includes('while :; do')).length === 2);
    await bench.until('its first words', async () => shape(await bench.activities(id)).includes('phase'));
    const { host, tempDir } = await record(id);
    process.kill(host.pid, 'SIGKILL');
    const session = await bench.ended(id);
    assert.equal(session.state, 'error');
    assert.equal(session.error?.code, 'interrupted');
    assert.ok(session.error.hint);
    await bench.until('the end of every process', () => bench.processes().length === 0);
    assert.ok(!existsSync(tempDir), 'its sockets are taken away');
  });

  for (const isGone of [false, true])
    it(`ends with its agent when ${isGone ? 'all of Belay’s folder is' : 'its own folder is'} deleted`, async () => {
      const { id } = await bench.queue({ agent: 'hang' });
      await bench.until('its children', () => bench.processes().filter(({ args }) => args.includes('while :; do')).length === 2);
      const { tempDir } = await record(id);
      await bench.worker.stop('finish');
      if (isGone) await bench.stopPlatform();
      rmSync(isGone ? bench.stateDir : path.join(bench.stateDir, 'runs'), { recursive: true, force: true });
      await bench.until('the end of every process', () => bench.processes().length === 0, 30_000);
      assert.ok(!existsSync(tempDir));
    });

  it('says what a killed host could not say any more', async () => {
    const { id, lineId } = await bench.queue({ agent: 'wait' });
    const clone = path.join(bench.stateDir, 'lines', lineId, 'clone');
    await bench.until('its file', () => existsSync(path.join(clone, 'written.txt')));
    const { host } = await record(id);
    // The platform goes away before the end can be told; the host writes the end down and is killed.
    await bench.stopPlatform();
    writeFileSync(path.join(clone, 'go'), '');
    const runDir = runDirOf(bench.stateDir, id, 1);
    await bench.until('the written end', () => readFileSync(path.join(runDir, 'journal.ndjson'), 'utf8').includes('"kind":"end"'));
    process.kill(host.pid, 'SIGKILL');
    await bench.startPlatform();
    const session = await bench.ended(id);
    assert.equal(session.state, 'complete');
    assert.equal(session.result?.outcome, 'changes');
  });

  it('loses nothing when the platform is killed during a run', async () => {
    const { id } = await bench.queue();
    await question(id);
    await bench.stopPlatform();
    await bench.startPlatform();
    await bench.answer(id);
    const session = await bench.ended(id);
    assert.equal(session.state, 'complete');
    const activities = await bench.activities(id);
    assert.deepEqual(
      activities.map((entry) => entry.seq),
      activities.map((_, index) => index + 1),
    );
    assert.equal(new Set(activities.map((entry) => entry.key)).size, activities.length);
  });

  /** Claims the session as a process of this machine that is never heard of again. */
  async function claimedByTheDead(sessionId: string): Promise<{ grant: ClaimGrant; workerId: string; instanceId: string }> {
    const instanceId = randomUUID();
    const worker = await bench.api.ensureWorker({
      body: {
        machine: 'test machine',
        execution: 'local',
        agentIds: [...bench.worker.agentIds.values()],
        capacity: 1,
        instanceId,
        program: 'dead',
        version: '0',
      },
    });
    const repositories = (await bench.api.listRepositories()).entries.map((repository) => repository.id);
    const reply = await bench.api.poll({
      body: { workerId: worker.id, instanceId, requestId: randomUUID(), capacity: 1, sessionId, repositoryIds: repositories },
    });
    const grant = reply.claims[0];
    assert.ok(grant);
    return { grant, workerId: worker.id, instanceId };
  }

  it('takes away what a worker left that was killed while it prepared a run, its secrets with it', async () => {
    await bench.worker.stop('finish');
    const [old, young] = ['ses_old-1', 'ses_young-1'].map((name) => path.join(bench.stateDir, 'runs', name));
    assert.ok(old && young);
    for (const folder of [old, young]) {
      mkdirSync(folder, { recursive: true });
      writePrivate(path.join(folder, runFiles.secrets), { env: { KEY: 'value' }, agentEnv: {}, homeFiles: {} });
    }
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(old, longAgo, longAgo);
    // Young for as long as this test may take.
    const later = new Date(Date.now() + 3_600_000);
    utimesSync(young, later, later);
    bench.worker = bench.newWorker();
    await bench.worker.start();
    assert.deepEqual([existsSync(old), existsSync(young)], [false, true], 'one that is being prepared right now stays');
  });

  it('runs what was claimed by a process that died before it wrote anything down, once the lease is over', async () => {
    await bench.worker.stop('finish');
    const { id } = await bench.queue();
    await claimedByTheDead(id);
    bench.worker = bench.newWorker();
    await bench.worker.start();
    await bench.until('the new claim', async () => (await bench.session(id)).fence === 2, 40_000);
    await bench.answer(id);
    const session = await bench.ended(id);
    assert.equal(session.state, 'complete');
    assert.equal(session.result?.outcome, 'changes');
  });

  it('gives back at once what was claimed by a process that died before the run began', async () => {
    await bench.worker.stop('finish');
    const { id } = await bench.queue();
    const { grant, workerId, instanceId } = await claimedByTheDead(id);
    const spec: RunSpec = {
      version: 1,
      grant,
      workerId,
      instanceId,
      platform: { socketPath: bench.socketPath },
      stateDir: bench.stateDir,
      lineDir: path.join(bench.stateDir, 'lines', id),
      repositoryPath: bench.repository,
      base: { kind: 'head' },
      agent: practice.launch,
      settings: RunSettings.parse({}),
      instructions: '',
      workflow: null,
      workflowNote: '',
    };
    const runDir = runDirOf(bench.stateDir, id, grant.fence);
    mkdirSync(runDir, { recursive: true });
    writePrivate(path.join(runDir, 'run.json'), spec);
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(path.join(runDir, 'run.json'), longAgo, longAgo);

    bench.worker = bench.newWorker();
    await bench.worker.start();
    await bench.answer(id);
    const session = await bench.ended(id);
    assert.equal(session.state, 'complete');
    assert.equal(session.attempt, 1, 'a claim that never ran is no attempt');
    assert.equal(session.fence, 2);
  });

  it('takes its session again under a new fence after its claim ran out, and finishes', async () => {
    const { id } = await bench.queue();
    await question(id);
    const { host } = await record(id);
    process.kill(host.pid, 'SIGSTOP');
    try {
      await bench.until('the end of the lease', async () => (await bench.session(id)).state === 'stale', 40_000);
    } finally {
      process.kill(host.pid, 'SIGCONT');
    }
    await bench.until('the new claim', async () => (await bench.session(id)).fence === 2);
    await bench.answer(id);
    const session = await bench.ended(id);
    assert.equal(session.state, 'complete');
    assert.equal(session.result?.outcome, 'changes');
  });

  it('continues in the same folder when it is sent back with a note', async () => {
    const first = await bench.queue({ agent: 'note' });
    await bench.ended(first.id);
    const second = await bench.queue({ agent: 'note', parentSessionId: first.id, note: 'also the second line' });
    const session = await bench.ended(second.id);
    assert.equal(session.lineId, first.lineId);
    assert.deepEqual(
      session.result?.files.map((file) => [file.path, file.added]),
      [['notes.txt', 2]],
    );
  });
});
