/** Changes an item as it is now: what others change at the same time stays. */
import { isBelayError } from '../../protocol/errors.ts';
import type { WorkItem } from '../../protocol/records.ts';
import type { BelayApi, CallInput } from '../../protocol/typedClient.ts';
import { itemName } from '../base/names.ts';

/** An item that changes faster than it can be read is given up. */
const tries = 5;

export async function changeItem(
  api: BelayApi,
  word: string,
  change: (item: WorkItem) => CallInput<'patchItem'>['body'],
): Promise<WorkItem> {
  const params = { id: itemName(word) };
  for (let left = tries; ; left -= 1) {
    const item = await api.getItem({ params });
    try {
      return await api.patchItem({ params, body: change(item), ifMatch: item.version });
    } catch (error) {
      if (!isBelayError(error, 'version_conflict') || left === 0) throw error;
    }
  }
}
