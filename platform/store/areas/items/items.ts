/** Items, comments, documents. */
import { BelayError } from '../../../../protocol/errors.ts';
import type { Comment, Document, StoredItem } from '../../../../protocol/records.ts';
import { finishes, statusAfter, type Cause } from '../../../domain/itemFlow.ts';
import { checkLabels, itemKey, patched, sessionEffect } from '../../../domain/items.ts';
import { folded } from '../../../domain/searchText.ts';
import type { Bodies, Call, Page, Queries, Slice, StoredBundle } from '../../base/calls.ts';
import type { Tx } from '../../base/engine.ts';
import { afterNumber, beforeCursor, byNumber, defaultPage, longPage, sliceOf } from '../../base/pages.ts';
import { count, integer, jsonOrNull, text } from '../../base/rows.ts';
import { baseSql, type Sql } from '../../base/sql.ts';
import type { Row } from '../../base/values.ts';
import { emit } from '../events/events.ts';
import { cancelRow, flagRow } from '../sessions/sessionRows.ts';
import { workerSql } from '../workers/sql.ts';
import { workspaceSql } from '../workspace/sql.ts';
import { findItem, ownItem } from './findItem.ts';
import { commentOf, documentOf, itemOf } from './rows.ts';
import { itemSql } from './sql.ts';

/** What a bundle holds of lists that can grow; the rest comes by pages. */
const bundled = { children: 500, comments: 500 };
/** All documents of an item are in its bundle, so there cannot be many. */
const mostDocuments = 100;

const counters = {
  initiative: itemSql.nextInitiative,
  bug: itemSql.nextBug,
  todo: itemSql.nextTodo,
} as const satisfies Record<StoredItem['kind'], Sql>;

export async function listItems(tx: Tx, call: Call, query: Queries['listItems']): Promise<Page<StoredItem>> {
  const limit = query.limit ?? defaultPage;
  const filter = {
    workspace: call.caller.workspaceId,
    assignee: query.assignee ?? null,
    kinds: JSON.stringify(query.kind ?? []),
    statuses: JSON.stringify(query.status ?? []),
    parent: query.parent ?? null,
  };
  const page = { ...beforeCursor(query.cursor), limit: limit + 1 };
  const listed = (row: Row): StoredItem => (query.brief === 'yes' ? { ...itemOf(row), description: '' } : itemOf(row));
  const entries = (rows: readonly Row[], place: string) => sliceOf(rows, limit, listed, (row) => [integer(row, place), text(row, 'id')]);
  if (query.q === undefined) {
    const total = count(await tx.get(itemSql.itemCount, filter));
    return { ...entries(await tx.all(itemSql.itemList, { ...filter, ...page }), 'updated_at'), total };
  }
  const wanted = folded(query.q).trim();
  const like = `%${wanted.replace(/[\\%_]/g, '\\$&')}%`;
  const total = count(await tx.get(itemSql.itemSearchCount, { ...filter, like }));
  return { ...entries(await tx.all(itemSql.itemSearch, { ...filter, ...page, like, wanted }), 'place'), total };
}

export async function getItemBundle(tx: Tx, call: Call, id: string): Promise<StoredBundle> {
  const item = await findItem(tx, call, id);
  return {
    item,
    parent: item.parentId === null ? null : await findItem(tx, call, item.parentId),
    children: (await tx.all(itemSql.itemChildren, { item: item.id, limit: bundled.children })).map(itemOf),
    comments: (await tx.all(itemSql.commentsNewest, { item: item.id, limit: bundled.comments })).map(commentOf).toReversed(),
    documents: (await tx.all(itemSql.documentList, { item: item.id })).map(documentOf),
  };
}

/** The id of a parent, which may be named by its key. */
async function parentOf(tx: Tx, call: Call, name: string | null): Promise<string | null> {
  return name === null ? null : (await findItem(tx, call, name)).id;
}

