/**
 * `--seeds N --seed-base M` plays N seeds and prints one JSON object as its last line; `--seed N` plays one and
 * prints its trace. `--mutants` plays every planted fault until a seed finds it. Exit code 1 when a rule was
 * broken, or when a planted fault was not found.
 */
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { mutants } from './mutants.ts';
import { firstFinder, runSeed } from './run.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    'seed-base': { type: 'string', default: '1' },
    seed: { type: 'string' },
    /** Plays a broken build by its name, to see it found. */
    mutant: { type: 'string' },
    mutants: { type: 'boolean', default: false },
  },
});
const mutant = values.mutant === undefined ? {} : mutants[values.mutant];
if (!mutant) throw new Error(`There is no mutant "${values.mutant}": ${Object.keys(mutants).join(', ')}.`);

if (values.mutants) {
  const found: Record<string, number | null> = {};
  for (const [name, settings] of Object.entries(mutants)) {
    const first = await firstFinder(settings, Number(values['seed-base']), Number(values.seeds));
    found[name] = first?.seed ?? null;
    console.log(`${name}: ${first ? `seed ${first.seed}: ${first.violation}` : 'not found'}`);
  }
  console.log(
    JSON.stringify({ mutants: Object.keys(found).length, notFound: Object.keys(found).filter((name) => found[name] === null), found }),
  );
  process.exitCode = Object.values(found).includes(null) ? 1 : 0;
} else if (values.seed !== undefined) {
  const report = await runSeed({ seed: Number(values.seed), keepTrace: true, ...mutant });
  console.log(report.trace.join('\n'));
  console.log(JSON.stringify({ ...report, trace: undefined }));
  process.exitCode = report.violation ? 1 : 0;
} else {
  const count = Number(values.seeds);
  const base = Number(values['seed-base']);
  const total = { seeds: 0, violations: 0, events: 0, reclaims: 0, staleRejected: 0 };
  const hash = createHash('sha256');
  const started = performance.now();
  for (let seed = base; seed < base + count; seed++) {
    const report = await runSeed({ seed, keepTrace: false, ...mutant });
    total.seeds += 1;
    total.events += report.events;
    total.reclaims += report.reclaims;
    total.staleRejected += report.staleRejected;
    hash.update(report.traceHash);
    if (!report.violation) continue;
    total.violations += 1;
    console.log(`seed ${seed}: ${report.violation}`);
  }
  const seconds = (performance.now() - started) / 1000;
  console.log(JSON.stringify({ ...total, traceHash: hash.digest('hex'), seedsPerSecond: Math.round(count / seconds) }));
  process.exitCode = total.violations > 0 ? 1 : 0;
}
