/**
 * `npm run -s bench:cli`: how long `belay` takes beside a Node that does nothing, as one JSON line. Each ratio is of medians; the
 * calls take turns, so that all of them meet the same machine.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { connectEmbedded } from '../../client/embedded.ts';
import manifest from '../../package.json' with { type: 'json' };
import { removeTempFolders, tempFolder } from '../support/repository.ts';
import { median } from './figures.ts';

const rounds = 20;
const dist = path.resolve(import.meta.dirname, '../../dist');
const belay = path.join(dist, 'belay.mjs');

/** A platform with so many open items of mine, as a long-used one has them. */
async function platformWith(count: number): Promise<{ readonly stateDir: string; readonly pid: number }> {
  const stateDir = tempFolder('belay-bench-');
  const connection = await connectEmbedded({
    stateDir,
    program: 'bench',
    version: manifest.version,
    platformBundle: path.join(dist, 'platform.mjs'),
    idleMs: 3_600_000,
  });
  const { api, about } = connection;
  for (let made = 0; made < count;) {
    const batch = Array.from({ length: Math.min(50, count - made) }, (_, n) =>
      api.createItem({
        body: {
          kind: n % 3 === 0 ? 'bug' : 'todo',
          title: `Item ${made + n} of many, with a title of usual length`,
          description: 'What is wrong, and how to see it.\n'.repeat(20),
          assigneeIds: [about.memberId],
        },
      }),
    );
    await Promise.all(batch);
    made += batch.length;
  }
  connection.close();
  return { stateDir, pid: about.pid };
}

/** From the start of the process to the end of its output. */
async function timed(args: readonly string[], stateDir: string, lines: number): Promise<number> {
  const begin = performance.now();
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: stateDir, BELAY_STATE_DIR: stateDir },
  });
  let said = 0;
  let beside = '';
  child.stderr.on('data', (chunk: Buffer) => (beside += chunk.toString('utf8')));
  child.stdout.on('data', (chunk: Buffer) => {
    for (const byte of chunk) if (byte === 10) said += 1;
  });
  const [code] = (await once(child, 'close')) as [number];
  const took = performance.now() - begin;
  if (code !== 0 || said < lines) throw new Error(`${args.join(' ')} ended with ${code} after ${said} lines: ${beside}`);
  return took;
}

const few = await platformWith(30);
const many = await platformWith(10_000);
try {
  const calls = {
    bare: () => timed(['-e', '0'], few.stateDir, 0),
    help: () => timed([belay, '--help'], few.stateDir, 20),
    itemsWarm: () => timed([belay, 'items'], few.stateDir, 30),
    items10k: () => timed([belay, 'items'], many.stateDir, 200),
    items10kAll: () => timed([belay, 'items', '--limit', 'all'], many.stateDir, 10_000),
  };
  const names = Object.keys(calls) as (keyof typeof calls)[];
  const took = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<keyof typeof calls, number[]>;
  for (const name of names) await calls[name]();
  for (let round = 0; round < rounds; round += 1) for (const name of names) took[name].push(await calls[name]());
  const bare = median(took.bare);
  const ratio = (name: keyof typeof calls) => Number((median(took[name]) / bare).toFixed(2));
  console.log(
    JSON.stringify({
      helpRatio: ratio('help'),
      itemsWarmRatio: ratio('itemsWarm'),
      items10kRatio: ratio('items10k'),
      items10kAllRatio: ratio('items10kAll'),
      bareNodeMs: Number(bare.toFixed(1)),
      rounds,
    }),
  );
} finally {
  for (const { pid } of [few, many]) process.kill(pid, 'SIGTERM');
  removeTempFolders();
}