/** A parent must not stand below the item itself. */
async function checkParent(tx: Tx, call: Call, itemId: string, parentId: string | null): Promise<void> {
  // Two moves that are right one by one can make a ring together.
  await tx.get(baseSql.alone, { name: `parents:${call.caller.workspaceId}` });
  for (let id: string | null = parentId; id !== null;) {
    if (id === itemId) throw new BelayError('invalid_body', 'An item cannot stand below itself.');
    const row = await tx.get(itemSql.itemParent, { item: id });
    id = row ? (row.parent_id as string | null) : null;
  }
}

export async function checkRepository(tx: Tx, call: Call, repositoryId: string | null): Promise<void> {
  if (repositoryId !== null && !(await tx.get(workerSql.repositoryById, { workspace: call.caller.workspaceId, repository: repositoryId })))
    throw new BelayError('not_found', `There is no repository "${repositoryId}".`);
}

/** An item is assigned to people of its workspace; `before` may name some who left it since. */
async function checkAssignees(tx: Tx, call: Call, ids: readonly string[], before: readonly string[] = []): Promise<void> {
  for (const id of ids)
    if (!before.includes(id) && !(await tx.get(workspaceSql.memberById, { workspace: call.caller.workspaceId, member: id })))
      throw new BelayError('invalid_body', `There is no member "${id}" in this workspace.`, {
        hint: 'Assign an item by the ids of members: yours is "memberId" in GET /v1/about.',
      });
}

export async function createItem(tx: Tx, call: Call, body: Bodies['createItem']): Promise<StoredItem> {
  const { workspaceId } = call.caller;
  const parentId = await parentOf(tx, call, body.parentId ?? null);
  const repositoryId = body.repositoryId ?? null;
  await checkRepository(tx, call, repositoryId);
  await checkAssignees(tx, call, body.assigneeIds ?? []);
  checkLabels(body.labels ?? []);
  const id = tx.newId('itm');
  await tx.insert('item', {
    id,
    workspace_id: workspaceId,
    key: itemKey(body.kind, count(await tx.get(counters[body.kind], { workspace: workspaceId }))),
    kind: body.kind,
    title: body.title,
    description: body.description ?? '',
    status: body.status ?? 'open',
    priority: body.priority ?? 'none',
    assignee_ids: JSON.stringify(body.assigneeIds ?? [call.caller.memberId]),
    parent_id: parentId,
    labels: JSON.stringify(body.labels ?? []),
    repository_id: repositoryId,
    links: JSON.stringify(body.links ?? []),
    source: jsonOrNull(body.source),
    version: 1,
    created_at: call.now,
    updated_at: call.now,
  });
  emit(tx, call.now, workspaceId, 'item.created', { itemId: id });
  return findItem(tx, call, id);
}

export async function patchItem(tx: Tx, call: Call, id: string, version: number, patch: Bodies['patchItem']): Promise<StoredItem> {
  const before = await findItem(tx, call, id);
  const conflict = (): never => {
    throw new BelayError('version_conflict', `${before.key} was changed by somebody else in the meantime.`, {
      hint: 'Look at the newer version, then make your change again.',
    });
  };
  if (before.version !== version) conflict();
  const named = patch.parentId === undefined ? patch : { ...patch, parentId: await parentOf(tx, call, patch.parentId) };
  const after = patched(before, named, call.now);
  if (after === before) return before;
  if (after.parentId !== before.parentId) await checkParent(tx, call, before.id, after.parentId);
  if (after.repositoryId !== before.repositoryId) await checkRepository(tx, call, after.repositoryId);
  await checkAssignees(tx, call, after.assigneeIds, before.assigneeIds);
  if (named.labels !== undefined) checkLabels(after.labels, before.labels);
  const effect = sessionEffect(before, after);
  // Sessions before their item: in the order of a holder that completes.
  if (effect !== null) await tx.all(itemSql.itemSessions, { item: before.id });
  const changed = await tx.run(itemSql.itemUpdate, {
    workspace: before.workspaceId,
    item: before.id,
    version: before.version,
    title: after.title,
    description: after.description,
    status: after.status,
    priority: after.priority,
    assignees: JSON.stringify(after.assigneeIds),
    parent: after.parentId,
    labels: JSON.stringify(after.labels),
    repository: after.repositoryId,
    links: JSON.stringify(after.links),
    updatedAt: after.updatedAt,
  });
  if (changed === 0) conflict();
  if (effect !== null) {
    for (const row of await tx.all(itemSql.itemSessions, { item: before.id })) {
      if (effect === 'cancel') await cancelRow(tx, call.now, row, 'platform', `${before.key} was cancelled.`);
      else await flagRow(tx, call.now, row, effect);
    }
  }
  emit(tx, call.now, before.workspaceId, 'item.updated', { itemId: before.id });
  return findItem(tx, call, before.id);
}

