/** Statements of the reaper. */
import { moveSession, requeued } from '../../base/sessionSteps.ts';
import { sqlOf } from '../../base/sql.ts';

export const reaperSql = sqlOf({
  reapedAt: 'SELECT reaped_at FROM workspace WHERE id = :workspace',
  reaped: 'UPDATE workspace SET reaped_at = :now WHERE id = :workspace',
  anyLive: 'SELECT id FROM session WHERE lease_end IS NOT NULL LIMIT 1',
  extendLive: 'UPDATE session SET lease_end = :leaseEnd WHERE lease_end IS NOT NULL AND lease_end < :before',
  /** After the clock went back, no lease may last longer than a fresh one. */
  capLive: 'UPDATE session SET lease_end = :leaseEnd WHERE lease_end IS NOT NULL AND lease_end > :leaseEnd',
  /** Whether a tick has anything to do: most have not. */
  anythingDue: `SELECT EXISTS (SELECT 1 FROM session WHERE lease_end IS NOT NULL AND lease_end < :lastLive) AS overdue,
      EXISTS (SELECT 1 FROM session WHERE state = 'stale' AND stale_until <= :now) AS stale,
      EXISTS (SELECT 1 FROM session WHERE state = 'pending' AND (not_before IS NULL OR not_before <= :now)) AS pending,
      EXISTS (SELECT 1 FROM session WHERE state IN ('pending', 'queued') AND expires_at <= :now) AS expired,
      EXISTS (SELECT 1 FROM input WHERE state = 'open' AND expires_at <= :now) AS inputs`,
  overdue: (d) =>
    `SELECT * FROM session WHERE lease_end IS NOT NULL AND lease_end < :now ORDER BY lease_end, id LIMIT :limit ${d.lockFree}`,
  claimEnd: 'UPDATE claim SET ended_at = :now, ended_by = :endedBy WHERE session_id = :session AND fence = :fence AND ended_at IS NULL',
  leaseEnded: moveSession('lease_ended', 'id = :session AND fence = :fence', 'stale_until = :staleUntil'),
  leaseEndedCancelling: moveSession('lease_ended_cancelling', 'id = :session AND fence = :fence', 'finished_at = :now'),
  staleDue: (d) =>
    `SELECT * FROM session WHERE state = 'stale' AND stale_until <= :now ORDER BY stale_until, id LIMIT :limit ${d.lockFree}`,
  exhausted: moveSession('attempts_exhausted', 'id = :session', 'finished_at = :now, error = :error'),
  ready: moveSession('ready', 'id = :session', requeued),
  pendingDue: (d) => `SELECT * FROM session WHERE state = 'pending' AND (not_before IS NULL OR not_before <= :now)
      ORDER BY not_before, id LIMIT :limit ${d.lockFree}`,
  expiredSessions: (d) => `SELECT * FROM session WHERE state IN ('pending', 'queued') AND expires_at <= :now
      ORDER BY expires_at, id LIMIT :limit ${d.lockFree}`,
  expire: moveSession('expire', 'id = :session', 'finished_at = :now, error = :error'),
  expiredInputs: "SELECT id, session_id FROM input WHERE state = 'open' AND expires_at <= :now ORDER BY expires_at, id LIMIT :limit",
  inputExpire: "UPDATE input SET state = 'expired', answered_at = :now WHERE id = :input AND state = 'open'",
});
