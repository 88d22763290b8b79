/** Fires requests at a real platform and checks each reply, and the database behind it. */
import { ApiDocument, type Operation } from '../api/document.ts';
import { token, type Got, type Platform } from '../support/platforms.ts';
import { Scene } from '../api/scene.ts';
import { planted } from './hostile.ts';
import { Random } from '../support/random.ts';
import { refusedManners, Requests, usualManners, type Pools, type Shot } from './requests.ts';

export interface Report {
  readonly requests: number;
  readonly routes: number;
  readonly status: Record<string, number>;
  readonly manners: Record<string, number>;
  readonly slowestMs: number;
  readonly violations: readonly string[];
}

const answerMs = 10_000;
const inFlight = 8;
/** Requests between two looks at the database. */
const roundSize = 150;
/** Every third round nothing may be written. */
const quietEvery = 3;
const mostViolations = 50;

/** Rows that only requests make: what the reaper does by itself is left out. */
const fingerprint = `
  SELECT 'versions' AS name, COALESCE(SUM(version), 0) AS n FROM item
  UNION ALL SELECT 'fences', COALESCE(SUM(fence), 0) FROM session
  UNION ALL SELECT 'reported', COUNT(*) FROM activity WHERE key NOT LIKE 'platform/%'
  UNION ALL SELECT 'answered', COUNT(*) FROM input WHERE state = 'answered'
  UNION ALL SELECT 'names', COALESCE(SUM(LENGTH(name)), 0) FROM agent`;
const byItself = new Set(['event', 'activity']);

async function standing(platform: Platform): Promise<string> {
  const rows = Object.entries(await platform.rows()).filter(([table]) => !byItself.has(table));
  const sums = (await platform.query(fingerprint)).map(({ name, n }) => [name, Number(n)]);
  return JSON.stringify([...rows, ...sums]);
}

/** What must hold whatever was asked: each gives the rows that break it. */
const invariants: Readonly<Record<string, string>> = {
  'activities are gapless':
    'SELECT s.id FROM session s WHERE s.last_seq <> (SELECT COUNT(*) FROM activity a WHERE a.session_id = s.id) OR s.last_seq <> (SELECT COALESCE(MAX(a.seq), 0) FROM activity a WHERE a.session_id = s.id)',
  'events are gapless':
    'SELECT w.id FROM workspace w WHERE w.event_counter <> (SELECT COUNT(*) FROM event e WHERE e.workspace_id = w.id) OR w.event_counter <> (SELECT COALESCE(MAX(e.n), 0) FROM event e WHERE e.workspace_id = w.id)',
  'a fence is a claim': 'SELECT s.id FROM session s WHERE s.fence <> (SELECT COUNT(*) FROM claim c WHERE c.session_id = s.id)',
  'what has ended is held by nobody':
    "SELECT id FROM session WHERE state IN ('complete', 'error', 'cancelled') AND (lease_end IS NOT NULL OR finished_at IS NULL)",
  'what runs is held': "SELECT id FROM session WHERE state = 'active' AND lease_end IS NULL",
  'every session has its place in the lists':
    "SELECT s.id FROM session s LEFT JOIN session_place p ON p.session_id = s.id WHERE p.session_id IS NULL OR p.workspace_id <> s.workspace_id OR p.created_at <> s.created_at OR p.line_id <> s.line_id OR COALESCE(p.item_id, '') <> COALESCE(s.item_id, '')",
  'every session has its snapshot':
    'SELECT s.id FROM session s WHERE NOT EXISTS (SELECT 1 FROM session_snapshot p WHERE p.session_id = s.id)',
};

/** What is wrong with the reply; null when nothing is. */
function faultOf(document: ApiDocument, { operation, sent, refused, stray }: Shot, got: Got): string | null {
  if (got.ms > answerMs) return `answered after ${Math.round(got.ms)} ms`;
  if (got.status === 500) return `500: ${got.body.slice(0, 300)}`;
  if ((got.status === 503 || got.status === 429) && !(Number(got.headers['retry-after']) >= 1)) return `${got.status} without Retry-After`;
  if (refused && got.status < 400) return `was taken with ${got.status}`;
  if (sent.method === 'HEAD') return null;
  const foreign = stray === true && [400, 401, 404, 405, 415].includes(got.status);
  const elsewhere = got.status === 404 && operation.responses['404'] === undefined;
  return foreign || elsewhere ? document.problemFault(got) : document.fault(operation, got);
}

