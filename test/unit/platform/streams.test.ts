import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import * as os from 'node:os';
import * as path from 'node:path';
import { createServer } from '../../../platform/api/server.ts';
import { serviceOf } from './service.ts';

describe('a reader that leaves before its stream begins', () => {
  it('is not served any more, and leaves its place to others', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'belay-streams-'));
    const socketPath = path.join(folder, 's');
    const plain = await serviceOf({ limits: { streams: 1 } });
    const begun = Promise.withResolvers<undefined>();
    const left = Promise.withResolvers<undefined>();
    let reads = 0;
    const store: typeof plain.store = {
      ...plain.store,
      lastEvent: async (call) => {
        begun.resolve(undefined);
        await left.promise;
        return plain.store.lastEvent(call);
      },
      eventsAfter: (...asked) => {
        reads += 1;
        return plain.store.eventsAfter(...asked);
      },
    };
    const server = await createServer({ ...plain, store }, () => {});
    let closed: () => void = () => {};
    server.server.on('request', (_, response) => response.on('close', () => closed()));
    try {
      await server.listen({ path: socketPath });
      const open = (): Promise<number> =>
        new Promise((resolve, reject) => {
          const outgoing = request({ socketPath, path: '/v1/events', agent: false, headers: { host: 'x' } });
          outgoing.once('error', reject);
          outgoing.once('response', (reply) => {
            resolve(reply.statusCode ?? 0);
            outgoing.destroy();
          });
          void begun.promise.then(() => outgoing.destroy());
          outgoing.end();
        });
      const gone = new Promise<void>((resolve) => (closed = resolve));
      await assert.rejects(open());
      await gone;
      left.resolve(undefined);
      for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
      assert.equal(plain.meter.streamsOpen, 0);
      assert.equal(reads, 0);
    } finally {
      await server.close();
      await plain.store.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