/** What happens to the work on an item moves it on. */
export async function moveItem(tx: Tx, call: Call, itemId: string, cause: Cause): Promise<void> {
  // A finished item tells its sessions: those are held before it, in the order of a holder that completes.
  if (finishes(cause)) await tx.all(itemSql.itemSessions, { item: itemId });
  await moveHeldItem(tx, call, await ownItem(tx, call, itemId), cause);
}

/** The same of an item that this transaction holds. */
export async function moveHeldItem(tx: Tx, call: Call, item: StoredItem, cause: Cause): Promise<void> {
  const status = statusAfter(item.status, cause);
  if (status !== null) await patchItem(tx, call, item.id, item.version, { status });
}

export async function addComment(tx: Tx, call: Call, itemId: string, body: Bodies['addComment']): Promise<Comment> {
  const item = await ownItem(tx, call, itemId);
  const { memberId, memberName } = call.caller;
  const author = { authorId: memberId, authorName: memberName, origin: 'person', sessionId: null } as const;
  return await writeComment(tx, call, item, { id: tx.newId('com'), ...author, body: body.body });
}

/** One result has one recap, however often it is taken out and accepted again. */
export async function writeRecap(tx: Tx, call: Call, itemId: string, sessionId: string | null, body: string): Promise<void> {
  const item = await ownItem(tx, call, itemId);
  if (sessionId !== null && (await tx.get(itemSql.recapOf, { item: item.id, session: sessionId }))) return;
  const author = { authorId: null, authorName: 'Belay', origin: 'recap', sessionId } as const;
  await writeComment(tx, call, item, { id: tx.newId('com'), ...author, body });
}

type NewComment = Pick<Comment, 'id' | 'authorId' | 'authorName' | 'origin' | 'sessionId' | 'body'>;

/** Numbers it among the item's comments, so the item must be held by this transaction. */
export async function writeComment(tx: Tx, call: Call, item: StoredItem, comment: NewComment): Promise<Comment> {
  const row = {
    id: comment.id,
    item_id: item.id,
    n: count(await tx.get(itemSql.commentNext, { item: item.id })),
    author_id: comment.authorId,
    author_name: comment.authorName,
    origin: comment.origin,
    session_id: comment.sessionId,
    body: comment.body,
    created_at: call.now,
  };
  await tx.insert('comment', row);
  emit(tx, call.now, item.workspaceId, 'comment.created', { itemId: item.id, sessionId: comment.sessionId });
  return commentOf(row);
}

export async function listComments(tx: Tx, call: Call, itemId: string, query: Queries['paging']): Promise<Slice<Comment>> {
  const item = await findItem(tx, call, itemId);
  const limit = query.limit ?? longPage;
  const after = afterNumber(query.cursor);
  return sliceOf(await tx.all(itemSql.commentList, { item: item.id, after, limit: limit + 1 }), limit, commentOf, byNumber);
}

export async function addDocument(tx: Tx, call: Call, itemId: string, body: Bodies['addDocument']): Promise<Document> {
  const item = await ownItem(tx, call, itemId);
  if (count(await tx.get(itemSql.documentCount, { item: item.id })) >= mostDocuments)
    throw new BelayError('conflict', `${item.key} has ${mostDocuments} documents, and takes no more.`, {
      hint: 'Link to the document instead, or attach it to an item below this one.',
    });
  const row = {
    id: tx.newId('doc'),
    item_id: item.id,
    title: body.title,
    body: body.body,
    version: 1,
    created_at: call.now,
    updated_at: call.now,
  };
  await tx.insert('document', row);
  emit(tx, call.now, item.workspaceId, 'item.updated', { itemId: item.id });
  return documentOf(row);
}
