import type * as r from '../../../../protocol/records.ts';
import { text, textOrNull, integer, integerOrNull, parsedOrNull } from '../../base/rows.ts';
import type { Row } from '../../base/values.ts';

export const handoffOf = (row: Row): r.Handoff => ({
  id: text(row, 'id'),
  itemId: text(row, 'item_id'),
  target: text(row, 'target'),
  targetName: text(row, 'target_name'),
  mode: text(row, 'mode') as r.SessionMode,
  state: text(row, 'state') as r.Handoff['state'],
  detail: text(row, 'detail'),
  repositoryId: textOrNull(row, 'repository_id'),
  baseCommit: textOrNull(row, 'base_commit'),
  result: parsedOrNull(row, 'result'),
  by: text(row, 'by_id'),
  createdAt: integer(row, 'created_at'),
  closedAt: integerOrNull(row, 'closed_at'),
});
