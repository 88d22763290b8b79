/**
 * `npm run -s policy:mutants -- [NAME …]`: takes each enforcement away (those named, else all) in a copy of the sources
 * and runs the test that must fail then. Prints one JSON object as its last line; exit code 1 when a test does not
 * fail, when it fails by itself, or when a patch does not apply. `--patches-only` is for where all tests ran just before.
 */
import { parseArgs } from 'node:util';
import { nameOf, patchesIn, tryAll } from '../support/planted.ts';
import { ourPatches, testOf, tryPatch, unfit } from './plant.ts';

const { values, positionals: names } = parseArgs({ allowPositionals: true, options: { 'patches-only': { type: 'boolean' } } });
const patches = patchesIn(ourPatches).filter((patch) => names.length === 0 || names.includes(nameOf(patch)));
const problems = values['patches-only'] ? [] : await unfit(patches.map(testOf));
for (const problem of problems) console.log(problem);
const all = await tryAll(patches, 2, tryPatch);
process.exitCode = all && problems.length === 0 ? 0 : 1;
