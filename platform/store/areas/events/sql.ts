/** Statements of the workspace's stream. */
import { sqlOf } from '../../base/sql.ts';

export const eventSql = sqlOf({
  /** Events up to `floor` are gone. */
  eventRange: 'SELECT event_counter AS newest, event_floor AS floor FROM workspace WHERE id = :workspace',
  eventsAfter: 'SELECT * FROM event WHERE workspace_id = :workspace AND n > :after ORDER BY n LIMIT :limit',
  /** How many events wait for a number, as far as `$1`. */
  outboxCount: 'SELECT COUNT(*) AS n FROM (SELECT id FROM event_outbox ORDER BY id LIMIT :most) o',
});
