import type * as r from '../../../../protocol/records.ts';
import { text, integer } from '../../base/rows.ts';
import type { Row } from '../../base/values.ts';

export const memberOf = (row: Row): r.Member => ({
  id: text(row, 'id'),
  workspaceId: text(row, 'workspace_id'),
  name: text(row, 'name'),
  role: text(row, 'role') as r.Member['role'],
  createdAt: integer(row, 'created_at'),
});
