import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import * as os from 'node:os';
import * as path from 'node:path';
import type { FastifyInstance } from 'fastify';
import { createServer } from '../../../platform/api/server.ts';
import { serviceOf } from './service.ts';

describe('limits on a Unix socket, where nobody has an address', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'belay-limits-'));
  const socketPath = path.join(folder, 's');
  let server: FastifyInstance;

  before(async () => {
    const service = await serviceOf({ limits: { reads: 3, work: 2, streams: 1 } });
    server = await createServer(service, () => {});
    server.addHook('onClose', () => service.store.close());
    await server.listen({ path: socketPath });
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const ask = (method: string, at: string, body?: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const outgoing = request({
        socketPath,
        method,
        path: at,
        agent: false,
        headers: { host: 'x', ...(body && { 'content-type': 'application/json' }) },
      });
      outgoing.once('error', reject);
      outgoing.once('response', (reply) => {
        reply.resume().once('end', () => {
          resolve(reply.statusCode ?? 0);
        });
      });
      outgoing.end(body);
    });

  it('all readers are one, workers are told apart, writers without a limit are not counted', async () => {
    const reads = [];
    for (let n = 0; n < 5; n++) reads.push(await ask('GET', '/v1/items'));
    assert.deepEqual(reads, [200, 200, 200, 429, 429]);
    const poll = (workerId: string) =>
      ask('POST', '/v1/worker/poll', JSON.stringify({ workerId, instanceId: 'i', requestId: 'r', capacity: 0 }));
    assert.deepEqual([await poll('a'), await poll('a'), await poll('a'), await poll('b')], [404, 404, 429, 404]);
    const writes = [];
    for (let n = 0; n < 5; n++) writes.push(await ask('POST', '/v1/items', '{"kind":"bug","title":"t"}'));
    assert.deepEqual(writes, [201, 201, 201, 201, 201]);
  });
});
