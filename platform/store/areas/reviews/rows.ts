import type * as r from '../../../../protocol/records.ts';
import { text, textOrNull, integer } from '../../base/rows.ts';
import type { Row } from '../../base/values.ts';

export const reviewOf = (row: Row): r.Review => ({
  id: text(row, 'id'),
  sessionId: text(row, 'session_id'),
  decision: text(row, 'decision') as r.ReviewDecision,
  by: text(row, 'by_id'),
  commit: textOrNull(row, 'commit_id'),
  note: text(row, 'note'),
  at: integer(row, 'at'),
});
