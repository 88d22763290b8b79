/** Event streams go on where they were: after a kill, at another replica, for readers that are slow. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { Platforms, token, type Platform } from '../support/platforms.ts';
import { readStream } from '../support/reader.ts';
import { Scene } from './scene.ts';

const reporting = async (scene: Scene) => {
  const grant = await scene.claimed();
  let key = 0;
  return {
    id: grant.session.id,
    path: `/v1/sessions/${grant.session.id}/events`,
    /** `count` activities of about `bytes`, at any replica. */
    report: async (platform: Platform, count: number, bytes = 10) => {
      const activities = Array.from({ length: count }, () => ({
        key: `k${(key += 1)}`,
        at: 1,
        kind: 'progress' as const,
        body: { type: 'message' as const, text: 'x'.repeat(bytes) },
      }));
      await platform.api.appendActivities({
        params: { id: grant.session.id },
        claimToken: grant.claimToken,
        body: { holder: scene.holder(grant), activities },
      });
    },
  };
};
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('event streams', function () {
  this.timeout(60_000);
  const platforms = new Platforms();
  let database: string;
  let [a, b]: [Platform, Platform] = [null!, null!];
  let scene: Scene;

  before(async () => {
    database = await platforms.database();
    [a, b] = await Promise.all([platforms.team(database), platforms.team(database)]);
    scene = await Scene.open(a);
  });
  after(() => platforms.end());

  it('a replica that is killed between two events: the reader has each once, from another', async () => {
    const lost = await platforms.team(database);
    const { path, report } = await reporting(scene);
    const first = await readStream(lost, path);
    await report(a, 3);
    await first.until(3);
    await lost.kill('SIGKILL');
    await first.ended;
    await report(a, 3);
    const again = await readStream(b, path, first.seen.at(-1)!.id);
    await report(b, 2);
    const ids = [...first.seen, ...(await again.until(5))].map(({ id }) => id);
    assert.deepEqual(ids, upTo(8));
    again.stop();
  });

  it('an embedded platform that is killed and started again: the reader goes on', async () => {
    const killed = await platforms.embeddedIn('again');
    const embeddedScene = await Scene.open(killed);
    const { path, report } = await reporting(embeddedScene);
    const [events, activities] = await Promise.all([readStream(killed, '/v1/events', 0), readStream(killed, path)]);
    await report(killed, 4);
    await activities.until(4);
    await events.until(1);
    await killed.kill('SIGKILL');
    const started = await platforms.embeddedIn('again');
    const [moreEvents, moreActivities] = await Promise.all([
      readStream(started, '/v1/events', events.seen.at(-1)!.id),
      readStream(started, path, 4),
    ]);
    await report(started, 2);
    await started.api.createItem({ body: { kind: 'bug', title: 't' } });
    assert.deepEqual(
      [...activities.seen, ...(await moreActivities.until(2))].map(({ id }) => id),
      upTo(6),
    );
    const { event_counter: newest } = (await started.query('SELECT event_counter FROM workspace'))[0]!;
    await moreEvents.until(Number(newest) - events.seen.length);
    assert.deepEqual(
      [...events.seen, ...moreEvents.seen].map(({ id }) => id),
      upTo(Number(newest)),
    );
  });

  it('a number that is no number of a stream is refused; one from the future is now', async () => {
    const { path, report } = await reporting(scene);
    await report(a, 2);
    for (const stream of [path, '/v1/events']) {
      for (const odd of ['x', '-1', '1.5', '9'.repeat(16), '1 2'])
        await assert.rejects(readStream(b, stream, odd), /refused with 400/, odd);
      const ahead = await readStream(b, stream, '999999999999999');
      await ahead.until(0);
      assert.ok(ahead.stood()! < 1_000_000);
      await report(a, 1);
      if (stream !== path) await a.api.createItem({ body: { kind: 'bug', title: 't' } });
      const [next] = await ahead.until(1);
      assert.equal(next!.id, ahead.stood()! + 1);
      ahead.stop();
    }
    await assert.rejects(readStream(b, '/v1/sessions/nowhere/events'), /refused with 404/);
  });

  it('a reader that takes nothing costs next to nothing, holds nobody up, and gets everything once it reads', async () => {
    const { path, report } = await reporting(scene);
    const rss = (): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${b.child.pid}/status`, 'utf8'))?.[1]) / 1024;
    const sockets = Array.from({ length: 40 }, () => connect(b.at));
    for (const socket of sockets) {
      socket.pause();
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    }
    const quick = await readStream(b, path);
    await report(a, 4, 50_000);
    await quick.until(4);
    const before = rss();
    // 20 MB for each of forty readers, were they written out; 10 MB, were as much held as is read at once.
    const rounds = 100;
    for (let round = 0; round < rounds; round++) await report(a, 4, 50_000);
    await quick.until(4 + 4 * rounds);
    const grown = rss() - before;
    assert.ok(grown < 400, `The replica grew by ${Math.round(grown)} MB.`);
    quick.stop();
    let last = '';
    const slow = sockets[0]!;
    await new Promise<void>((resolve, reject) => {
      slow.once('close', () => {
        reject(new Error('It was left before it read.'));
      });
      slow.setEncoding('latin1').on('data', (part: string) => {
        last = (last + part).slice(-200);
        if (last.includes(`"seq":${4 + 4 * rounds},`) || part.includes(`"seq":${4 + 4 * rounds},`)) resolve();
      });
      slow.resume();
    });
    for (const socket of sockets) socket.destroy();
  }).timeout(180_000);

  it('a replica that ends says when to come back, and the reader misses nothing', async () => {
    const leaving = await platforms.team(database);
    const { path, report } = await reporting(scene);
    const first = await readStream(leaving, path);
    await report(a, 2);
    await first.until(2);
    const [code] = await Promise.all([leaving.kill('SIGTERM'), first.ended]);
    assert.equal(code, 0);
    assert.ok(first.retry()! > 0 && first.retry()! <= 5_000);
    await report(a, 1);
    const again = await readStream(b, path, 2);
    assert.deepEqual(
      (await again.until(1)).map(({ id }) => id),
      [3],
    );
    again.stop();
  });
});
