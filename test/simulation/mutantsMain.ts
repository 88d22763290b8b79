/**
 * `npm run -s sim:mutants -- [--dir FOLDER] [--seeds N] [--seed-base M]`: applies every patch of the folder (ours, if none
 * is named) to a copy of the sources and plays at most N seeds with it. Prints one JSON object as its last line; exit
 * code 1 when a planted fault was not found or a patch does not apply.
 */
import * as os from 'node:os';
import { parseArgs } from 'node:util';
import { ourPatches, patchesIn, tryPatch, type Trial } from './plant.ts';

const { values } = parseArgs({
  options: {
    dir: { type: 'string', default: ourPatches },
    seeds: { type: 'string', default: '3000' },
    'seed-base': { type: 'string', default: '1' },
    workers: { type: 'string', default: String(Math.min(2, os.availableParallelism())) },
  },
});
const started = performance.now();
const waiting = patchesIn(values.dir);
const planted = waiting.length;
const trials: Trial[] = [];
const worker = async (): Promise<void> => {
  for (let patch = waiting.shift(); patch; patch = waiting.shift()) {
    const trial = await tryPatch(patch, Number(values['seed-base']), Number(values.seeds));
    trials.push(trial);
    console.log(`${trial.name}: ${trial.outcome}${trial.seed === null ? '' : ` by seed ${trial.seed}`}: ${trial.what}`);
  }
};
await Promise.all(Array.from({ length: Number(values.workers) }, worker));
const named = (outcome: Trial['outcome']): string[] => trials.filter((one) => one.outcome === outcome).map(({ name }) => name);
const found = named('found').length;
const seconds = Math.round((performance.now() - started) / 1_000);
console.log(JSON.stringify({ planted, found, missed: named('missed'), broken: named('broken'), seconds }));
process.exitCode = planted > 0 && found === planted ? 0 : 1;
