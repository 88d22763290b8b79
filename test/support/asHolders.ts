/** A store whose callers hold whatever claim they name, as if the API had seen its token: for tests of what the claim itself decides. */
import { holding } from '../../platform/domain/caller.ts';
import { claimNamed } from '../../platform/store/base/operation.ts';
import type { Call } from '../../platform/store/base/calls.ts';
import type { Store } from '../../platform/store/createStore.ts';
import { operations } from '../../platform/store/operations.ts';

type Method = (call: Call, ...args: unknown[]) => Promise<unknown>;

export function asHolders(store: Store): Store {
  const methods = store as unknown as Record<string, Method>;
  const wrapped = Object.entries(operations).flatMap(([name, operation]) => {
    const method = methods[name];
    if (!('held' in operation) || !method) return [];
    const held: Method = (call, ...args) => {
      const claim = { workspaceId: call.caller.workspaceId, ...claimNamed(args) };
      return method({ ...call, caller: holding(call.caller, claim) }, ...args);
    };
    return [[name, held] as const];
  });
  return { ...store, ...(Object.fromEntries(wrapped) as unknown as Partial<Store>) };
}
