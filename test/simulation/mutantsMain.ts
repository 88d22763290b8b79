/**
 * `npm run -s sim:mutants -- [--dir FOLDER] [--seeds N] [--seed-base M]`: applies every patch of the folder (ours, if none
 * is named) to a copy of the sources and plays at most N seeds with it. Prints one JSON object as its last line; exit
 * code 1 when a planted fault was not found or a patch does not apply.
 */
import * as os from 'node:os';
import { parseArgs } from 'node:util';
import { patchesIn, tryAll } from '../support/planted.ts';
import { ourPatches, tryPatch } from './plant.ts';

const { values } = parseArgs({
  options: {
    dir: { type: 'string', default: ourPatches },
    seeds: { type: 'string', default: '3000' },
    'seed-base': { type: 'string', default: '1' },
    workers: { type: 'string', default: String(Math.min(2, os.availableParallelism())) },
  },
});
const all = await tryAll(patchesIn(values.dir), Number(values.workers), (patch) =>
  tryPatch(patch, Number(values['seed-base']), Number(values.seeds)),
);
process.exitCode = all ? 0 : 1;
