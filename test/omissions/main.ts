/**
 * `npm run -s check:omissions [-- NAME …]`: plants each change of `cases/` that forgets something into a copy of the tree, where
 * `npm run check` must find it and name the file to edit. Prints one JSON object as its last line; exit code 1 unless all were
 * found. `--short`, for where all tests run, tries a few of those that need no compiler; which ones, the commit decides.
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { omissions } from './cases.ts';
import { ScratchTree } from './plant.ts';

const shortCases = 4;
const { values, positionals: names } = parseArgs({ allowPositionals: true, options: { short: { type: 'boolean' } } });
const named = omissions.filter(({ name, by }) => (names.length === 0 ? !values.short || by === undefined : names.includes(name)));
const head = (): number => Number.parseInt(execFileSync('git', ['rev-parse', '--short=7', 'HEAD'], { encoding: 'utf8' }), 16);
const step = values.short ? Math.ceil(named.length / shortCases) : 1;
const turn = values.short ? head() % step : 0;
const tried = named.filter((_, index) => index % step === turn);

const tree = new ScratchTree(values.short ? ['nothing forgotten', 'house'] : []);
const missed: string[] = [];
let slowest = 0;
try {
  for (const line of await tree.warmUp()) console.log(`before anything was planted: ${line}`);
  for (const omission of tried) {
    const { found, what, seconds } = await tree.tryOmission(omission);
    slowest = Math.max(slowest, seconds);
    if (!found) missed.push(omission.name);
    console.log(`${omission.name}: ${found ? 'found' : 'missed'} in ${seconds.toFixed(1)} s: ${what}`);
  }
} finally {
  tree.remove();
}
const found = tried.length - missed.length;
console.log(JSON.stringify({ planted: tried.length, found, slowestS: Math.ceil(slowest), missed }));
process.exitCode = tried.length > 0 && missed.length === 0 ? 0 : 1;
