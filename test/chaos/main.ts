/**
 * `npm run -s chaos -- --minutes 5 [--seed N] [--keep]`: a real platform of three replicas with workers, people and
 * readers around it, and everything that can go wrong. Prints one JSON object as its last line; exit code 1 when
 * a rule was broken. The history stays in a folder it names when one was, or with `--keep`.
 */
import { parseArgs } from 'node:util';
import { measuredFaults } from './nemesis.ts';
import { forget, play } from './run.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    keep: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
const totalMs = Number(values.minutes) * 60_000;
/** Everything but the start and the end scales with the minutes that are given. */
const unit = totalMs / 300_000;
const measured = {
  warmUpMs: Math.max(5_000, 8_000 * unit),
  baselineWindows: 3,
  calmWindows: 2,
  recoveryWindows: 5,
  windowMs: 4_000 * unit,
  faultMs: 8_000 * unit,
  settleMs: 4_000 * unit,
};
const { warmUpMs, baselineWindows, calmWindows, recoveryWindows, windowMs, faultMs, settleMs } = measured;
const measuredMs =
  warmUpMs + baselineWindows * windowMs + measuredFaults.length * ((calmWindows + recoveryWindows) * windowMs + faultMs + settleMs);
const started = performance.now();
const seconds = (): number => Math.round((performance.now() - started) / 1_000);
console.log(`seed ${seed}`);
const report = await play({
  seed,
  replicas: 3,
  workers: 6,
  capacity: 2,
  thinkMs: 300,
  durable: true,
  measured,
  stormMs: Math.max(5_000, totalMs - measuredMs),
  endMs: 180_000,
  backlog: 12,
  readers: 3,
  say: (line) => {
    console.log(`${seconds()} s: ${line}`);
  },
});
const { counts, findings, folder, ...rest } = report;
for (const finding of findings.slice(0, 50)) console.log(finding);
if (findings.length > 0 || values.keep) console.log(`The history is in ${folder}`);
else forget(report);
console.log(JSON.stringify({ seed, ...rest, ...counts, seconds: seconds() }));
process.exitCode = findings.length > 0 ? 1 : 0;
