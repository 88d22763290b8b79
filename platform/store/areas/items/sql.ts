/** Statements of items, their comments and documents. */
import type { Dialect } from '../../base/dialect.ts';
import { sqlOf } from '../../base/sql.ts';

const itemFilter = (d: Dialect): string => `workspace_id = :workspace
    AND (CAST(:assignee AS TEXT) IS NULL OR ${d.has('assignee_ids', ':assignee')})
    AND (${d.empty(':kinds')} OR ${d.among('kind', ':kinds')}) AND (${d.empty(':statuses')} OR ${d.among('status', ':statuses')})
    AND (CAST(:parent AS TEXT) IS NULL OR parent_id = :parent)`;
const itemHas = (d: Dialect, like: string): string =>
  `(${['key', 'title', 'description'].map((column) => `${d.folded(column)} LIKE ${like} ESCAPE '\\'`).join(' OR ')})`;
/** An item whose key was typed stands before all that only hold it: as if it had been changed last. */
const itemPlace = (d: Dialect, key: string): string => `(updated_at + CASE WHEN ${d.folded('key')} = ${key} THEN ${2 ** 52} ELSE 0 END)`;

export const itemSql = sqlOf({
  lockItem: (d) => `SELECT id FROM item WHERE workspace_id = :workspace AND id = :item ${d.lock}`,
  nextInitiative:
    'UPDATE workspace SET initiative_counter = initiative_counter + 1 WHERE id = :workspace RETURNING initiative_counter AS n',
  nextBug: 'UPDATE workspace SET bug_counter = bug_counter + 1 WHERE id = :workspace RETURNING bug_counter AS n',
  nextTodo: 'UPDATE workspace SET todo_counter = todo_counter + 1 WHERE id = :workspace RETURNING todo_counter AS n',
  itemById: 'SELECT * FROM item WHERE workspace_id = :workspace AND (id = :item OR key = :item)',
  itemList: (d) => `SELECT * FROM item WHERE ${itemFilter(d)}
      AND (CAST(:beforeAt AS BIGINT) IS NULL OR updated_at < :beforeAt OR (updated_at = :beforeAt AND id < :beforeId)) ORDER BY updated_at DESC, id DESC LIMIT :limit`,
  itemCount: (d) => `SELECT COUNT(*) AS n FROM item WHERE ${itemFilter(d)}`,
  itemSearch: (d) => `SELECT *, ${itemPlace(d, ':wanted')} AS place FROM item WHERE ${itemFilter(d)} AND ${itemHas(d, ':like')}
      AND (CAST(:beforeAt AS BIGINT) IS NULL OR ${itemPlace(d, ':wanted')} < :beforeAt OR (${itemPlace(d, ':wanted')} = :beforeAt AND id < :beforeId)) ORDER BY place DESC, id DESC LIMIT :limit`,
  itemSearchCount: (d) => `SELECT COUNT(*) AS n FROM item WHERE ${itemFilter(d)} AND ${itemHas(d, ':like')}`,
  itemChildren: 'SELECT * FROM item WHERE parent_id = :item ORDER BY created_at, id LIMIT :limit',
  itemParent: 'SELECT parent_id FROM item WHERE id = :item',
  itemUpdate: `UPDATE item SET title = :title, description = :description, status = :status, priority = :priority, assignee_ids = :assignees, parent_id = :parent, labels = :labels,
      repository_id = :repository, links = :links, version = :version + 1, updated_at = :updatedAt WHERE workspace_id = :workspace AND id = :item AND version = :version`,
  itemSessions: (d) => `SELECT s.* FROM session_place p JOIN session s ON s.id = p.session_id
      WHERE p.item_id = :item AND s.state NOT IN ('complete', 'error', 'cancelled') ORDER BY s.id ${d.lockOf('s')}`,
  commentsNewest: 'SELECT * FROM comment WHERE item_id = :item ORDER BY n DESC LIMIT :limit',
  commentList: 'SELECT * FROM comment WHERE item_id = :item AND n > :after ORDER BY n LIMIT :limit',
  commentById: 'SELECT id FROM comment WHERE id = :comment',
  recapOf: "SELECT id FROM comment WHERE item_id = :item AND session_id = :session AND origin = 'recap' LIMIT 1",
  commentNext: 'SELECT COALESCE(MAX(n), 0) + 1 AS n FROM comment WHERE item_id = :item',
  documentList: 'SELECT * FROM document WHERE item_id = :item ORDER BY created_at, id',
  documentCount: 'SELECT COUNT(*) AS n FROM document WHERE item_id = :item',
});
