import type * as r from '../../../../protocol/records.ts';
import { text, textOrNull, integer, parsed, parsedOrNull } from '../../base/rows.ts';
import type { Row } from '../../base/values.ts';

export const itemOf = (row: Row): r.StoredItem => ({
  id: text(row, 'id'),
  workspaceId: text(row, 'workspace_id'),
  key: text(row, 'key'),
  kind: text(row, 'kind') as r.ItemKind,
  title: text(row, 'title'),
  description: text(row, 'description'),
  status: text(row, 'status') as r.ItemStatus,
  priority: text(row, 'priority') as r.Priority,
  assigneeIds: parsed(row, 'assignee_ids'),
  parentId: textOrNull(row, 'parent_id'),
  labels: parsed(row, 'labels'),
  repositoryId: textOrNull(row, 'repository_id'),
  links: parsed(row, 'links'),
  source: parsedOrNull(row, 'source'),
  version: integer(row, 'version'),
  createdAt: integer(row, 'created_at'),
  updatedAt: integer(row, 'updated_at'),
});

export const commentOf = (row: Row): r.Comment => ({
  id: text(row, 'id'),
  itemId: text(row, 'item_id'),
  authorId: textOrNull(row, 'author_id'),
  authorName: text(row, 'author_name'),
  origin: text(row, 'origin') as r.Comment['origin'],
  sessionId: textOrNull(row, 'session_id'),
  body: text(row, 'body'),
  createdAt: integer(row, 'created_at'),
});

export const documentOf = (row: Row): r.Document => ({
  id: text(row, 'id'),
  itemId: text(row, 'item_id'),
  title: text(row, 'title'),
  body: text(row, 'body'),
  version: integer(row, 'version'),
  createdAt: integer(row, 'created_at'),
  updatedAt: integer(row, 'updated_at'),
});
