/** How a holder ends its claim: the session's step, and what belongs to it. */
import type { SessionEventName } from '../../../../protocol/states.ts';
import type { Chain, Part, Scope } from '../../base/chain.ts';
import type { Dialect } from '../../base/dialect.ts';
import { hidden, holderGuard, sessionStep } from '../../base/sessionSteps.ts';

type At = Scope['at'];

/**
 * Whether the holder has reported its end itself, from the newest activity back. Asked for as a value, here and below: for EXISTS
 * a planner reads the whole table into a hash table once it expects several rows to ask, however few there are.
 */
const unsaid = (at: At, session: string, fence: string): string => `(SELECT v.seq FROM activity v
    WHERE v.session_id = ${session} AND v.fence = ${fence} AND v.kind = ${at('saidKind')} ORDER BY v.seq DESC LIMIT 1) IS NULL`;
const saysEnd = (at: At): string => `last_seq = last_seq + CASE WHEN ${unsaid(at, at('session'), at('fence'))} THEN 1 ELSE 0 END`;
const finished = (at: At, d: Dialect): string =>
  `finished_at = ${d.now(at('now'))}, result = ${at('result')}, usage = COALESCE(${at('usage')}, usage), ${saysEnd(at)}`;

/** Several requests find their sessions by a list of names, which keeps the planner at the primary key, however small the table was when it made its plan. */
const movedBy =
  (event: SessionEventName, set: (at: At, d: Dialect) => string): Part =>
  ({ at, requests }, d) => {
    const { where, set: state } = sessionStep(event);
    const found = requests === undefined ? ' WHERE' : ` FROM ${requests} q WHERE id = ANY(ARRAY(SELECT own_session FROM ${requests})) AND`;
    return `UPDATE session SET ${state}, ${set(at, d)}${found} ${holderGuard(at)} AND ${where} RETURNING ${requests === undefined ? '*' : 'session.*'}`;
  };

/** The activity that says how it ended, unless the holder wrote it: nothing follows a final state. */
const endSay: Part = ({ at, moved }, d) => `INSERT INTO activity (session_id, seq, fence, key, at, received_at, kind, body)
      SELECT m.id, m.last_seq, m.fence, 'platform/' || m.last_seq, ${d.now(at('now'))}, ${d.now(at('now'))}, CAST(${at('saidKind')} AS TEXT), CAST(${at('saidBody')} AS TEXT)
      FROM ${moved} WHERE ${unsaid(at, 'm.id', 'm.fence')}`;
const endWithdraw: Part = (
  { at, moved },
  d,
) => `UPDATE input SET state = 'withdrawn', answered_at = ${d.now(at('now'))}, delivered_at = ${d.now(at('now'))}
      WHERE session_id ${d.picked(`SELECT m.id FROM ${moved}`)} AND ${hidden('state')} = 'open'`;
const endClaim: Part = ({ at, moved }, d) => `UPDATE claim SET ended_at = ${d.now(at('now'))}, ended_by = ${at('endedBy')}
      WHERE session_id = ${at('session')} AND fence = ${at('fence')} AND ended_at IS NULL AND EXISTS (SELECT 1 FROM ${moved})`;
const endTell: Part = ({ at, moved }, d) => `INSERT INTO event_outbox (workspace_id, type, item_id, session_id, at)
      SELECT m.workspace_id, t.type, m.item_id, CASE WHEN t.type = 'session.changed' THEN m.id END, ${d.now(at('now'))}
      FROM ${moved} CROSS JOIN (SELECT 'session.changed' AS type UNION ALL SELECT 'item.updated') t
      WHERE t.type = 'session.changed' OR (${d.among('m.mode', at('toReview'))} AND (SELECT i.status FROM item i WHERE i.id = m.item_id) = 'in_progress')`;
/** Work in progress that has a result waits for a person; whatever else somebody made of the item stays. */
const endToReview: Part = (
  { at, moved },
  d,
) => `UPDATE item SET status = 'in_review', version = version + 1, updated_at = ${d.now(at('now'))}
      WHERE id ${d.picked(`SELECT m.item_id FROM ${moved} WHERE ${d.among('m.mode', at('toReview'))}`)} AND status = 'in_progress'`;
/** A session that just ended has no question open and no review yet; one that is parked waits for its answers. */
const endView: Part = ({
  at,
  moved,
}) => `SELECT m.*, a.name AS agent_name, i.key AS item_key, NULL AS archived_at, NULL AS review, 0 AS superseded,
        CASE WHEN ${at('endedBy')} = 'park' THEN (SELECT COUNT(*) FROM input o WHERE o.session_id = m.id AND ${hidden('o.state')} = 'open') ELSE 0 END AS open_inputs
      FROM ${moved} JOIN agent a ON a.id = m.agent_id LEFT JOIN item i ON i.id = m.item_id`;

const ending = (name: string, first: Part, then: Readonly<Record<string, Part>>): Chain => ({
  name,
  table: 'session',
  first,
  then,
  view: endView,
});
const final = { endSay, endWithdraw, endTell };
const givenBack = { endSay, endWithdraw, endClaim, endTell };

export const endChains = {
  /** It tells of the item before it changes it: by then it is not in progress any more. */
  complete: ending('complete', movedBy('complete', finished), { ...final, endToReview }),
  fail: ending(
    'fail',
    movedBy('fail', (at, d) => `${finished(at, d)}, error = ${at('error')}`),
    final,
  ),
  cancelled: ending(
    'cancelled',
    movedBy(
      'cancel_acknowledged',
      (at, d) => `${finished(at, d)}, cancel_requested_at = COALESCE(cancel_requested_at, ${d.now(at('now'))})`,
    ),
    final,
  ),
  release: ending(
    'release',
    movedBy('release', (at, d) => {
      const now = d.now(at('now'));
      return `queued_at = ${now}, expires_at = ${now} + ${at('expiryMs')}, uncounted = 1, ${saysEnd(at)}`;
    }),
    givenBack,
  ),
  defer: ending(
    'defer',
    movedBy('defer', (at, d) => {
      const then = `${d.now(at('now'))} + ${at('delayMs')}`;
      return `not_before = ${then}, expires_at = ${then} + ${at('expiryMs')}, uncounted = 1, ${saysEnd(at)}`;
    }),
    givenBack,
  ),
  park: ending(
    'park',
    movedBy('park', () => 'uncounted = 1'),
    { endClaim, endTell },
  ),
} as const satisfies Record<string, Chain>;
