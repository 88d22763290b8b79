import type { WorkspaceEvent } from '../../../../protocol/events.ts';
import { text, textOrNull, integer } from '../../base/rows.ts';
import type { Row } from '../../base/values.ts';

export const eventOf = (row: Row): WorkspaceEvent => ({
  n: integer(row, 'n'),
  type: text(row, 'type') as WorkspaceEvent['type'],
  itemId: textOrNull(row, 'item_id'),
  sessionId: textOrNull(row, 'session_id'),
  at: integer(row, 'at'),
});