export async function fuzz(platform: Platform, settings: { readonly requests: number; readonly seed: number }): Promise<Report> {
  const random = new Random(settings.seed);
  const document = await ApiDocument.of(platform);
  const scene = await Scene.open(platform);
  const pools: Pools = { scene, grants: [], sessions: [], inputs: [], handoffs: [], messages: [], items: [scene.itemId, 'BUG-1'] };
  const status: Record<string, number> = {};
  const byManner: Record<string, number> = {};
  const seen = new Set<string>();
  const violations: string[] = [];
  let slowestMs = 0;
  let done = 0;

  const blame = (what: string, shot?: Shot): void => {
    const where = shot
      ? `${shot.operation.id} (${shot.manner}) ${shot.sent.method} ${shot.sent.path.slice(0, 200)} ${JSON.stringify(shot.sent.headers)} ${shot.sent.body?.toString().slice(0, 400) ?? ''}`
      : '';
    if (violations.length < mostViolations) violations.push(`${what} ${where}`);
  };
  /** Fresh claims, questions and hand-offs, so that requests keep meeting something alive. */
  const refresh = async (): Promise<void> => {
    const grants = await Promise.all([scene.claimed(), scene.claimed(), scene.claimed()]);
    pools.grants = [...grants, ...pools.grants].slice(0, 9);
    const asked = await scene.asked(grants[0]);
    pools.inputs = [asked, ...pools.inputs].slice(0, 5);
    const { id } = await platform.api.sendMessage({ params: { id: grants[0].session.id }, body: { kind: 'steer', body: 'b' } });
    pools.messages = [id, ...pools.messages].slice(0, 5);
    pools.sessions = [...grants.map(({ session }) => session.id), await scene.ended(), await scene.queued(), ...pools.sessions].slice(
      0,
      20,
    );
    const handoff = await platform.api.createHandoff({
      params: { id: scene.itemId },
      body: { target: 't', targetName: 'T', mode: 'code', detail: '', repositoryId: null, baseCommit: null },
    });
    const item = await platform.api.createItem({ body: { kind: 'todo', title: 'More' } });
    pools.handoffs = [handoff.id, ...pools.handoffs].slice(0, 5);
    pools.items = [scene.itemId, item.id, item.key, ...pools.items.slice(1)].slice(0, 10);
  };
  const fire = async (shot: Shot): Promise<void> => {
    done += 1;
    seen.add(shot.operation.id);
    byManner[shot.manner] = (byManner[shot.manner] ?? 0) + 1;
    try {
      const got = await platform.send(shot.sent);
      status[got.status] = (status[got.status] ?? 0) + 1;
      slowestMs = Math.max(slowestMs, got.ms);
      const fault = faultOf(document, shot, got);
      if (fault) blame(fault, shot);
    } catch (error) {
      blame(`no answer: ${String(error)}`, shot);
    }
  };
  const requests = new Requests(document, pools, random);
  const round = async (size: number, next: () => Shot): Promise<void> => {
    let left = size;
    const one = async (): Promise<void> => {
      for (; left > 0;) {
        left -= 1;
        await fire(next());
      }
    };
    await Promise.all(Array.from({ length: inFlight }, one));
  };
  /** One after another, so that each gets its share; shuffled by the manner. */
  let turn = 0;
  const operation = (): Operation => document.operations[(turn += 1) % document.operations.length] ?? random.pick(document.operations);
  for (let rounds = 0; done < settings.requests; rounds++) {
    const size = Math.min(roundSize, settings.requests - done);
    await refresh();
    if (rounds % quietEvery !== quietEvery - 1) {
      await round(size, () => requests.make(operation(), random.pick(usualManners)));
      continue;
    }
    const before = await standing(platform);
    const quiet = (): Shot => {
      for (;;) {
        const shot = requests.make(operation(), random.pick(refusedManners));
        if (shot.refused) return shot;
      }
    };
    await round(size, quiet);
    const after = await standing(platform);
    if (after !== before) blame(`Refused requests left something: ${before} became ${after}`);
  }
  for (const [name, sql] of Object.entries(invariants)) {
    const rows = await platform.query(sql);
    if (rows.length > 0) blame(`Not true any more: ${name}: ${JSON.stringify(rows.slice(0, 3))}`);
  }
  const log = platform.log();
  for (const secret of [planted, token, ...pools.grants.map(({ claimToken }) => claimToken)])
    if (log.includes(secret)) blame(`The log holds a secret: ${secret}`);
  const alive = await platform.send({ method: 'GET', path: '/readyz' });
  if (alive.status !== 200 || platform.child.exitCode !== null) blame('The platform did not survive.');
  return { requests: done, routes: seen.size, status, manners: byManner, slowestMs: Math.round(slowestMs), violations };
}
