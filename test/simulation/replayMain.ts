/**
 * `npm run -s sim:replay -- --seeds N [--seed-base M]`: histories of the simulation played on a real PostgreSQL.
 * Prints one JSON object as its last line; exit code 1 when the two stores differ.
 */
import { parseArgs } from 'node:util';
import { startServer } from '../postgres/server.ts';
import { record, replay } from './replay.ts';

const { values } = parseArgs({ options: { seeds: { type: 'string', default: '20' }, 'seed-base': { type: 'string', default: '1' } } });
const base = Number(values['seed-base']);
const total = { seeds: 0, operations: 0, different: 0 };
const started = performance.now();
const server = await startServer();
try {
  for (let seed = base; seed < base + Number(values.seeds); seed++) {
    const steps = await record(seed);
    const difference = await replay(seed, steps, server.url());
    total.seeds += 1;
    total.operations += steps.length;
    if (!difference) continue;
    total.different += 1;
    const { step, name, args, expected, actual } = difference;
    console.log(`seed ${seed}, operation ${step}: ${name} ${args}\n  SQLite:     ${expected}\n  PostgreSQL: ${actual}`);
  }
} finally {
  await server.remove();
}
console.log(JSON.stringify({ ...total, seconds: Math.round((performance.now() - started) / 1_000) }));
process.exitCode = total.different > 0 ? 1 : 0;
