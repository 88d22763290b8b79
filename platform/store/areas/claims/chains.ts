/** The claim: one statement with `fence = fence + 1`. The index session_queue serves its order. */
import type { Chain, Part, Scope } from '../../base/chain.ts';
import type { Dialect } from '../../base/dialect.ts';
import { hidden, holderGuard, sessionStep } from '../../base/sessionSteps.ts';

type At = Scope['at'];

/** `attempt`: what becomes of the count. `instance`: whose claim it is. */
const claimedBy = (at: At, d: Dialect, attempt: string, instance: string): string => {
  const now = d.now(at('now'));
  return `${sessionStep('claim').set}, fence = fence + 1, attempt = ${attempt}, uncounted = 0, claim_worker_id = ${at('worker')}, claim_instance_id = ${instance},
    lease_end = ${now} + ${at('leaseMs')}, started_at = COALESCE(started_at, ${now}), stale_until = NULL`;
};
const oneMore = 'attempt + 1 - uncounted';

/** What this request has claimed so far: a repeated one claims nothing more. Two at the same time meet in the index claim_once. */
const answered = (at: At): string =>
  `(SELECT COUNT(*) FROM claim k WHERE k.instance_id = ${at('instance')} AND k.request_id = ${at('request')})`;

const claimable = (at: At, d: Dialect): string => {
  const now = d.now(at('now'));
  return `SELECT s.id FROM session s WHERE s.workspace_id = ${at('workspace')} AND s.execution = ${at('execution')} AND s.state = 'queued' AND s.queued_at >= ${at('from')}
          AND ${d.among('s.agent_id', at('agents'))} AND (s.execution = 'cloud' OR s.owner_id = ${at('owner')})
          AND (s.worker_id IS NULL OR (s.worker_id = ${at('worker')} AND (s.id = ${at('session')} OR s.queued_at <= ${now} - ${at('namedFirstMs')})))
          AND (s.repository_id IS NULL OR ${d.among('s.repository_id', at('repositories'))})
          AND (s.prefer_worker_id IS NULL OR s.prefer_worker_id = ${at('worker')} OR s.prefer_until IS NULL OR s.prefer_until <= ${now})
          AND (CAST(${at('session')} AS TEXT) IS NULL OR s.id = ${at('session')})`;
};
const inTurn = 'ORDER BY s.queued_at, s.id LIMIT';

const claimNext: Part = ({ at }, d) =>
  `UPDATE session SET ${claimedBy(at, d, oneMore, at('instance'))} WHERE id ${d.picked(`
        ${claimable(at, d)} AND ${at('place')} = ${answered(at)}
        ${inTurn} ${at('most')} ${d.lockFree}`)} AND ${sessionStep('claim').where} RETURNING *`;

/**
 * The same for several requests at once, each of which wants one: those in `requests` that were not answered before, who gets
 * what, and the claim.
 */
export const claimTogether = {
  asked: ({ at, requests = '' }: Scope): string =>
    `SELECT q.*, ROW_NUMBER() OVER () AS turn FROM ${requests} q WHERE ${at('place')} = ${answered(at)}`,
  turns: ({ at }: Scope, d: Dialect, asked: string): string => `WITH next AS MATERIALIZED (SELECT f.id, ROW_NUMBER() OVER () AS turn FROM (
        ${claimable(at, d)} ${inTurn} (SELECT COUNT(*) FROM ${asked}) ${d.lockFree}) f)
      SELECT q.*, n.id AS own_session FROM ${asked} q JOIN next n ON n.turn = q.turn`,
  claim: ({ at }: Scope, d: Dialect, turns: string): string => {
    const instance = `(SELECT t.own_instance FROM ${turns} t WHERE t.own_session = session.id)`;
    return `UPDATE session SET ${claimedBy(at, d, oneMore, instance)}
      WHERE id ${d.picked(`SELECT t.own_session FROM ${turns} t`)} AND ${sessionStep('claim').where} RETURNING *`;
  },
};

/** The holder's own re-claim: `requeue` and `claim` in one step, by the worker that has the folder. It is the same attempt. */
const reclaimOwn: Part = ({ at }, d) => `UPDATE session SET ${claimedBy(at, d, 'attempt', at('instance'))}
      WHERE id = ${at('session')} AND claim_worker_id = ${at('worker')} AND execution = 'local' AND owner_id = ${at('owner')}
        AND ${at('place')} = ${answered(at)} AND ${sessionStep('requeue').where} RETURNING *`;

const claimRecord: Part = (
  { at, moved },
  d,
) => `INSERT INTO claim (session_id, fence, worker_id, instance_id, request_id, place, claimed_at)
      SELECT m.id, m.fence, m.claim_worker_id, m.claim_instance_id, CAST(${at('request')} AS TEXT),
        ${at('place')} + ROW_NUMBER() OVER (PARTITION BY m.claim_instance_id ORDER BY m.queued_at, m.id), ${d.now(at('now'))} FROM ${moved}`;
const claimTell: Part = ({ at, moved }, d) => `INSERT INTO event_outbox (workspace_id, type, item_id, session_id, at)
      SELECT m.workspace_id, 'session.changed', m.item_id, m.id, ${d.now(at('now'))} FROM ${moved}`;

/** What a grant says of its agent. */
const agentColumns = ['id', 'workspace_id', 'slug', 'name', 'execution', 'owner_id', 'driver', 'instructions', 'policy', 'created_at'];
/** All that a holder starts with, but the records of its item and repository. */
const grantView: Part = ({ moved }) => `SELECT m.*, i.key AS item_key, NULL AS archived_at, NULL AS review, 0 AS superseded,
        (SELECT COUNT(*) FROM input o WHERE o.session_id = m.id AND ${hidden('o.state')} = 'open') AS open_inputs, n.instructions, n.context,
        a.name AS agent_name, ${agentColumns.map((column) => `a.${column} AS agent__${column}`).join(', ')}
      FROM ${moved} JOIN agent a ON a.id = m.agent_id LEFT JOIN item i ON i.id = m.item_id
        LEFT JOIN session_snapshot n ON n.session_id = m.id ORDER BY m.queued_at, m.id`;

const claiming = (name: string, first: Part): Chain => ({
  name,
  table: 'session',
  first,
  then: { claimRecord, claimTell },
  view: grantView,
});

export const claimChains = {
  claim: claiming('claim', claimNext),
  reclaim: claiming('reclaim', reclaimOwn),
  /** Nothing changes: the session as its holder got it. */
  held: { name: 'held', table: 'session', first: ({ at }) => `SELECT * FROM session WHERE ${holderGuard(at)}`, then: {}, view: grantView },
} as const satisfies Record<string, Chain>;
