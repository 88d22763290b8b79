/**
 * `npm run -s bench:claims`: how fast sessions are claimed and completed on a real PostgreSQL with durable commits,
 * beside the statements alone and beside two job queues on the same server. Ratios are of one run, medians of the
 * rounds. Prints one JSON object as its last line. Needs `pgbench`.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import * as os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { postgresTexts, openPostgresStore } from '../../platform/store/postgres.ts';
import { eventInserts } from '../../platform/store/postgres/values.ts';
import { openSqliteStore } from '../../platform/store/sqlite.ts';
import type { StoreSettings } from '../../platform/store/engine.ts';
import type { Call, Store } from '../../platform/store/store.ts';
import { leaseProfiles } from '../../protocol/states.ts';
import { startServer } from '../postgres/server.ts';
import { result } from '../store/fixture.ts';
import { graphileRate, pgBossRate } from '../postgres/queues.ts';
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
const inFlight = 16;
const folder = mkdtempSync(path.join(os.tmpdir(), 'belay-bench-'));

const settings: StoreSettings = {
  profile: leaseProfiles.standard,
  newId: (prefix) => `${prefix}_${randomUUID().replaceAll('-', '')}`,
  chance: Math.random,
  onWake: () => {},
};

interface Stage {
  readonly store: Store;
  readonly call: Call;
  readonly workerId: string;
  readonly agentId: string;
}

/** A workspace with one cloud worker of as many instances as there are requests in flight. */
async function stageOf(store: Store): Promise<Stage> {
  const caller = await store.ensureWorkspace(Date.now(), { workspace: 'bench', member: 'bench' });
  const call = { now: Date.now(), caller };
  const agent = await store.ensureAgent(call, { slug: 'a', name: 'a', execution: 'cloud', driver: 'd', instructions: '' });
  let workerId = '';
  for (let instance = 0; instance < inFlight; instance++) {
    const body = { machine: 'm', execution: 'cloud', agentIds: [agent.id], capacity: 1, program: 'bench', version: '1' } as const;
    workerId = (await store.ensureWorker(call, { ...body, agentIds: [agent.id], instanceId: `i${instance}` })).id;
  }
  return { store, call, workerId, agentId: agent.id };
}

/** Queues `count` more sessions by copying one: what is measured is taking them. */
async function refill(admin: Client, { store, call, agentId }: Stage, count: number): Promise<void> {
  const { id } = await store.createSession(call, { itemId: null, title: 't', agentId, mode: 'code', repositoryId: null, context: [] });
  const { rows } = await admin.query<{ name: string }>(
    "SELECT column_name AS name FROM information_schema.columns WHERE table_schema = 'belay' AND table_name = 'session' ORDER BY ordinal_position",
  );
  const columns = rows.map(({ name }) => name);
  const from = columns.map((name) => (name === 'id' || name === 'line_id' ? "'ses_' || gen_random_uuid()" : name));
  await admin.query(
    `WITH made AS (INSERT INTO belay.session (${columns.join(', ')}) SELECT ${from.join(', ')} FROM belay.session, generate_series(1, $2) WHERE id = $1 RETURNING id)
     INSERT INTO belay.session_snapshot (session_id, instructions, context) SELECT id, '[]', '[]' FROM made`,
    [id, count],
  );
  // What the copies still owe the disk is not part of the measurement.
  await admin.query('VACUUM ANALYZE');
  await admin.query('CHECKPOINT');
}
const empty = async (admin: Client): Promise<void> => {
  await admin.query('TRUNCATE belay.session, belay.event CASCADE');
};

interface Rate {
  readonly perS: number;
  readonly claimMs: number[];
}

