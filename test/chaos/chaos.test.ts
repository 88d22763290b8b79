/** A short run of everything: real processes, a real database, bad links. Only the rules count here, no rates. */
import assert from 'node:assert/strict';
import { forget, play } from './run.ts';

describe('chaos', function () {
  this.timeout(240_000);

  it('breaks no rule of sessions, claims and activities', async () => {
    const report = await play({
      seed: 11,
      replicas: 2,
      workers: 3,
      capacity: 2,
      thinkMs: 200,
      durable: false,
      measured: null,
      stormMs: 8_000,
      endMs: 120_000,
      backlog: 6,
      readers: 2,
      say: () => {},
    });
    const { findings, sessions, operations, folder } = report;
    assert.deepEqual(findings, [], `The history is in ${folder}.`);
    assert.ok(sessions > 10 && operations > 100, `${sessions} sessions, ${operations} operations`);
    forget(report);
  });
});
