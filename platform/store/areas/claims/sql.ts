/** Statements of the workers' exchange, beside the claim itself. */
import { sqlOf } from '../../base/sql.ts';

export const claimSql = sqlOf({
  queueHead: "SELECT MIN(queued_at) AS n FROM session WHERE workspace_id = :workspace AND execution = :execution AND state = 'queued'",
  claimsOfRequest: 'SELECT session_id, fence FROM claim WHERE instance_id = :instance AND request_id = :request ORDER BY place, session_id',
  lastSetback: `SELECT c.ended_by, (SELECT a.body FROM activity a WHERE a.session_id = c.session_id AND a.fence = c.fence AND a.kind = 'release'
        ORDER BY a.seq DESC LIMIT 1) AS body
      FROM claim c WHERE c.session_id = :session AND c.fence < :fence AND c.ended_by IN ('lease_ended', 'release') ORDER BY c.fence DESC LIMIT 1`,
  /** Every session in a list of pairs at once, in the order of their names: two such statements never wait for each other in a ring. */
  renew: (d) => `UPDATE session SET lease_end = ${d.now(':now')} + :leaseMs WHERE id IN (
        SELECT s.id FROM session s JOIN ${d.pairs(':held')} p ON s.id = p.id AND s.fence = p.fence
        WHERE s.claim_instance_id = :instance AND s.lease_end IS NOT NULL ORDER BY s.id ${d.lockOf('s')}) RETURNING id, fence, lease_end, cancel_requested_at`,
  watched: (
    d,
  ) => `SELECT s.id, s.fence, s.cancel_requested_at FROM session s JOIN ${d.pairs(':held')} p ON s.id = p.id AND s.fence = p.fence
      WHERE s.claim_instance_id = :instance AND s.lease_end IS NOT NULL`,
  answersFor: (d) =>
    `SELECT * FROM input WHERE ${d.among('session_id', ':sessions')} AND state IN ('answered', 'expired') AND delivered_at IS NULL ORDER BY asked_at, id`,
  messagesFor: (d) => `SELECT * FROM message WHERE ${d.among('session_id', ':sessions')} AND delivered_at IS NULL ORDER BY created_at, n`,
});
