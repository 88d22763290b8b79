/**
 * `npm run -s bench:claims`: how fast sessions are claimed and completed on a real PostgreSQL with durable commits,
 * beside the statements alone and beside two job queues on the same server. Ratios are of one run, medians of the
 * rounds. Prints one JSON object as its last line. Needs `pgbench`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import * as os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { openPostgresStore } from '../../platform/store/postgres/open.ts';
import { openSqliteStore } from '../../platform/store/sqlite/open.ts';
import { graphileRate, pgBossRate } from '../postgres/queues.ts';
import { startServer } from '../postgres/server.ts';
import { httpFor } from './claims/http.ts';
import { pgbench, plainScript, plainTable, rawScript } from './claims/statements.ts';
import { empty, inFlight, oursFor, queueMore, refill, settings, stageOf, template } from './claims/stage.ts';
import { median, percentile } from './figures.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    /** How long the transaction that keeps dead rows alive stays open. */
    'pinned-seconds': { type: 'string', default: '120' },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const pinnedSeconds = Number(values['pinned-seconds']);
/** More than any round takes: a queue that runs empty ends the run. */
const mostPerS = 10_000;
const folder = mkdtempSync(path.join(os.tmpdir(), 'belay-bench-'));

const server = await startServer({ durable: true });
try {
  const url = server.url();
  const admin = new Client(url);
  // It ends with the server when a round fails; what that says is the error to see.
  admin.on('error', () => {});
  await admin.connect();
  const { store } = await openPostgresStore({ ...settings, url, clock: 'database', connections: inFlight });
  const stage = await stageOf(store);
  const sessions = Math.ceil(seconds * mostPerS);
  const rates: Record<'plain' | 'raw' | 'ours' | 'graphile' | 'graphileSameWork' | 'pgBoss', number[]> = {
    plain: [],
    raw: [],
    ours: [],
    graphile: [],
    graphileSameWork: [],
    pgBoss: [],
  };
  const claimMs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const statement of plainTable.split(';')) await admin.query(statement);
    rates.plain.push(await pgbench(url, plainScript, seconds));
    await empty(admin);
    await refill(admin, await template(stage), sessions);
    rates.raw.push(await pgbench(url, rawScript(stage), seconds));
    const { rows } = await admin.query<{ n: number }>("SELECT COUNT(*)::int AS n FROM belay.session WHERE state = 'complete'");
    if ((rows[0]?.n ?? 0) < (rates.raw.at(-1) ?? 0) * seconds * 0.9) throw new Error('pgbench counted what did not happen.');
    await empty(admin);
    await refill(admin, await template(stage), sessions);
    const ours = await oursFor(seconds * 1_000, stage);
    rates.ours.push(ours.perS);
    claimMs.push(...ours.claimMs);
    rates.graphile.push(await graphileRate(url, inFlight, seconds * 1_000));
    rates.graphileSameWork.push(await graphileRate(url, inFlight, seconds * 1_000, { sameWork: true }));
    rates.pgBoss.push(await pgBossRate(url, inFlight, seconds * 1_000));
    console.log(JSON.stringify(Object.fromEntries(Object.entries(rates).map(([name, all]) => [name, Math.round(all.at(-1) ?? 0)]))));
  }

  /**
   * With that many waiting: what was taken is queued again after each 80 claims, which are far fewer or are all there are.
   * The first parts find tables that were just emptied, and are not counted.
   */
  const p99Of = async (queued: number): Promise<number> => {
    await empty(admin);
    await refill(admin, await template(stage), queued);
    const claimMs: number[] = [];
    for (let part = -3; part < 75; part++) {
      const taken = await oursFor(60_000, stage, 80);
      if (part >= 0) claimMs.push(...taken.claimMs);
      await queueMore(admin, await template(stage), 80);
    }
    return percentile(claimMs, 99);
  };
  const few: number[] = [];
  const many: number[] = [];
  for (let round = 0; round < rounds; round++) {
    few.push(await p99Of(100));
    many.push(await p99Of(100_000));
    console.log(JSON.stringify({ p99At100: few.at(-1), p99At100k: many.at(-1) }));
  }
  const [p99At100, p99At100k] = [median(few), median(many)];

  await empty(admin);
  await refill(admin, await template(stage), Math.ceil(pinnedSeconds * Math.max(...rates.ours) * 1.2));
  const pin = new Client(url);
  await pin.connect();
  await pin.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  await pin.query('SELECT COUNT(*) FROM belay.workspace');
  if (pinnedSeconds > 5) await oursFor((pinnedSeconds - 5) * 1_000, stage);
  const pinned = await oursFor(5_000, stage);
  await pin.query('ROLLBACK');
  await pin.end();
  await store.close();
  await admin.end();

  const ours = median(rates.ours);
  const ratio = (name: keyof typeof rates): number =>
    Number(median(rates.ours.map((rate, round) => rate / (rates[name][round] ?? 1))).toFixed(2));
  const overHttp = await httpFor(seconds * 1_000, rounds);
  const sqlite = openSqliteStore({ ...settings, file: path.join(folder, 'bench.db') });
  const small = await stageOf(sqlite);
  for (let made = 0; made < 3_000; made++)
    await sqlite.createSession(small.call, {
      itemId: null,
      title: 't',
      agentId: small.agentId,
      mode: 'code',
      repositoryId: null,
      prompt: { kind: 'sections', sections: [] },
      folder: '',
    });
  const onSqlite = await oursFor(1_000, small);
  await sqlite.close();
  const ms = (value: number): number => Number(value.toFixed(2));
  console.log(
    JSON.stringify({
      rawPerS: Math.round(median(rates.raw)),
      plainPerS: Math.round(median(rates.plain)),
      oursPerS: Math.round(ours),
      graphilePerS: Math.round(median(rates.graphile)),
      graphileSameWorkPerS: Math.round(median(rates.graphileSameWork)),
      pgBossPerS: Math.round(median(rates.pgBoss)),
      ratioRaw: ratio('raw'),
      ratioPlain: ratio('plain'),
      ratioGraphile: ratio('graphile'),
      ratioGraphileSameWork: ratio('graphileSameWork'),
      ratioPgBoss: ratio('pgBoss'),
      claimP50Ms: ms(percentile(claimMs, 50)),
      claimP99Ms: ms(percentile(claimMs, 99)),
      p99At100k: ms(p99At100k),
      p99At100: ms(p99At100),
      pinnedXminP99Ms: ms(percentile(pinned.claimMs, 99)),
      httpPerS: Math.round(overHttp.perS),
      httpClaimP50Ms: ms(percentile(overHttp.claimMs, 50)),
      sqlitePerS: Math.round(onSqlite.perS),
      sqliteClaimP50Ms: ms(percentile(onSqlite.claimMs, 50)),
    }),
  );
} finally {
  await server.remove();
  rmSync(folder, { recursive: true, force: true });
}
