/** Ending one of two replicas under load: what was acknowledged is there, the rest can be asked again of the other. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Platforms, token, type Got, type Platform } from '../support/platforms.ts';
import { Scene } from './scene.ts';

describe('a replica that is told to end', function () {
  this.timeout(60_000);
  const platforms = new Platforms();
  after(() => platforms.end());

  it('is not ready any more and takes nothing new, also from who is connected already', async () => {
    const leaving = await platforms.team(await platforms.database());
    const begin = async (head: string): Promise<{ finish: () => Promise<string> }> => {
      const socket = connect(leaving.at);
      await once(socket, 'connect');
      // All but the last line: the connection is in use when the replica is told.
      socket.write(`${head}\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 0\r\n`);
      return {
        finish: async () => {
          let text = '';
          socket.setEncoding('latin1').on('data', (part: string) => (text += part));
          const closed = once(socket, 'close');
          socket.write('\r\n');
          await closed;
          return text;
        },
      };
    };
    const begun = await Promise.all(
      ['GET /readyz HTTP/1.1', 'GET /healthz HTTP/1.1', 'GET /v1/items HTTP/1.1', 'POST /v1/items HTTP/1.1'].map(begin),
    );
    await leaving.send({ method: 'GET', path: '/v1/about' });
    const exited = leaving.kill('SIGTERM');
    while (!leaving.log().includes('platform ends')) await new Promise(setImmediate);
    // It says so before its port is closed.
    for (;;) {
      const socket = connect(leaving.at);
      const came = await once(socket, 'connect').then(
        () => null,
        (error: NodeJS.ErrnoException) => error.code,
      );
      socket.destroy();
      if (came === 'ECONNREFUSED') break;
      assert.ok(came === null || came === 'ECONNRESET', `refused as ${came}`);
    }
    const [ready, healthy, read, write] = await Promise.all(begun.map(({ finish }) => finish()));
    assert.match(ready!, /^HTTP\/1\.1 503 /);
    assert.match(healthy!, /^HTTP\/1\.1 200 /);
    for (const refused of [read!, write!]) assert.match(refused, /^HTTP\/1\.1 503 [^]*retry-after: 1[^]*"code":"unavailable"/i);
    assert.equal(await exited, 0);
  });

  it('under load loses nothing it acknowledged, and what it did not can be repeated elsewhere', async () => {
    const database = await platforms.database();
    const [leaving, staying] = await Promise.all([platforms.team(database), platforms.team(database)]);
    const scene = await Scene.open(staying);
    const clients = 12;
    const acknowledged = new Map<string, string>();
    const seen: Record<string, number> = {};
    let told = false;

    const create = (at: Platform, key: string): Promise<Got> =>
      at.send({
        method: 'POST',
        path: '/v1/items',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify({ kind: 'todo', title: key }),
      });
    /** Asks the one that leaves until it is gone, then the other, under the same key. */
    const client = async (name: number): Promise<void> => {
      for (let at = leaving, n = 0, after = 0; after < 5; n++) {
        const key = `c${name}-${n}`;
        let got: Got | undefined;
        for (let tries = 0; got?.status !== 201; tries++) {
          assert.ok(tries < 20, `${key} finds nobody: ${got?.body ?? ''}`);
          try {
            got = await create(at, key);
            seen[got.status] = (seen[got.status] ?? 0) + 1;
            if (got.status === 503) {
              assert.ok(Number(got.headers['retry-after']) >= 1);
              at = staying;
            } else assert.equal(got.status, 201, got.body);
          } catch (error) {
            assert.match(String((error as NodeJS.ErrnoException).code), /ECONNREFUSED|ECONNRESET|EPIPE/);
            assert.ok(told, 'It was not told to end yet.');
            seen.cut = (seen.cut ?? 0) + 1;
            at = staying;
          }
        }
        acknowledged.set(key, (JSON.parse(got.body) as { id: string }).id);
        if (at === staying) after += 1;
      }
    };
    const load = Promise.all(Array.from({ length: clients }, (_, name) => client(name)));
    // Held by the one that leaves: answered, not cut.
    const body = { workerId: scene.workerId, instanceId: scene.instanceId, requestId: 'held', capacity: 1, waitMs: 20_000 };
    const held = leaving.api.poll({ body });
    while (acknowledged.size < 100) await leaving.send({ method: 'GET', path: '/v1/about' });
    told = true;
    const exited = leaving.kill('SIGTERM');
    assert.deepEqual((await held).claims, []);
    assert.equal(await exited, 0);
    await load;

    const rows = await staying.query('SELECT id, title FROM item');
    const stored = new Map(rows.filter(({ title }) => /^c\d/.test(String(title))).map(({ id, title }) => [String(title), String(id)]));
    assert.deepEqual(new Map([...stored].toSorted()), new Map([...acknowledged].toSorted()));
    assert.equal(rows.filter(({ title }) => /^c\d/.test(String(title))).length, acknowledged.size, 'Something was stored twice.');
    assert.equal(seen['500'], undefined);
  });
});