/** Claims and completes one session after another on `inFlight` instances for `ms`. */
async function oursFor(ms: number, { store, call, workerId }: Stage): Promise<Rate> {
  const claimMs: number[] = [];
  const started = performance.now();
  const one = async (instanceId: string): Promise<void> => {
    while (performance.now() - started < ms) {
      const now = { ...call, now: Date.now() };
      const asked = performance.now();
      const { claims } = await store.poll(now, {
        workerId,
        instanceId,
        requestId: randomUUID(),
        capacity: 1,
        reclaim: [],
        repositoryIds: [],
        renewals: [],
        watch: [],
      });
      claimMs.push(performance.now() - asked);
      const [grant] = claims;
      if (!grant) throw new Error('The queue ran empty: queue more sessions.');
      await store.complete(now, grant.session.id, { holder: { instanceId, fence: grant.fence }, result, usage: null });
    }
  };
  await Promise.all(Array.from({ length: inFlight }, (_, index) => one(`i${index}`)));
  return { perS: (claimMs.length * 1_000) / (performance.now() - started), claimMs };
}

/** Transactions per second of a pgbench script, which is one claim and its completion. */
function pgbench(url: string, script: string): Promise<number> {
  const file = path.join(folder, 'script.sql');
  writeFileSync(file, script);
  const args = ['-n', '-M', 'prepared', '-c', String(inFlight), '-j', '2', '-T', String(seconds), '-f', file, url];
  const child = spawn('pgbench', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      const rate = /tps = ([\d.]+)/.exec(said)?.[1];
      if (code === 0 && rate && !/aborted/.test(said)) resolve(Number(rate));
      else reject(new Error(`pgbench: ${said}`));
    });
  });
}

/** A statement of the store with its values in place: `:name` for pgbench's own, SQL for the rest. */
const filled = (name: keyof typeof postgresTexts, ...given: readonly string[]): string =>
  postgresTexts[name].replace(/\$(\d+)/g, (_, place: string) => given[Number(place) - 1] ?? 'NULL').replace(/\s+/g, ' ');

/** Every statement that the store sends for one claim and its completion, in its order, reads included. */
function rawScript({ call, workerId, agentId }: Stage): string {
  const { workspaceId, memberId } = call.caller;
  const text = (value: string): string => `'${value}'`;
  const workspace = text(workspaceId);
  const instance = "('i' || :client_id)";
  const guard = [':id::text', ':fence', instance];
  const said = { workspaceId, type: 'session.changed', itemId: null, sessionId: '#', at: 1 } as const;
  const last = [
    '\\startpipeline',
    `${eventInserts([said]).join('').replaceAll(/\s+/g, ' ').replace("'#'", ':id::text')};`,
    'COMMIT;',
    '\\endpipeline',
  ];
  const transaction = ['BEGIN;', 'SET LOCAL search_path = belay;'];
  return [
    '\\set request random(1, 1000000000)',
    ...transaction,
    `${filled('pollingWorker', workspace, text(workerId), instance)};`,
    `${filled('claimsOfRequest', instance, "('r' || :request)")};`,
    `${filled('claimNext', text(workerId), instance, '9000000000000', '1', workspace, "'cloud'", `'{${agentId}}'`, text(memberId), "'{}'", 'NULL', '1')} \\gset`,
    `INSERT INTO claim (session_id, fence, worker_id, instance_id, request_id, claimed_at) VALUES (:id::text, :fence, ${text(workerId)}, ${instance}, 'r' || :request, 1);`,
    `${filled('sessionView', ':id::text')};`,
    `${filled('agentById', workspace, text(agentId))};`,
    `${filled('sessionSnapshot', ':id::text')};`,
    ...last,
    ...transaction,
    `${filled('lockSession', ':id::text')};`,
    `${filled('claimOf', ...guard)};`,
    `${filled('heldBy', ...guard)};`,
    `${filled('closingActivity', ':id::text', ':fence', "'completion'")};`,
    `${filled('ownSeq', ':id::text')};`,
    "INSERT INTO activity (session_id, seq, fence, key, at, received_at, kind, body) VALUES (:id::text, 1, :fence, 'platform/1', 1, 1, 'completion', '{}');",
    `${filled('complete', ...guard, '1', "'{}'", 'NULL')};`,
    `${filled('withdrawAll', ':id::text', '1')};`,
    `${filled('claimEnd', ':id::text', ':fence', '1', "'complete'")};`,
    `${filled('sessionView', ':id::text')};`,
    ...last,
  ].join('\n');
}

