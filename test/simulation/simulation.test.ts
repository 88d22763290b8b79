import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import * as os from 'node:os';
import path from 'node:path';
import { inLanes } from '../support/lanes.ts';
import { patchesIn } from '../support/planted.ts';
import { ourPatches, tryPatch } from './plant.ts';
import { runSeed } from './run.ts';

const seeds = 60;
const base = 20_000;
/** Found within a few seeds; `npm run -s sim:mutants` looks for all. */
const quick = ['claim-without-fence', 'cancel-forgotten', 'late-dropped', 'renew-after-end', 'activity-unfenced'];

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

  for (const name of quick)
    it(`finds the planted fault ${name}`, async () => {
      const trial = await tryPatch(path.join(ourPatches, `${name}.patch`), 1, 150);
      assert.equal(trial.outcome, 'found', trial.what);
    });

  it('has patches that all apply, and tells of one that does not', async () => {
    await inLanes(patchesIn(ourPatches), 2, async (patch) => {
      const { outcome, what } = await tryPatch(patch, 1, 0);
      assert.equal(outcome, 'missed', what);
    });
    const folder = mkdtempSync(path.join(os.tmpdir(), 'belay-patch-'));
    const old = path.join(folder, 'old.patch');
    writeFileSync(old, '--- a/platform/store/sql.ts\n+++ b/platform/store/sql.ts\n@@ -1,1 +1,1 @@\n-what was never there\n+something\n');
    assert.equal((await tryPatch(old, 1, 0)).outcome, 'broken');
    rmSync(folder, { recursive: true });
  });
});
