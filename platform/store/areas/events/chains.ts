/** Numbers for the events that wait for one, after the commit they tell of. */
import type { Chain } from '../../base/chain.ts';

/** Of the oldest ones. */
const due = (outbox: string, most: string): string =>
  `${outbox}.id <= (SELECT MAX(f.id) FROM (SELECT id FROM event_outbox ORDER BY id LIMIT ${most}) f)`;

export const numberEvents: Chain = {
  name: 'numberEvents',
  table: 'workspace',
  /** Takes as many numbers as there are events waiting for one. */
  first: ({ at }) => `UPDATE workspace SET event_counter = event_counter + (SELECT COUNT(*) FROM event_outbox o
        WHERE o.workspace_id = workspace.id AND ${due('o', at('most'))})
      WHERE id IN (SELECT DISTINCT o.workspace_id FROM event_outbox o WHERE ${due('o', at('most'))}) RETURNING *`,
  then: {
    eventsNumber: ({ at, moved }) => `INSERT INTO event (workspace_id, n, type, item_id, session_id, at)
      SELECT o.workspace_id, m.event_counter - COUNT(*) OVER (PARTITION BY o.workspace_id) + ROW_NUMBER() OVER (PARTITION BY o.workspace_id ORDER BY o.id),
        o.type, o.item_id, o.session_id, o.at
      FROM ${moved} JOIN event_outbox o ON m.id = o.workspace_id WHERE ${due('o', at('most'))}`,
    outboxClear: ({ at }) => `DELETE FROM event_outbox WHERE ${due('event_outbox', at('most'))}`,
  },
  view: ({ moved }) => `SELECT m.id FROM ${moved}`,
};