const plainTable = `DROP TABLE IF EXISTS plain; CREATE TABLE plain (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, state TEXT NOT NULL DEFAULT 'queued', fence BIGINT NOT NULL DEFAULT 0, worker BIGINT);
  CREATE INDEX plain_queue ON plain (id) WHERE state = 'queued'; INSERT INTO plain SELECT FROM generate_series(1, 60000); VACUUM ANALYZE plain; CHECKPOINT`;
const plainScript = `UPDATE plain SET state = 'active', fence = fence + 1, worker = :client_id WHERE id = (SELECT id FROM plain WHERE state = 'queued' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id, fence \\gset
UPDATE plain SET state = 'complete' WHERE id = :id AND fence = :fence AND worker = :client_id AND state = 'active';`;

const server = await startServer({ durable: true });
try {
  const url = server.url();
  const admin = new Client(url);
  await admin.connect();
  const { store } = await openPostgresStore({ ...settings, url, clock: 'database', connections: inFlight });
  const stage = await stageOf(store);
  const sessions = Math.ceil(seconds * 4_000);
  const rates: Record<'plain' | 'raw' | 'ours' | 'graphile' | 'pgBoss', number[]> = {
    plain: [],
    raw: [],
    ours: [],
    graphile: [],
    pgBoss: [],
  };
  const claimMs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const statement of plainTable.split(';')) await admin.query(statement);
    rates.plain.push(await pgbench(url, plainScript));
    await empty(admin);
    await refill(admin, stage, sessions);
    rates.raw.push(await pgbench(url, rawScript(stage)));
    await empty(admin);
    await refill(admin, stage, sessions);
    const ours = await oursFor(seconds * 1_000, stage);
    rates.ours.push(ours.perS);
    claimMs.push(...ours.claimMs);
    rates.graphile.push(await graphileRate(url, inFlight, seconds * 1_000));
    rates.pgBoss.push(await pgBossRate(url, inFlight, seconds * 1_000));
    console.log(JSON.stringify(Object.fromEntries(Object.entries(rates).map(([name, all]) => [name, Math.round(all.at(-1) ?? 0)]))));
  }

  const p99Of = async (queued: number): Promise<number> => {
    await empty(admin);
    // The backlog stays about as long as it is: what is taken is far less, or is queued again.
    await refill(admin, stage, Math.max(queued, 4_000));
    return percentile((await oursFor(queued > 4_000 ? seconds * 1_000 : 1_000, stage)).claimMs, 99);
  };
  await p99Of(100);
  const p99At100 = median([await p99Of(100), await p99Of(100), await p99Of(100)]);
  const p99At100k = median([await p99Of(100_000), await p99Of(100_000), await p99Of(100_000)]);

  await empty(admin);
  await refill(admin, stage, pinnedSeconds * 1_500);
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
  const sqlite = openSqliteStore({ ...settings, file: path.join(folder, 'bench.db') });
  const small = await stageOf(sqlite);
  for (let made = 0; made < 3_000; made++)
    await sqlite.createSession(small.call, {
      itemId: null,
      title: 't',
      agentId: small.agentId,
      mode: 'code',
      repositoryId: null,
      context: [],
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
      pgBossPerS: Math.round(median(rates.pgBoss)),
      ratioRaw: ratio('raw'),
      ratioPlain: ratio('plain'),
      ratioGraphile: ratio('graphile'),
      ratioPgBoss: ratio('pgBoss'),
      claimP50Ms: ms(percentile(claimMs, 50)),
      claimP99Ms: ms(percentile(claimMs, 99)),
      p99At100k: ms(p99At100k),
      p99At100: ms(p99At100),
      pinnedXminP99Ms: ms(percentile(pinned.claimMs, 99)),
      sqlitePerS: Math.round(onSqlite.perS),
      sqliteClaimP50Ms: ms(percentile(onSqlite.claimMs, 50)),
    }),
  );
} finally {
  await server.remove();
  rmSync(folder, { recursive: true, force: true });
}
