/** Statements of what a holder writes. */
import { holder, moveSession } from '../../base/sessionSteps.ts';
import { sqlOf } from '../../base/sql.ts';

export const holderSql = sqlOf({
  heldBy: `SELECT * FROM session WHERE ${holder}`,
  /** A claim that ended its session has no end of its own. */
  claimOf: `SELECT COALESCE(k.ended_by, CASE s.state WHEN 'complete' THEN 'complete' WHEN 'error' THEN 'fail' WHEN 'cancelled' THEN 'cancelled' END) AS ended_by
      FROM claim k JOIN session s ON s.id = k.session_id WHERE k.session_id = :session AND k.fence = :fence AND k.instance_id = :instance`,
  activityKeys: (d) => `SELECT key, seq FROM activity WHERE session_id = :session AND ${d.among('key', ':keys')}`,
  lateKeys: (d) => `SELECT key FROM late_activity WHERE session_id = :session AND ${d.among('key', ':keys')}`,
  lateNext: 'SELECT COALESCE(MAX(n), 0) + 1 AS n FROM late_activity WHERE session_id = :session',
  reserveSeqs: `UPDATE session SET last_seq = last_seq + :count, plan = COALESCE(:plan, plan), urls = COALESCE(:urls, urls) WHERE ${holder} RETURNING last_seq`,
  inputByKey: 'SELECT * FROM input WHERE session_id = :session AND key = :key',
  ask: moveSession('ask', holder, ''),
  inputDelivered: 'UPDATE input SET delivered_at = :now WHERE id = :input AND delivered_at IS NULL',
  inputWithdraw: "UPDATE input SET state = 'withdrawn', answered_at = :now, delivered_at = :now WHERE id = :input AND state = 'open'",
  waitingInputs: `SELECT COUNT(*) AS n FROM input WHERE session_id = :session AND (state = 'open' OR (state IN ('answered', 'expired') AND delivered_at IS NULL))`,
  answerDelivered: moveSession('answer_delivered', holder, ''),
  messageDelivered:
    'UPDATE message SET delivered_at = :now, acknowledged_at = :now WHERE session_id = :session AND id = :message AND delivered_at IS NULL',
  messageById: 'SELECT * FROM message WHERE session_id = :session AND id = :message',
  standing: `UPDATE session SET sandbox_step = COALESCE(:sandboxStep, sandbox_step), usage = COALESCE(:usage, usage) WHERE ${holder} RETURNING *`,
});
