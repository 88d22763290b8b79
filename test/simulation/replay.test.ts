import assert from 'node:assert/strict';
import { startServer, type TestServer } from '../postgres/server.ts';
import { record, replay } from './replay.ts';

describe('a simulated history, played on PostgreSQL', function () {
  this.timeout(120_000);
  let server: TestServer;
  before(async () => {
    server = await startServer();
  });
  after(() => server.remove());

  it('gives the same replies and the same tables', async () => {
    for (const seed of [3, 30_001, 30_002]) {
      const steps = await record(seed);
      assert.ok(steps.length > 200 && steps.at(-1)?.name === 'exportAll');
      assert.equal(await replay(seed, steps, server.url()), null);
    }
  });

  it('is noticed when it differs', async () => {
    const steps = await record(3);
    const lost = steps.findIndex(({ name, outcome }) => name === 'append' && !outcome.includes('refused'));
    assert.ok(lost > 0);
    const difference = await replay(3, steps.toSpliced(lost, 1), server.url());
    assert.ok(difference && difference.step >= lost);
  });
});
