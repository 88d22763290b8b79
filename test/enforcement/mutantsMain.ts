/**
 * `npm run -s policy:mutants -- [NAME …]`: takes each enforcement away (those named, else all) in a copy of the sources
 * and runs the test that must fail then. Prints one JSON object as its last line; exit code 1 when a test does not
 * fail, when it fails by itself, or when a patch does not apply. `--short`, for where all tests run as well, tries a third,
 * which one the commit decides, and of the others that they apply and that their tests are there.
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { nameOf, patchesIn, tryAll } from '../support/planted.ts';
import { absent, ourPatches, testOf, tryPatch, unfit, whyNotApplied } from './plant.ts';

const { values, positionals: names } = parseArgs({ allowPositionals: true, options: { short: { type: 'boolean' } } });
const patches = patchesIn(ourPatches).filter((patch) => names.length === 0 || names.includes(nameOf(patch)));
const head = (): number => Number.parseInt(execFileSync('git', ['rev-parse', '--short=7', 'HEAD'], { encoding: 'utf8' }), 16);
const share = 3;
const turn = values.short ? head() % share : 0;
const tried = values.short ? patches.filter((_, index) => index % share === turn) : patches;
const problems = values.short
  ? [...patches.flatMap(whyNotApplied), ...(await absent(patches.map(testOf)))]
  : await unfit(patches.map(testOf));
for (const problem of problems) console.log(problem);
const all = await tryAll(tried, 2, tryPatch);
process.exitCode = all && problems.length === 0 ? 0 : 1;
