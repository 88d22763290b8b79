/** One run: a calm baseline, measured faults with their recoveries, a storm; then peace, an end, and the check. */
import { mkdtempSync, rmSync } from 'node:fs';
import * as os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../bench/figures.ts';
import { Random } from '../support/random.ts';
import { check, type Evidence, type StoredActivity, type StoredClaim, type StoredSession, type Verdict } from './check.ts';
import { Clients } from './clients.ts';
import { Cluster, type ClusterOptions } from './cluster.ts';
import { now, operationsOf, readHistory, type HistoryEvent } from './history.ts';
import { measuredFaults, Nemesis, type MeasuredFault } from './nemesis.ts';

export interface Plan extends Omit<ClusterOptions, 'folder' | 'random'> {
  readonly seed: number;
  /** Null: nothing is measured. */
  readonly measured: {
    readonly warmUpMs: number;
    readonly baselineWindows: number;
    /** More of them before each fault. */
    readonly calmWindows: number;
    readonly recoveryWindows: number;
    readonly windowMs: number;
    readonly faultMs: number;
    /** Between the end of a fault and the first window. */
    readonly settleMs: number;
  } | null;
  readonly stormMs: number;
  /** How long the sessions may take to end after that. */
  readonly endMs: number;
  readonly backlog: number;
  readonly readers: number;
  readonly say: (line: string) => void;
}

export interface Report extends Verdict {
  readonly sessions: number;
  readonly operations: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly baselinePerS: number | null;
  readonly recovery: Readonly<Partial<Record<MeasuredFault, number>>>;
  /** Where the history is; the caller removes it. */
  readonly folder: string;
}

interface Window {
  readonly from: number;
  readonly to: number;
}

export async function play(plan: Plan): Promise<Report> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'belay-chaos-'));
  const random = new Random(plan.seed);
  const cluster = await Cluster.start({ ...plan, folder, random: new Random(plan.seed + 1) });
  try {
    const clients = new Clients(cluster, new Random(plan.seed + 2));
    const nemesis = new Nemesis(cluster, random);
    clients.start(plan.backlog, plan.readers);
    const windows = plan.measured ? await measure(plan, plan.measured, nemesis) : null;
    plan.say(`storm of ${plan.stormMs / 1_000} s`);
    await nemesis.storm(plan.stormMs);
    plan.say('peace');
    await clients.stop();
    await allEnd(cluster, plan.endMs);
    plan.say('every session has ended, or its time is over');
    const evidence = await gather(cluster, clients);
    plan.say(`check of ${evidence.events.length} events`);
    return {
      ...check(evidence),
      sessions: evidence.sessions.length,
      operations: evidence.events.filter(({ type }) => type === 'invoke').length,
      faults: nemesis.done,
      ...recoveries(evidence.events, windows, plan.say),
      folder,
    };
  } finally {
    await cluster.end();
  }
}

type Windows = ReadonlyMap<MeasuredFault | 'baseline', readonly Window[]>;

async function measure(plan: Plan, measured: NonNullable<Plan['measured']>, nemesis: Nemesis): Promise<Windows> {
  const windows = new Map<MeasuredFault | 'baseline', Window[]>();
  const watch = async (name: MeasuredFault | 'baseline', count: number): Promise<void> => {
    const seen: Window[] = [];
    for (let n = 0; n < count; n++) {
      const from = now();
      await sleep(measured.windowMs);
      seen.push({ from, to: now() });
    }
    windows.set(name, [...(windows.get(name) ?? []), ...seen]);
  };
  await sleep(measured.warmUpMs);
  plan.say('baseline');
  await watch('baseline', measured.baselineWindows);
  for (const fault of measuredFaults) {
    // A machine that others use changes its pace: each fault is compared with calm before it, too.
    await watch('baseline', measured.calmWindows);
    plan.say(fault);
    await nemesis.cause(fault, measured.faultMs);
    await sleep(measured.settleMs);
    await watch(fault, measured.recoveryWindows);
  }
  return windows;
}

const endings = new Set(['complete', 'fail', 'cancelled']);

/** Completions per second in the median window of each, as a share of the baseline's. */
function recoveries(events: readonly HistoryEvent[], windows: Windows | null, say: Plan['say']): Pick<Report, 'baselinePerS' | 'recovery'> {
  if (!windows) return { baselinePerS: null, recovery: {} };
  const ends = operationsOf(events).flatMap(({ f, outcome, end }) => (endings.has(f) && outcome === 'ok' ? [end] : []));
  const rate = (name: MeasuredFault | 'baseline'): number => {
    const rates = (windows.get(name) ?? []).map(
      ({ from, to }) => (ends.filter((end) => end >= from && end < to).length * 1_000) / (to - from),
    );
    say(`${name}: ${rates.map((one) => one.toFixed(1)).join(', ')} completions/s`);
    return median(rates);
  };
  const baseline = rate('baseline');
  const recovery = Object.fromEntries(measuredFaults.map((fault) => [fault, Number((rate(fault) / baseline).toFixed(3))]));
  return { baselinePerS: Number(baseline.toFixed(2)), recovery };
}

async function allEnd(cluster: Cluster, withinMs: number): Promise<void> {
  const open = "SELECT COUNT(*)::INT AS n FROM belay.session WHERE state NOT IN ('complete', 'error', 'cancelled')";
  for (const end = performance.now() + withinMs; performance.now() < end; await sleep(200)) {
    const [row] = await cluster.database.query<{ n: number }>(open).catch(() => []);
    if (row?.n === 0) return;
  }
}

/** What was stored, read past every link, and what everybody saw. */
async function gather(cluster: Cluster, clients: Clients): Promise<Evidence> {
  const { database } = cluster;
  const sessions = await database.query<StoredSession>(
    `SELECT id, title, state, fence::INT, last_seq::INT AS "lastSeq", error::JSON ->> 'code' AS "errorCode" FROM belay.session`,
  );
  for (const { id } of sessions) await clients.insistOn(id);
  // A claim that ended its session has no end of its own.
  const claims = await database.query<StoredClaim>(
    `SELECT c.session_id AS session, c.fence::INT, c.instance_id AS instance, c.request_id AS request,
       COALESCE(c.ended_by, CASE WHEN c.fence = s.fence THEN CASE s.state WHEN 'complete' THEN 'complete' WHEN 'error' THEN 'fail'
         WHEN 'cancelled' THEN 'cancelled' END END) AS "endedBy"
     FROM belay.claim c JOIN belay.session s ON s.id = c.session_id`,
  );
  const columns = `session_id AS session, fence::INT, key, body::JSON ->> 'text' AS text`;
  const activities = await database.query<StoredActivity>(
    `SELECT seq::INT, ${columns} FROM belay.activity UNION ALL SELECT NULL, ${columns} FROM belay.late_activity`,
  );
  const eventNumbers = await clients.allEvents();
  await clients.readOut(eventNumbers.length, new Map(sessions.map(({ id, lastSeq }) => [id, lastSeq])), 30_000);
  return { sessions, claims, activities, eventNumbers, events: readHistory(cluster.history) };
}

export function forget({ folder }: Report): void {
  rmSync(folder, { recursive: true, force: true });
}
