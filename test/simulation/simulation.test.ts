import assert from 'node:assert/strict';
import { mutants } from './mutants.ts';
import { firstFinder, runSeed } from './run.ts';

const seeds = 60;
const base = 20_000;
/** What few seeds show; `npm run -s sim -- --mutants --seeds 2000` looks for these as well. */
const rare = new Set([
  'completeUnfenced',
  'failUnfenced',
  'releaseUnfenced',
  'deferUnfenced',
  'parkUnfenced',
  'askUnfenced',
  'cancelledUnfenced',
  'finalReopened',
  'releaseReopensFinal',
  'openQuestionsAtEnd',
  'reclaimByAnybody',
]);

describe('the simulation', function () {
  this.timeout(180_000);

  it(`breaks no rule in ${seeds} seeds, with claims lost and stale writes refused on the way`, async () => {
    let reclaims = 0;
    let staleRejected = 0;
    for (let seed = base; seed < base + seeds; seed++) {
      const report = await runSeed({ seed, keepTrace: false });
      assert.equal(report.violation, null, `seed ${seed}`);
      reclaims += report.reclaims;
      staleRejected += report.staleRejected;
    }
    assert.ok(reclaims > 0 && staleRejected > 0, `${reclaims} re-claims, ${staleRejected} stale writes`);
  });

  it('plays the same seed the same way', async () => {
    const [first, second, other] = await Promise.all([7, 7, 8].map((seed) => runSeed({ seed, keepTrace: true })));
    assert.deepEqual(first, second);
    assert.notEqual(first?.traceHash, other?.traceHash);
  });

  for (const [name, settings] of Object.entries(mutants))
    if (!rare.has(name))
      it(`finds the planted fault ${name}`, async () => {
        assert.ok(await firstFinder(settings, 1, 100));
      });
});
