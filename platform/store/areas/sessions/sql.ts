/** Statements of sessions as people see them, and of what they did. */
import type { Dialect } from '../../base/dialect.ts';
import { hidden, moveSession, requeued } from '../../base/sessionSteps.ts';
import { sqlOf } from '../../base/sql.ts';

/** Whether a newer session of the line goes on with the work, or has: one that failed or was stopped leaves the one before as it was. */
const newerInLine = `(SELECT COUNT(*) FROM session_place l JOIN session n ON n.id = l.session_id
      WHERE l.line_id = s.line_id AND (l.created_at > s.created_at OR n.parent_session_id = s.id) AND n.state NOT IN ('error', 'cancelled'))`;

const sessionView = (from: string): string => `
  SELECT s.*, a.name AS agent_name, i.key AS item_key, ar.archived_at AS archived_at,
    (SELECT COUNT(*) FROM input q WHERE q.session_id = s.id AND ${hidden('q.state')} = 'open') AS open_inputs,
    (SELECT r.decision FROM review r WHERE r.session_id = s.id ORDER BY r.n DESC LIMIT 1) AS review,
    ${newerInLine} AS superseded
  FROM ${from} JOIN agent a ON a.id = s.agent_id
    LEFT JOIN item i ON i.id = s.item_id LEFT JOIN session_archive ar ON ar.session_id = s.id`;

/**
 * Each walks an index of its own, in the order of the list. A condition that may be left out looks so rare to a planner
 * that it would rather sort; and the workspace's index must not be taken for those of an item or a line.
 */
const ofWorkspace = 'p.workspace_id = :workspace';
const ofItem = `p.item_id = :item AND ${hidden('p.workspace_id')} = :workspace`;
const ofLine = `p.line_id = :line AND ${hidden('p.workspace_id')} = :workspace AND (CAST(:item AS TEXT) IS NULL OR p.item_id = :item)`;
const sessionFilter = `(:archived = 'any' OR (:archived = 'yes' AND ar.session_id IS NOT NULL) OR (:archived = 'no' AND ar.session_id IS NULL))`;
const sessionList = (d: Dialect, places: string): string => `${sessionView('session_place p JOIN session s ON s.id = p.session_id')}
    WHERE ${places} AND ${sessionFilter} AND (${d.empty(':states')} OR ${d.among('s.state', ':states')})
      AND (CAST(:beforeAt AS BIGINT) IS NULL OR p.created_at < :beforeAt OR (p.created_at = :beforeAt AND p.session_id < :beforeId))
    ORDER BY p.created_at DESC, p.session_id DESC LIMIT :limit`;
/** The session itself is only looked at where its state matters; as a value, because of a condition all sessions there are would be read at once. */
const sessionCount = (d: Dialect, places: string): string => `SELECT COUNT(*) AS n
    FROM session_place p LEFT JOIN session_archive ar ON ar.session_id = p.session_id WHERE ${places} AND ${sessionFilter}
      AND (${d.empty(':states')} OR ${d.among('(SELECT s.state FROM session s WHERE s.id = p.session_id)', ':states')})`;

export const sessionSql = sqlOf({
  lockSession: (d) => `SELECT id FROM session WHERE id = :session ${d.lock}`,
  sessionRow: 'SELECT * FROM session WHERE id = :session',
  sessionView: `${sessionView('session s')} WHERE s.id = :session`,
  sessionList: (d) => sessionList(d, ofWorkspace),
  sessionListOfItem: (d) => sessionList(d, ofItem),
  sessionListOfLine: (d) => sessionList(d, ofLine),
  sessionCount: (d) => sessionCount(d, ofWorkspace),
  sessionCountOfItem: (d) => sessionCount(d, ofItem),
  sessionCountOfLine: (d) => sessionCount(d, ofLine),
  sessionSnapshot: 'SELECT instructions, context FROM session_snapshot WHERE session_id = :session',
  sessionCancel: moveSession('cancel', 'id = :session', 'cancel_requested_at = :now, finished_at = :now', false),
  sessionAskCancel:
    'UPDATE session SET cancel_requested_at = :now WHERE id = :session AND lease_end IS NOT NULL AND cancel_requested_at IS NULL',
  sessionRequeue: moveSession('requeue', 'id = :session', requeued),
  /** A person's retry is one more attempt than there were left. */
  sessionRetry: moveSession(
    'requeue',
    'id = :session',
    `${requeued}, max_attempts = CASE WHEN max_attempts > attempt THEN max_attempts ELSE attempt + 1 END`,
  ),
  sessionFlag: 'UPDATE session SET item_changed = :flag WHERE id = :session',
  /** A session of the line, beside this one, that has not ended. */
  lineAtWork: `SELECT s.id FROM session_place l JOIN session s ON s.id = l.session_id
      WHERE l.line_id = :line AND l.session_id <> :session AND s.state NOT IN ('complete', 'error', 'cancelled') LIMIT 1`,
  activitiesAfter: 'SELECT * FROM activity WHERE session_id = :session AND seq > :after ORDER BY seq LIMIT :limit',
  lateList: 'SELECT * FROM late_activity WHERE session_id = :session AND n > :after ORDER BY n LIMIT :limit',
  ownSeq: 'UPDATE session SET last_seq = last_seq + 1 WHERE id = :session RETURNING last_seq, fence',
  historyAfter: 'SELECT * FROM history_chunk WHERE session_id = :session AND kind = :kind AND last > :after ORDER BY first LIMIT 1',
  /** Its open questions stand no more. */
  withdrawAll: `UPDATE input SET state = 'withdrawn', answered_at = :now, delivered_at = :now WHERE session_id = :session AND ${hidden('state')} = 'open'`,
});
