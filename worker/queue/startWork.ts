import type { ItemStatus } from '../../protocol/records.ts';
import type { BelayApi } from '../../protocol/typedClient.ts';
import { moveItem } from '../review/review.ts';

const waiting: readonly ItemStatus[] = ['idea', 'open', 'planned'];

/** Moves an item that still waits to In progress; any other stays as it is. */
export async function startWork(api: BelayApi, itemId: string): Promise<void> {
  await moveItem(api, itemId, (item) => (waiting.includes(item.status) ? 'in_progress' : null));
}
