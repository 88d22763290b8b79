/** One client cannot take what others need. */
import assert from 'node:assert/strict';
import { ApiDocument } from './document.ts';
import { Platforms, type Got, type Platform } from '../support/platforms.ts';
import { readStream } from '../support/reader.ts';
import { Scene } from './scene.ts';

describe('limits of a replica', function () {
  this.timeout(60_000);
  const platforms = new Platforms();
  let platform: Platform;
  let scene: Scene;
  let document: ApiDocument;

  before(async () => {
    const flags = ['--limit-reads', '40', '--limit-writes', '25', '--limit-work', '5', '--limit-streams', '3'];
    platform = await platforms.team(await platforms.database(), ...flags);
    scene = await Scene.open(platform);
    document = await ApiDocument.of(platform);
  });
  after(() => platforms.end());

  const refused = (got: Got): void => {
    assert.deepEqual([got.status, document.fault(document.operation('listItems'), got)], [429, null]);
    const wait = Number(got.headers['retry-after']);
    assert.ok(wait >= 1 && wait <= 10, `Retry-After: ${wait}`);
  };
  /** Sends until it is refused; how many were taken. */
  const exhaust = async (send: () => Promise<Got>): Promise<number> => {
    for (let taken = 0; ; taken++) {
      const got = await send();
      if (got.status === 429) {
        refused(got);
        return taken;
      }
      assert.ok(taken < 100, 'It is never refused.');
    }
  };
  const poll = (workerId: string) =>
    platform.send({
      method: 'POST',
      path: '/v1/worker/poll',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ workerId, instanceId: scene.instanceId, requestId: 'r', capacity: 0 }),
    });

  it('a reader that asks too often is told when to come back; writers, workers and health go on', async () => {
    await exhaust(() => platform.send({ method: 'GET', path: '/v1/items' }));
    assert.equal((await platform.send({ method: 'GET', path: '/v1/agents' })).status, 429, 'all reads share a limit');
    assert.equal((await poll(scene.workerId)).status, 200);
    assert.equal(
      (
        await platform.send({
          method: 'POST',
          path: '/v1/quit',
          headers: { 'content-type': 'application/json' },
          body: '{"version":"0.0.0"}',
        })
      ).status,
      200,
    );
    for (const path of ['/healthz', '/readyz']) assert.equal((await platform.send({ method: 'GET', path })).status, 200);
  });

  it('a worker that polls too often keeps no other worker waiting', async () => {
    assert.ok((await exhaust(() => poll(scene.workerId))) <= 5);
    assert.equal((await poll('another')).status, 404);
  });

  it('each held session has its own share of writes', async () => {
    const write = (id: string) =>
      platform.send({
        method: 'POST',
        path: `/v1/sessions/${id}/park`,
        headers: { 'content-type': 'application/json', 'belay-claim': 'x' },
        body: '{"holder":{"instanceId":"i","fence":1}}',
      });
    assert.equal(await exhaust(() => write('one')), 5);
    assert.equal((await write('two')).status, 403);
  });

  it('a writer that creates too often is told when to come back', async () => {
    await exhaust(() =>
      platform.send({
        method: 'POST',
        path: '/v1/items',
        headers: { 'content-type': 'application/json' },
        body: '{"kind":"bug","title":"t"}',
      }),
    );
  });

  it('so many streams stay open and no more, until one is left', async () => {
    // Reads are used up by now, and streams begin as reads: another replica with room for them.
    const other = await platforms.team(await platforms.database(), '--limit-streams', '3');
    const readers = await Promise.all([1, 2, 3].map(() => readStream(other, '/v1/events')));
    const got = await other.send({ method: 'GET', path: '/v1/events' });
    assert.deepEqual([got.status, document.fault(document.operation('workspaceEvents'), got)], [429, null]);
    readers[0]!.stop();
    for (;;) {
      const again = await readStream(other, '/v1/events').catch(() => null);
      if (again) break;
    }
  });

  it('an embedded platform counts nothing', async () => {
    const embedded = await platforms.embedded();
    const answers = await Promise.all(Array.from({ length: 200 }, () => embedded.send({ method: 'GET', path: '/v1/agents' })));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  });
});
