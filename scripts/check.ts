/**
 * `npm run check`: types, lint, format, the house and what must not be forgotten, in less than a minute. What was checked before
 * and did not change since is not checked again. Tells of each part that failed; exit code 1 if one did. Parts named as arguments run alone.
 */
import { execFile } from 'node:child_process';
import { globSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
mkdirSync('.cache', { recursive: true });

const bin = (name: string): string => path.join('node_modules', name);
const types = (project: string, name: string): string[] => [
  bin('typescript/bin/tsc'),
  ...['-p', project, '--pretty', 'false', '--incremental', '--tsBuildInfoFile', `.cache/${name}.tsbuildinfo`],
];
const known = (name: string): string[] => ['--cache', '--cache-strategy', 'content', '--cache-location', `.cache/${name}`];
/** Quick tests that read the sources and say what was left out. */
const reflection = [
  'test/reflection/*.test.ts',
  'test/cli/everyCommand.test.ts',
  'test/unit/docs/*.test.ts',
  'test/unit/platform/authorize.test.ts',
  'test/unit/worker/agents/registry.test.ts',
];

/** What says most soonest, then the longest. */
const parts: Readonly<Record<string, readonly string[]>> = {
  'nothing forgotten': [bin('mocha/bin/mocha.js'), '--forbid-only', '--exit', '--timeout', '20000', ...globSync(reflection)],
  types: types('tsconfig.json', 'types'),
  'types of the page': types('webview/tsconfig.json', 'pageTypes'),
  house: ['scripts/checkHouse.ts'],
  lint: [bin('eslint/bin/eslint.js'), '.', '--max-warnings', '0', ...known('eslint')],
  format: [bin('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.', ...known('prettier')],
};

const wanted = process.argv.slice(2);
const waiting = Object.entries(parts).filter(([name]) => wanted.length === 0 || wanted.includes(name));
const failed: string[] = [];
async function lane(): Promise<void> {
  for (let part = waiting.shift(); part; part = waiting.shift()) {
    const [name, args] = part;
    const started = performance.now();
    const { code, said } = await new Promise<{ code: number; said: string }>((resolve) => {
      execFile(process.execPath, [...args], { maxBuffer: 1 << 26 }, (error, out, errors) => {
        resolve({ code: error ? 1 : 0, said: `${out}${errors}` });
      });
    });
    if (code !== 0) failed.push(name);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(code === 0 ? `${name}: well, ${seconds} s` : `${name}: ${seconds} s\n\n${said.trim()}\n`);
  }
}
await Promise.all([lane(), lane()]);
console.log(failed.length === 0 ? 'all well' : `not well: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
