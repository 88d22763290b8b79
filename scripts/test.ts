/** `npm test`: everything, two parts at a time. Ends with `N passed, N failed`; parts named as arguments run alone. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
mkdirSync('test-results', { recursive: true });

interface Outcome {
  readonly passed: number;
  readonly failed: number;
  /** What a failure said. It stands again at the end, for a log of which only the end is kept. */
  readonly said?: string;
}
type Say = (text: string) => void;
interface Part {
  readonly name: string;
  readonly run: (say: Say) => Promise<Outcome>;
}

const bin = (name: string) => path.join('node_modules', name);
const mocha = bin('mocha/bin/mocha.js');

/** Whether what ships was made in this run. */
let built = false;

/** A test process gets what it needs to find programs, and nothing of the person's. */
function environment(): NodeJS.ProcessEnv {
  const keep = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'TERM', 'CI', 'BELAY_CHROMIUM'];
  const kept = Object.fromEntries(keep.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
  // Tests start many processes from the same sources: each is taken in and compiled once.
  const compiled = { NODE_COMPILE_CACHE: path.join(root, '.cache', 'compiled') };
  return { ...kept, ...compiled, ...(built && { BELAY_PROGRAMS: path.join(root, 'dist') }) };
}

/** No part takes longer where all is well; one that hangs must not take the others' results along. */
const partMs = 40 * 60_000;
/** How long output may come after the end of its process. A process that a test left behind holds it open for ever. */
const drainMs = 5_000;

interface Run {
  readonly code: number;
  readonly output: string;
}
async function node(say: Say, args: readonly string[]): Promise<Run> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env: environment() });
  const streams = [child.stdout, child.stderr];
  let output = '';
  for (const stream of streams) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      say(text);
    });
  }
  const drained = Promise.all(streams.map((stream) => once(stream, 'close')));
  const overdue = setTimeout(() => {
    say(`\nended after ${partMs / 60_000} minutes\n`);
    child.kill('SIGKILL');
  }, partMs);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearTimeout(overdue);
  const drain = setTimeout(() => {
    say('\na process that was left behind holds the output open\n');
    for (const stream of streams) stream.destroy();
  }, drainMs);
  await drained;
  clearTimeout(drain);
  return { code: code ?? 1, output };
}

const saidCharacters = 4_000;
/** A part that died, or in which nothing passed, counts as a failure more. */
function outcomeOf({ code, output }: Run, passed: number, failed: number, said = output): Outcome {
  const fell = failed === 0 && (code !== 0 || passed === 0) ? 1 : failed;
  return { passed, failed: fell, ...(fell > 0 && { said: said.trim().slice(-saidCharacters) }) };
}

/** A tool that passes or fails as a whole. */
const check = (name: string, ...args: string[]): Part => ({
  name,
  run: async (say) => {
    const run = await node(say, args);
    return outcomeOf(run, run.code === 0 ? 1 : 0, 0);
  },
});

/** A mocha run, counted by its tests. */
const tests = (name: string, ...globs: string[]): Part => ({
  name,
  run: async (say) => {
    const run = await node(say, [mocha, '--forbid-only', '--exit', '--timeout', '20000', ...globs]);
    const count = (word: string) => Number(new RegExp(`^\\s*(\\d+) ${word}`, 'mu').exec(run.output)?.[1] ?? 0);
    const from = Math.max(0, run.output.search(/^\s*\d+ failing/mu));
    return outcomeOf(run, count('passing'), count('failing'), run.output.slice(from));
  },
});

/** Faults planted one by one, counted by those that were found. */
const planted = (name: string, ...args: string[]): Part => ({
  name,
  run: async (say) => {
    const run = await node(say, args);
    const [, all = 0, found = 0] = /^\{"planted":(\d+),"found":(\d+),.*\}$/mu.exec(run.output) ?? [];
    return outcomeOf(run, Number(found), Number(all) - Number(found));
  },
});

const build = check('build', 'esbuild.config.mjs');
/** One by one, before the others, which start what these make. */
const alone: readonly Part[] = [build, check('package', 'scripts/package.ts')];
/** Each has its own folders, servers and database. The longest come first, so that the lanes end together. */
const parts: readonly Part[] = [
  tests('runs', 'test/unit/worker/run/**/*.test.ts'),
  // Pictures are for people: `npm run e2e` takes them.
  tests('end to end', 'test/e2e/**/*.test.ts', '--ignore', 'test/e2e/pictures.test.ts'),
  tests('unit', 'test/unit/**/*.test.ts', '--ignore', 'test/unit/worker/run/**'),
  tests('panel page', 'test/webview/**/*.test.ts'),
  planted('enforcement taken away', 'test/enforcement/mutantsMain.ts', '--short'),
  tests('postgres', 'test/postgres/*.test.ts'),
  tests('inside the editor', 'test/integration/**/*.test.ts'),
  tests('api', 'test/api/*.test.ts', 'test/fuzz/*.test.ts'),
  tests('command line', 'test/cli/**/*.test.ts'),
  check('house', 'scripts/checkHouse.ts'),
  tests('nothing forgotten', 'test/reflection/*.test.ts'),
  planted('forgotten on purpose', 'test/omissions/main.ts', '--short'),
  tests('real agents', 'test/agents/*.test.ts'),
  tests('simulation', 'test/simulation/**/*.test.ts'),
  tests('chaos', 'test/chaos/**/*.test.ts'),
  check('types', bin('typescript/bin/tsc'), '-p', 'tsconfig.json'),
  check('format', bin('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.'),
  check('lint', bin('eslint/bin/eslint.js'), '.', '--max-warnings', '0'),
  tests('store', 'test/store/**/*.test.ts'),
  check('types of the page', bin('typescript/bin/tsc'), '-p', 'webview/tsconfig.json'),
];

const wanted = process.argv.slice(2);
const chosen = (from: readonly Part[]): Part[] => from.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
let passed = 0;
let failed = 0;
const summary: string[] = [];
const failures: string[] = [];

/** A part that runs alone is heard while it runs; one beside another, as one piece when it has ended. */
async function runPart(part: Part, live: boolean): Promise<void> {
  const write: Say = (text) => process.stdout.write(text);
  const kept: string[] = [`\n── ${part.name}\n`];
  const say: Say = live ? write : (text) => kept.push(text);
  if (live) write(kept.join(''));
  else console.log(`(${part.name} …)`);
  const started = performance.now();
  const outcome = await part.run(say);
  if (!live) write(kept.join(''));
  passed += outcome.passed;
  failed += outcome.failed;
  if (outcome.said !== undefined) failures.push(`── failed in ${part.name}\n\n${outcome.said}\n`);
  summary.push(`${part.name}: ${outcome.passed} passed, ${outcome.failed} failed, ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

for (const part of chosen(alone)) await runPart(part, true);
built = chosen(alone).includes(build) && failed === 0;
const waiting = chosen(parts);
const lanes = Math.min(2, availableParallelism(), waiting.length);
const lane = async (): Promise<void> => {
  for (let part = waiting.shift(); part; part = waiting.shift()) await runPart(part, lanes === 1);
};
await Promise.all(Array.from({ length: lanes }, lane));
console.log(`\n${[...failures, ...summary].join('\n')}\n\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
