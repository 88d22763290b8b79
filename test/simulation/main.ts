/**
 * `npm run -s sim -- --seeds N [--seed-base M] [--workers W]` plays N seeds and prints one JSON object as its last
 * line; `--seed N` plays one and prints its trace; `--first` stops at the first that breaks a rule. Exit code 1 when
 * one was broken.
 */
import { createHash } from 'node:crypto';
import * as os from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { runSeed, type RunReport } from './run.ts';

interface Share {
  readonly base: number;
  readonly count: number;
}
/** Seeds that one thread plays, one after the other. */
const shareSize = 50;

async function playOne(seed: number): Promise<void> {
  const { trace, ...report } = await runSeed({ seed, keepTrace: true });
  console.log(trace.join('\n'));
  console.log(JSON.stringify(report));
  process.exitCode = report.violation ? 1 : 0;
}

/** One after the other, telling of each, until one breaks a rule. */
async function playUntilBroken(base: number, seeds: number): Promise<void> {
  for (let seed = base; seed < base + seeds; seed++) {
    const { violation } = await runSeed({ seed, keepTrace: false });
    console.log(`played ${seed}`);
    if (violation === null) continue;
    console.log(`seed ${seed}: ${violation}`);
    process.exitCode = 1;
    return;
  }
}

/** Every share, on as many threads as are wanted; the reports come in order of their seeds. */
async function playAll(base: number, seeds: number, threads: number): Promise<RunReport[]> {
  const shares: Share[] = [];
  for (let at = 0; at < seeds; at += shareSize) shares.push({ base: base + at, count: Math.min(shareSize, seeds - at) });
  const reports: RunReport[] = [];
  const thread = async (): Promise<void> => {
    for (let share = shares.shift(); share; share = shares.shift()) {
      const worker = new Worker(import.meta.filename, { workerData: share });
      await new Promise<void>((resolve, reject) => {
        worker.on('message', (report: RunReport) => {
          reports.push(report);
          if (report.violation !== null) console.log(`seed ${report.seed}: ${report.violation}`);
        });
        worker.on('error', reject);
        worker.on('exit', () => {
          resolve();
        });
      });
    }
  };
  await Promise.all(Array.from({ length: threads }, thread));
  return reports.sort((a, b) => a.seed - b.seed);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '100' },
      'seed-base': { type: 'string', default: '1' },
      workers: { type: 'string', default: String(Math.min(2, os.availableParallelism())) },
      seed: { type: 'string' },
      first: { type: 'boolean', default: false },
    },
  });
  if (values.seed !== undefined) {
    await playOne(Number(values.seed));
    return;
  }
  const [base, seeds] = [Number(values['seed-base']), Number(values.seeds)];
  if (values.first) {
    await playUntilBroken(base, seeds);
    return;
  }
  const started = performance.now();
  const reports = await playAll(base, seeds, Number(values.workers));
  const seconds = (performance.now() - started) / 1000;
  const sum = (count: (report: RunReport) => number): number => reports.reduce((total, report) => total + count(report), 0);
  const violations = sum(({ violation }) => Number(violation !== null));
  const hash = createHash('sha256');
  for (const { traceHash } of reports) hash.update(traceHash);
  const counted = {
    events: sum((one) => one.events),
    reclaims: sum((one) => one.reclaims),
    staleRejected: sum((one) => one.staleRejected),
  };
  console.log(
    JSON.stringify({ seeds: reports.length, violations, ...counted, traceHash: hash.digest('hex'), seconds: Math.round(seconds) }),
  );
  process.exitCode = violations > 0 || reports.length < seeds ? 1 : 0;
}

if (isMainThread) await main();
else {
  const { base, count } = workerData as Share;
  for (let seed = base; seed < base + count; seed++) parentPort?.postMessage(await runSeed({ seed, keepTrace: false }));
}
