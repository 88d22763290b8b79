/** One item by its id or key, as every operation on items finds it. */
import { BelayError } from '../../../../protocol/errors.ts';
import type { StoredItem } from '../../../../protocol/records.ts';
import type { Call } from '../../base/calls.ts';
import type { Tx } from '../../base/engine.ts';
import { itemOf } from './rows.ts';
import { itemSql } from './sql.ts';

export async function findItem(tx: Tx, call: Call, id: string): Promise<StoredItem> {
  const row = await tx.get(itemSql.itemById, { workspace: call.caller.workspaceId, item: id });
  if (!row) throw new BelayError('not_found', `There is no item "${id}".`);
  return itemOf(row);
}

/** The item, kept as it is by everybody else until the transaction ends. */
export async function ownItem(tx: Tx, call: Call, id: string): Promise<StoredItem> {
  const found = await findItem(tx, call, id);
  await tx.get(itemSql.lockItem, { workspace: found.workspaceId, item: found.id });
  return findItem(tx, call, found.id);
}
