/** Statements of what people say to a session: answers and messages. */
import { hidden, moveSession } from '../../base/sessionSteps.ts';
import { sqlOf } from '../../base/sql.ts';

export const peopleSql = sqlOf({
  inputById: 'SELECT q.* FROM input q JOIN session s ON s.id = q.session_id WHERE s.workspace_id = :workspace AND q.id = :input',
  inputList: (d) => `SELECT q.* FROM input q JOIN session s ON s.id = q.session_id WHERE s.workspace_id = :workspace
      AND (CAST(:session AS TEXT) IS NULL OR q.session_id = :session) AND (${d.empty(':states')} OR ${d.among('q.state', ':states')})
      AND (CAST(:afterAt AS BIGINT) IS NULL OR q.asked_at > :afterAt OR (q.asked_at = :afterAt AND q.id > :afterId)) ORDER BY q.asked_at, q.id LIMIT :limit`,
  inputAnswer:
    "UPDATE input SET state = 'answered', answer = :answer, answered_by = :by, answered_at = :now WHERE id = :input AND state = 'open'",
  openInputs: `SELECT COUNT(*) AS n FROM input WHERE session_id = :session AND ${hidden('state')} = 'open'`,
  unpark: moveSession(
    'unpark',
    'id = :session',
    'queued_at = :now, expires_at = :expires, prefer_worker_id = claim_worker_id, prefer_until = :preferUntil',
  ),
  messageList: 'SELECT * FROM message WHERE session_id = :session AND n > :after ORDER BY n LIMIT :limit',
  messageNext: 'SELECT COALESCE(MAX(n), 0) + 1 AS n FROM message WHERE session_id = :session',
});
