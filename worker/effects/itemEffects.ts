/** Comments on the session's item and changes of its status: written by the platform under the claim, each once. */
import type { WorkItem } from '../../protocol/records.ts';
import type { BelayApi } from '../../protocol/typedClient.ts';
import type { HeldSession } from '../journal/heldSession.ts';
import type { PlannedEffect } from './effect.ts';

export interface ItemEffectPorts {
  readonly api: Pick<BelayApi, 'getItem'>;
  readonly held: Pick<HeldSession, 'itemEffect'>;
  readonly itemKey: string | null;
}
type Effect =
  | { readonly type: 'comment'; readonly body: string }
  | { readonly type: 'status'; readonly status: Exclude<WorkItem['status'], 'completed' | 'cancelled'> };

export function planItemEffect(ports: ItemEffectPorts, effect: Effect): PlannedEffect {
  const item = ports.itemKey ?? 'the item';
  const words = effect.type === 'comment' ? `The comment stands on ${item}.` : `${item} is ${effect.status.replaceAll('_', ' ')}.`;
  return {
    resource: effect.type === 'comment' ? `comment:${item}` : `status:${item}/${effect.status}`,
    title: effect.type === 'comment' ? `Comment on ${item}` : `Set ${item} to ${effect.status.replaceAll('_', ' ')}`,
    detail: effect.type === 'comment' ? effect.body : `Status: ${effect.status}`,
    standing: async (before) => {
      if (before !== 'done') return 'not_done';
      // The same comment of a session is one comment; a status may have been set to another one since.
      const stands = effect.type === 'comment' || (await statusNow(ports)) === effect.status;
      return stands ? { done: words } : 'not_done';
    },
    perform: async (key) => {
      await ports.held.itemEffect({ key, effect });
      return words;
    },
  };
}

async function statusNow({ api, itemKey }: ItemEffectPorts): Promise<WorkItem['status'] | null> {
  if (itemKey === null) return null;
  return (await api.getItem({ params: { id: itemKey }, timeoutMs: 10_000 })).status;
}
