/** A store with a queue in it, and who takes from it. */
import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { newId } from '../../../platform/base/newId.ts';
import type { StoreSettings } from '../../../platform/store/base/engine.ts';
import type { Call } from '../../../platform/store/base/calls.ts';
import type { Store } from '../../../platform/store/createStore.ts';
import { leaseProfiles } from '../../../protocol/states.ts';
import { asHolders } from '../../support/asHolders.ts';
import { result } from '../../store/fixture.ts';

export const inFlight = 16;
export const settings: StoreSettings = {
  profile: leaseProfiles.standard,
  newId: (prefix) => newId(prefix, Date.now()),
  chance: Math.random,
  onWake: () => {},
};

export interface Stage {
  readonly store: Store;
  readonly call: Call;
  readonly workerId: string;
  readonly agentId: string;
}

/** A workspace with one cloud worker of as many instances as there are requests in flight. */
export async function stageOf(opened: Store): Promise<Stage> {
  const store = asHolders(opened);
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

/** A queued session to make copies of. */
export const template = async ({ store, call, agentId }: Stage): Promise<string> =>
  (
    await store.createSession(call, {
      itemId: null,
      title: 't',
      agentId,
      mode: 'code',
      repositoryId: null,
      prompt: { kind: 'sections', sections: [] },
      folder: '',
    })
  ).id;

/** Queues `count` more sessions by copying one: what is measured is taking them. */
export async function queueMore(admin: Client, id: string, count: number): Promise<void> {
  const { rows } = await admin.query<{ name: string }>(
    "SELECT column_name AS name FROM information_schema.columns WHERE table_schema = 'belay' AND table_name = 'session' ORDER BY ordinal_position",
  );
  const columns = rows.map(({ name }) => name);
  const from = columns.map((name) =>
    name === 'id' || name === 'line_id' ? 'fresh.id' : name === 'queued_at' || name === 'created_at' ? 'fresh.at' : `s.${name}`,
  );
  // Names as the platform gives them: the time, then chance.
  await admin.query(
    `WITH fresh AS (SELECT 'ses_' || LPAD(TO_HEX($3::bigint + n / 4), 12, '0') || RIGHT(REPLACE(gen_random_uuid()::text, '-', ''), 20) AS id, $3::bigint + n / 4 AS at
        FROM generate_series(1, $2) n),
      made AS (INSERT INTO belay.session (${columns.join(', ')}) SELECT ${from.join(', ')} FROM belay.session s, fresh WHERE s.id = $1 RETURNING id)
     INSERT INTO belay.session_snapshot (session_id, instructions, context) SELECT id, '[]', '[]' FROM made`,
    [id, count, Date.now()],
  );
}
export async function refill(admin: Client, id: string, count: number): Promise<void> {
  await queueMore(admin, id, count);
  // What the copies still owe the disk is not part of the measurement.
  await admin.query('VACUUM ANALYZE');
  await admin.query('CHECKPOINT');
}
export async function empty(admin: Client): Promise<void> {
  // In the order in which the store takes them, so that what it still numbers does not meet us half-way.
  await admin.query(
    'BEGIN; LOCK TABLE belay.event_outbox, belay.workspace, belay.event; TRUNCATE belay.session, belay.event, belay.event_outbox CASCADE; COMMIT',
  );
}

export interface Rate {
  readonly perS: number;
  readonly claimMs: number[];
}

/** Claims and completes one session after another on `inFlight` instances for `ms`, or until `most` were claimed. */
export async function oursFor(ms: number, { store, call, workerId }: Stage, most = Infinity): Promise<Rate> {
  const claimMs: number[] = [];
  const started = performance.now();
  let begun = 0;
  const one = async (instanceId: string): Promise<void> => {
    while (performance.now() - started < ms && begun < most) {
      begun += 1;
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
