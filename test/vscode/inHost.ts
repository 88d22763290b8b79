/**
 * Runs mocha inside the real extension host, with an extension under development, and gives its results.
 * From a terminal: `node scripts/node.mjs test/vscode/inHost.ts FILE.test.ts …` tests this project's extension.
 */
import { build } from 'esbuild';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { launchChromium } from './chromium.ts';
import { folderUrl, startEditor } from './server.ts';

const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));

export interface InHostOptions {
  /** TypeScript files with mocha tests; they may import `vscode`. Each is bundled by itself. */
  readonly tests: readonly string[];
  /** Folder of the extension under test, built. */
  readonly extension: string;
  /** The folder that the editor opens. */
  readonly workspace: string;
  /** For the editor's data, the bundles and the results; must exist. */
  readonly scratch: string;
  readonly home: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Only tests whose full title contains this. */
  readonly only?: string;
  /** Of one test; the default is 60 s. */
  readonly testTimeoutMs?: number;
  /** Of the whole run, the editor's start included; the default is 6 min. */
  readonly timeoutMs?: number;
  /** Gets each line that the tests print. */
  readonly print?: (line: string) => void;
}

export interface InHostTest {
  readonly title: string;
  readonly state: 'passed' | 'failed' | 'pending';
  readonly ms: number;
  /** Of a failed test: the error with its stack. */
  readonly error: string | null;
}
export interface InHostResult {
  readonly passed: number;
  readonly failed: number;
  readonly tests: readonly InHostTest[];
  /** 0 when at least one test ran and none failed. */
  readonly exitCode: number;
}

/** Starts an editor, runs the tests in its extension host, and stops it. Throws when the run itself breaks. */
export async function runInHost(options: InHostOptions): Promise<InHostResult> {
  const bundles = path.join(options.scratch, 'bundles');
  const results = path.join(options.scratch, 'results.json');
  mkdirSync(bundles, { recursive: true });
  rmSync(results, { force: true });
  const files = await bundleTests(options.tests, bundles);
  const entry = path.join(bundles, 'entry.cjs');
  writeFileSync(entry, entryProgram(files, results, options));

  const editor = await startEditor({
    folder: path.join(options.scratch, 'editor'),
    vsix: [],
    home: options.home,
    workspaceTrust: false,
    smokeTestDriver: true,
    ...(options.environment && { environment: options.environment }),
    ...(options.settings && { settings: options.settings }),
  });
  const browser = await launchChromium();
  try {
    const page = await (await browser.newContext({ viewport: { width: 1400, height: 900 } })).newPage();
    const ended = new Promise<number>((resolve) => {
      void page.exposeFunction('codeAutomationExit', (code: number) => {
        resolve(code);
      });
    });
    await page.exposeFunction('codeAutomationLog', (_type: string, args: unknown[]) => {
      options.print?.(args.map((part) => (typeof part === 'string' ? part : JSON.stringify(part))).join(' '));
    });
    const remote = (file: string): string => `vscode-remote://127.0.0.1:${editor.port}${file}`;
    const payload = [
      ['extensionDevelopmentPath', remote(options.extension)],
      ['extensionTestsPath', remote(entry)],
      ['skipWelcome', 'true'],
    ] as const;
    await page.goto(folderUrl(editor, options.workspace, payload));
    await withDeadline(
      ended,
      options.timeoutMs ?? 360_000,
      () => `The tests in the extension host did not end. The editor's log is ${editor.logFile}.`,
    );
  } finally {
    await browser.close();
    await editor.stop();
  }
  if (!existsSync(results)) throw new Error(`The tests ended without results. The editor's log is ${editor.logFile}.`);
  return summary(JSON.parse(readFileSync(results, 'utf8')) as InHostTest[]);
}

async function bundleTests(tests: readonly string[], folder: string): Promise<string[]> {
  const files = tests.map((test, index) => ({ test, file: path.join(folder, `${index}-${path.basename(test, '.ts')}.cjs`) }));
  await Promise.all(
    files.map(({ test, file }) =>
      build({
        entryPoints: [test],
        outfile: file,
        bundle: true,
        platform: 'node',
        target: 'node22',
        format: 'cjs',
        external: ['vscode'],
        logLevel: 'warning',
      }),
    ),
  );
  return files.map(({ file }) => file);
}

/** What the extension host loads. Written in its module format, beside the bundles. */
function entryProgram(files: readonly string[], results: string, options: InHostOptions): string {
  const mocha = createRequire(import.meta.url).resolve('mocha');
  const settings = {
    ui: 'bdd',
    color: false,
    reporter: 'spec',
    forbidOnly: true,
    timeout: options.testTimeoutMs ?? 60_000,
    fgrep: options.only,
  };
  return `'use strict';
const fs = require('node:fs');
exports.run = async () => {
  const loaded = require(${JSON.stringify(mocha)});
  const Mocha = loaded.default ?? loaded;
  const mocha = new Mocha(${JSON.stringify(settings)});
  for (const file of ${JSON.stringify(files)}) mocha.addFile(file);
  const tests = [];
  const add = (test, state, error) => tests.push({ title: test.fullTitle(), state, ms: test.duration ?? 0, error: error ? String(error.stack ?? error) : null });
  try {
    await new Promise((resolve) => {
      const runner = mocha.run(resolve);
      runner.on('pass', (test) => add(test, 'passed'));
      runner.on('pending', (test) => add(test, 'pending'));
      runner.on('fail', (test, error) => add(test, 'failed', error));
    });
  } catch (error) {
    tests.push({ title: 'loading the tests', state: 'failed', ms: 0, error: String(error.stack ?? error) });
  }
  fs.writeFileSync(${JSON.stringify(results)}, JSON.stringify(tests));
};
`;
}

function summary(tests: readonly InHostTest[]): InHostResult {
  const passed = tests.filter(({ state }) => state === 'passed').length;
  const failed = tests.filter(({ state }) => state === 'failed').length;
  return { passed, failed, tests, exitCode: failed === 0 && passed > 0 ? 0 : 1 };
}

async function withDeadline<T>(promise: Promise<T>, ms: number, message: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(message()));
    }, ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const scratch = mkdtempSync(path.join(tmpdir(), 'belay-in-host-'));
  const made = (name: string): string => {
    mkdirSync(path.join(scratch, name));
    return path.join(scratch, name);
  };
  try {
    const home = made('home');
    const result = await runInHost({
      tests: process.argv.slice(2).map((file) => path.resolve(file)),
      extension: root,
      workspace: made('workspace'),
      scratch,
      home,
      environment: { BELAY_STATE_DIR: path.join(scratch, 'state') },
      print: console.log,
    });
    for (const { title, error } of result.tests.filter(({ state }) => state === 'failed')) console.log(`\n${title}\n${error ?? ''}`);
    console.log(`\n  ${result.passed} passing\n  ${result.failed} failing`);
    process.exitCode = result.exitCode;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
