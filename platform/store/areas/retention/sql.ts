/** What time takes away. A session's snapshot is folded last: then all of it is. */
import { sqlOf } from '../../base/sql.ts';

export const retentionSql = sqlOf({
  retained: 'SELECT event_floor, folded_to, forgotten_to FROM workspace WHERE id = :workspace',
  oldEvents:
    'SELECT MAX(o.n) AS n FROM (SELECT n, at FROM event WHERE workspace_id = :workspace AND n > :floor ORDER BY n LIMIT :limit) o WHERE o.at < :before',
  eventsForget: 'DELETE FROM event WHERE workspace_id = :workspace AND n > :floor AND n <= :upTo',
  eventFloor: 'UPDATE workspace SET event_floor = :floor WHERE id = :workspace',
  foldDue: `SELECT s.id, s.finished_at FROM session s WHERE s.workspace_id = :workspace AND s.finished_at >= :from AND s.finished_at < :before
      AND NOT EXISTS (SELECT 1 FROM history_chunk h WHERE h.session_id = s.id AND h.kind = 'snapshot') ORDER BY s.finished_at, s.id LIMIT 1`,
  foldedTo: 'UPDATE workspace SET folded_to = :to WHERE id = :workspace',
  activitiesFolded: 'DELETE FROM activity WHERE session_id = :session AND seq <= :upTo',
  lateFolded: 'DELETE FROM late_activity WHERE session_id = :session AND n <= :upTo',
  claimList: 'SELECT * FROM claim WHERE session_id = :session ORDER BY fence',
  claimsFolded: 'DELETE FROM claim WHERE session_id = :session',
  snapshotFolded: 'DELETE FROM session_snapshot WHERE session_id = :session',
  forgetDue: `SELECT s.id, s.finished_at FROM session s WHERE s.workspace_id = :workspace AND s.finished_at >= :from AND s.finished_at < :before
      AND EXISTS (SELECT 1 FROM history_chunk h WHERE h.session_id = s.id)
      ORDER BY s.finished_at, s.id LIMIT :limit`,
  historyForget: (d) => `DELETE FROM history_chunk WHERE ${d.among('session_id', ':sessions')}`,
  forgottenTo: 'UPDATE workspace SET forgotten_to = :to WHERE id = :workspace',
  instancesForget: `DELETE FROM instance WHERE seen_at < :before AND worker_id IN (SELECT id FROM worker WHERE workspace_id = :workspace)
      AND NOT EXISTS (SELECT 1 FROM session s WHERE s.claim_instance_id = instance.id AND s.lease_end IS NOT NULL)`,
});
