/** `npm test`: everything, one part after another. Ends with `N passed, N failed`; parts named as arguments run alone. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
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
interface Part {
  readonly name: string;
  readonly run: () => Promise<Outcome>;
}

const bin = (name: string) => path.join('node_modules', name);
const mocha = bin('mocha/bin/mocha.js');

/** A test process gets what it needs to find programs, and nothing of the person's. */
function environment(): NodeJS.ProcessEnv {
  const keep = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'TERM', 'CI', 'BELAY_CHROMIUM'];
  const kept = Object.fromEntries(keep.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
  // Tests start many processes from the same sources: each is taken in and compiled once.
  return { ...kept, NODE_COMPILE_CACHE: path.join(root, '.cache', 'compiled') };
}

/** No part takes longer where all is well; one that hangs must not take the others' results along. */
const partMs = 40 * 60_000;
/** How long output may come after the end of its process. A process that a test left behind holds it open for ever. */
const drainMs = 5_000;

async function node(args: readonly string[]): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env: environment() });
  const streams = [child.stdout, child.stderr];
  let output = '';
  for (const stream of streams) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
      process.stdout.write(chunk);
    });
  }
  const drained = Promise.all(streams.map((stream) => once(stream, 'close')));
  const overdue = setTimeout(() => {
    console.log(`\nended after ${partMs / 60_000} minutes`);
    child.kill('SIGKILL');
  }, partMs);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearTimeout(overdue);
  const drain = setTimeout(() => {
    console.log('\na process that was left behind holds the output open');
    for (const stream of streams) stream.destroy();
  }, drainMs);
  await drained;
  clearTimeout(drain);
  return { code: code ?? 1, output };
}

const saidCharacters = 4_000;
/** The outcome with the end of what was said, if it is a failure. */
const failure = (outcome: Outcome, output: string): Outcome =>
  outcome.failed === 0 ? outcome : { ...outcome, said: output.trim().slice(-saidCharacters) };

/** A tool that passes or fails as a whole. */
const check = (name: string, ...args: string[]): Part => ({
  name,
  run: async () => {
    const { code, output } = await node(args);
    return code === 0 ? { passed: 1, failed: 0 } : failure({ passed: 0, failed: 1 }, output);
  },
});

/** A mocha run, counted by its tests. One that dies counts as a failure more. */
const tests = (name: string, ...globs: string[]): Part => ({
  name,
  run: async () => {
    const { code, output } = await node([mocha, '--forbid-only', '--exit', '--timeout', '20000', ...globs]);
    const count = (word: string) => Number(new RegExp(`^\\s*(\\d+) ${word}`, 'mu').exec(output)?.[1] ?? 0);
    const failed = count('failing');
    const passed = count('passing');
    const outcome = { passed, failed: failed === 0 && (code !== 0 || passed === 0) ? 1 : failed };
    return failure(outcome, output.slice(Math.max(0, output.search(/^\s*\d+ failing/mu))));
  },
});

/** Faults planted one by one, counted by those that were found. */
const planted = (name: string, ...args: string[]): Part => ({
  name,
  run: async () => {
    const { code, output } = await node(args);
    const last = /^\{"planted":(\d+),"found":(\d+),.*\}$/mu.exec(output);
    const passed = Number(last?.[2] ?? 0);
    const failed = Number(last?.[1] ?? 0) - passed;
    return failure({ passed, failed: failed === 0 && (code !== 0 || passed === 0) ? 1 : failed }, output);
  },
});

const parts: readonly Part[] = [
  check('types', bin('typescript/bin/tsc'), '-p', 'tsconfig.json'),
  check('types of the page', bin('typescript/bin/tsc'), '-p', 'webview/tsconfig.json'),
  check('lint', bin('eslint/bin/eslint.js'), '.', '--max-warnings', '0'),
  check('format', bin('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.'),
  check('build', 'esbuild.config.mjs'),
  check('package', 'scripts/package.ts'),
  tests('unit', 'test/unit/**/*.test.ts'),
  planted('enforcement taken away', 'test/enforcement/mutantsMain.ts', '--patches-only'),
  tests('store', 'test/store/**/*.test.ts'),
  tests('postgres', 'test/postgres/*.test.ts'),
  tests('api', 'test/api/*.test.ts', 'test/fuzz/*.test.ts'),
  tests('simulation', 'test/simulation/**/*.test.ts'),
  tests('chaos', 'test/chaos/**/*.test.ts'),
  tests('panel page', 'test/webview/**/*.test.ts'),
  tests('real agents', 'test/agents/*.test.ts'),
  tests('command line', 'test/cli/**/*.test.ts'),
  tests('inside the editor', 'test/integration/**/*.test.ts'),
  tests('end to end', 'test/e2e/**/*.test.ts'),
];

const wanted = process.argv.slice(2);
let passed = 0;
let failed = 0;
const summary: string[] = [];
const failures: string[] = [];
for (const part of parts.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  console.log(`\n── ${part.name}`);
  const started = performance.now();
  const outcome = await part.run();
  passed += outcome.passed;
  failed += outcome.failed;
  if (outcome.said !== undefined) failures.push(`── failed in ${part.name}\n\n${outcome.said}\n`);
  summary.push(`${part.name}: ${outcome.passed} passed, ${outcome.failed} failed, ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
console.log(`\n${[...failures, ...summary].join('\n')}\n\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
