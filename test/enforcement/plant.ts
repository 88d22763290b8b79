/**
 * Enforcement that is taken away: each patch says in its first lines what it removes and which test fails then,
 *
 *     What no longer holds.
 *     Test: test/unit/….test.ts
 *     Title: words of the test's full title
 */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import * as os from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { inPatchedCopy, root, type Finding } from '../support/planted.ts';

export const ourPatches = path.join(import.meta.dirname, 'patches');
/** What the worker and its tests are made of. */
const sources = [
  ...['protocol', 'prompt', 'transport', 'client', 'platform', 'worker', 'scripts/bundles.ts', 'package.json'],
  ...[
    'test/unit/worker',
    'test/unit/client',
    'test/unit/transport',
    'test/unit/corpus/apart.test.ts',
    'test/corpus/apart',
    'test/builders',
    'test/fakes',
    'test/support',
  ],
];

/** A test by its file and by words that its full title contains. */
export interface NamedTest {
  readonly file: string;
  readonly title: string;
}

/** The test that a patch names. Throws when it names none. */
export function testOf(patch: string): NamedTest {
  const [head = ''] = readFileSync(patch, 'utf8').split('\ndiff ', 1);
  const said = (word: string): string | undefined => new RegExp(`^${word}: (.+)$`, 'mu').exec(head)?.[1];
  const file = said('Test');
  const title = said('Title');
  if (file === undefined || title === undefined) throw new Error(`${patch} names no test.`);
  return { file, title };
}

/** Takes the enforcement away and runs the one test that must fail. */
export async function tryPatch(patch: string): Promise<Finding> {
  const test = testOf(patch);
  return await inPatchedCopy(patch, sources, async (copy) => {
    const { ran, said } = await run(copy, [test]);
    const failed = ran.find((entry) => entry.failed !== null);
    // A patch that leaves nothing to run says nothing of the test.
    if (ran.length === 0) return { outcome: 'broken', what: `no test ran: ${said.trim().slice(-500)}` };
    if (failed === undefined) return { outcome: 'missed', what: `${test.file} does not fail` };
    return { outcome: 'found', what: `${failed.title}: ${failed.failed?.split('\n', 1)[0]?.slice(0, 160) ?? ''}` };
  });
}

/** What is wrong with the named tests where nothing was taken away: they have to be there, and to pass. */
export async function unfit(tests: readonly NamedTest[]): Promise<readonly string[]> {
  return problemsOf(tests, await run(root, tests));
}

/** Which of the named tests are not there. Runs none. */
export async function absent(tests: readonly NamedTest[]): Promise<readonly string[]> {
  return problemsOf(tests, await run(root, tests, '--dry-run'));
}

function problemsOf(
  tests: readonly NamedTest[],
  { ran, said }: { readonly ran: readonly Ran[]; readonly said: string },
): readonly string[] {
  const failed = ran.flatMap((entry) => (entry.failed === null ? [] : [`fails by itself: ${entry.title}: ${entry.failed}`]));
  const gone = tests.filter(({ file, title }) => !ran.some((entry) => entry.file === file && entry.title.includes(title)));
  const problems = [...failed, ...gone.map(({ file, title }) => `is not there: ${file}: ${title}`)];
  return ran.length === 0 ? [said.trim().slice(-2000)] : [...new Set(problems)];
}

/** Why a patch does not apply to the sources as they are. */
export function whyNotApplied(patch: string): string[] {
  const { status, stderr } = spawnSync('git', ['apply', '--check', patch], { cwd: root, encoding: 'utf8' });
  return status === 0 ? [] : [`${path.basename(patch)} does not apply: ${stderr.trim()}`];
}

const Report = z.object({
  tests: z.array(z.object({ file: z.string().nullish(), fullTitle: z.string() })),
  failures: z.array(z.object({ file: z.string().nullish(), fullTitle: z.string(), err: z.object({ message: z.string().optional() }) })),
});
interface Ran {
  readonly file: string;
  readonly title: string;
  /** Why it failed. */
  readonly failed: string | null;
}

/** Runs these tests of the sources in `folder`, in a process of its own. */
async function run(
  folder: string,
  tests: readonly NamedTest[],
  ...further: readonly string[]
): Promise<{ ran: readonly Ran[]; said: string }> {
  const place = mkdtempSync(path.join(os.tmpdir(), 'belay-report-'));
  const output = path.join(place, 'report.json');
  const titles = tests.map(({ title }) => title.replaceAll(/[.*+?^${}()|[\]\\]/gu, '\\$&')).join('|');
  const args = ['--exit', '--forbid-only', '--timeout', '20000', '--grep', titles, ...further];
  const report = ['--reporter', 'json', '--reporter-option', `output=${output}`];
  try {
    const said = await new Promise<string>((resolve) => {
      const mocha = path.join(root, 'node_modules/mocha/bin/mocha.js');
      const files = [...new Set(tests.map(({ file }) => file))];
      // Programs are made of the sources in the folder, whatever else is at hand.
      const options = { cwd: folder, maxBuffer: 1 << 26, env: { ...process.env, BELAY_PROGRAMS: undefined } };
      execFile(process.execPath, [mocha, ...args, ...report, ...files], options, (_error, _out, errors) => {
        resolve(errors);
      });
    });
    return { ran: readReport(output, folder), said };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** Nothing where mocha wrote no report, since it could not load a file. */
function readReport(output: string, folder: string): Ran[] {
  let text: string;
  try {
    text = readFileSync(output, 'utf8');
  } catch {
    return [];
  }
  const { tests, failures } = Report.parse(JSON.parse(text));
  const why = new Map(failures.map(({ fullTitle, err }) => [fullTitle, err.message ?? '']));
  // A hook that fails is a failure of the tests it belongs to, which then do not run.
  return [...tests, ...failures].map(({ file, fullTitle }) => ({
    file: file ? path.relative(folder, file) : '',
    title: fullTitle,
    failed: why.get(fullTitle) ?? null,
  }));
}
