/** Statements of hand-offs. */
import { sqlOf } from '../../base/sql.ts';

export const handoffSql = sqlOf({
  handoffById: 'SELECT h.* FROM handoff h JOIN item i ON i.id = h.item_id WHERE i.workspace_id = :workspace AND h.id = :handoff',
  handoffList: (d) => `SELECT h.* FROM handoff h JOIN item i ON i.id = h.item_id WHERE i.workspace_id = :workspace
      AND (CAST(:item AS TEXT) IS NULL OR h.item_id = :item) AND (${d.empty(':states')} OR ${d.among('h.state', ':states')})
      AND (CAST(:beforeAt AS BIGINT) IS NULL OR h.created_at < :beforeAt OR (h.created_at = :beforeAt AND h.id < :beforeId)) ORDER BY h.created_at DESC, h.id DESC LIMIT :limit`,
  handoffClose: "UPDATE handoff SET state = :state, result = :result, closed_at = :now WHERE id = :handoff AND state = 'open'",
});
