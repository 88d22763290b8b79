/** Statements of the workspace, its members and repeated creates. */
import { sqlOf } from '../../base/sql.ts';

export const workspaceSql = sqlOf({
  firstWorkspace: 'SELECT * FROM workspace ORDER BY created_at, id LIMIT 1',
  memberById: 'SELECT id FROM member WHERE workspace_id = :workspace AND id = :member',
  workspaceOwner: "SELECT * FROM member WHERE workspace_id = :workspace AND role = 'owner' ORDER BY created_at, id LIMIT 1",
  onceReply: 'SELECT hash, reply FROM idempotency_key WHERE workspace_id = :workspace AND member_id = :member AND key = :key',
  forgetOnce: 'DELETE FROM idempotency_key WHERE created_at < :before',
});
