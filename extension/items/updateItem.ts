/** A person's change of single fields of an item. */
import { isBelayError } from '../../protocol/errors.ts';
import type { ItemFields } from '../../protocol/panel.ts';
import type { BelayApi } from '../../protocol/typedClient.ts';

/** An item that changes faster than it can be read is given up. */
const tries = 5;

/**
 * Stores `patch` over what the person saw. Throws `version_conflict` when one of its fields is no longer what they saw;
 * an item that changed elsewhere, by the same person a moment ago or by an agent, is in nobody's way.
 */
export async function updateItem(api: BelayApi, key: string, version: number, patch: ItemFields, seen: ItemFields): Promise<void> {
  const params = { id: key };
  for (let left = tries, ifMatch = version; ; left -= 1) {
    try {
      await api.patchItem({ params, body: patch, ifMatch });
      return;
    } catch (error) {
      if (!isBelayError(error, 'version_conflict') || left === 0) throw error;
      const now = await api.getItem({ params });
      const fields = Object.keys(patch) as (keyof ItemFields)[];
      if (fields.some((field) => now[field] !== seen[field] && now[field] !== patch[field])) throw error;
      ifMatch = now.version;
    }
  }
}
