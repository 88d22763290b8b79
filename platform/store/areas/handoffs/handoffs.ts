/** Hand-offs to tools that report nothing. */
import { BelayError } from '../../../../protocol/errors.ts';
import type { Handoff } from '../../../../protocol/records.ts';
import type { Bodies, Call, Queries, Slice } from '../../base/calls.ts';
import type { Tx } from '../../base/engine.ts';
import { beforeCursor, longPage, sliceOf } from '../../base/pages.ts';
import { integer, jsonOrNull, text } from '../../base/rows.ts';
import { emit } from '../events/events.ts';
import { findItem } from '../items/findItem.ts';
import { checkRepository, moveItem, writeRecap } from '../items/items.ts';
import { handoffOf } from './rows.ts';
import { handoffSql } from './sql.ts';

async function find(tx: Tx, call: Call, id: string): Promise<Handoff> {
  const row = await tx.get(handoffSql.handoffById, { workspace: call.caller.workspaceId, handoff: id });
  if (!row) throw new BelayError('not_found', `There is no hand-off "${id}".`);
  return handoffOf(row);
}

export async function listHandoffs(tx: Tx, call: Call, query: Queries['listHandoffs']): Promise<Slice<Handoff>> {
  const limit = query.limit ?? longPage;
  const filter = { workspace: call.caller.workspaceId, item: query.item ?? null, states: JSON.stringify(query.state ?? []) };
  const rows = await tx.all(handoffSql.handoffList, { ...filter, ...beforeCursor(query.cursor), limit: limit + 1 });
  return sliceOf(rows, limit, handoffOf, (row) => [integer(row, 'created_at'), text(row, 'id')]);
}

export async function createHandoff(tx: Tx, call: Call, itemId: string, body: Bodies['createHandoff']): Promise<Handoff> {
  const item = await findItem(tx, call, itemId);
  await checkRepository(tx, call, body.repositoryId);
  const id = tx.newId('hnd');
  await tx.insert('handoff', {
    id,
    item_id: item.id,
    target: body.target,
    target_name: body.targetName,
    mode: body.mode,
    state: 'open',
    detail: body.detail,
    repository_id: body.repositoryId,
    base_commit: body.baseCommit,
    by_id: call.caller.memberId,
    created_at: call.now,
  });
  emit(tx, call.now, item.workspaceId, 'handoff.changed', { itemId: item.id });
  if (body.taken) await moveItem(tx, call, item.id, { kind: 'taken' });
  return find(tx, call, id);
}

/** A person says that the tool has what was sent. */
export async function takeHandoff(tx: Tx, call: Call, id: string): Promise<Handoff> {
  const handoff = await find(tx, call, id);
  if (handoff.state !== 'open') throw new BelayError('invalid_transition', `This hand-off is ${handoff.state} already.`);
  await moveItem(tx, call, handoff.itemId, { kind: 'taken' });
  return handoff;
}

/** With a result it is recorded, with a recap on its item; without one it is closed. A hand-off ends once. */
export async function closeHandoff(tx: Tx, call: Call, id: string, body: Bodies['closeHandoff']): Promise<Handoff> {
  const state = body.result === null ? 'closed' : 'recorded';
  await find(tx, call, id);
  const changed = await tx.run(handoffSql.handoffClose, { handoff: id, state, result: jsonOrNull(body.result), now: call.now });
  const after = await find(tx, call, id);
  if (changed === 0) {
    if (after.state === state && JSON.stringify(after.result) === JSON.stringify(body.result)) return after;
    throw new BelayError('invalid_transition', `This hand-off is ${after.state} already.`);
  }
  emit(tx, call.now, call.caller.workspaceId, 'handoff.changed', { itemId: after.itemId });
  if (body.recap !== null) {
    await moveItem(tx, call, after.itemId, { kind: 'recorded' });
    await writeRecap(tx, call, after.itemId, null, body.recap);
  }
  return after;
}
