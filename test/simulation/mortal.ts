/** A store whose process may be killed in the middle of a transaction: wherever one asks for the time, before or after it wrote. */
import type { Call } from '../../platform/store/base/calls.ts';
import type { Store } from '../../platform/store/createStore.ts';

/** Thrown out of a transaction: the process that ran it is gone. */
export class Killed extends Error {}

const writes = [
  'poll',
  'append',
  'ask',
  'inputDelivered',
  'messageDelivered',
  'complete',
  'fail',
  'release',
  'park',
  'cancelled',
  'reap',
  'createSession',
  'cancelSession',
  'retrySession',
  'answerInput',
  'sendMessage',
] as const satisfies readonly (keyof Store)[];

type Operation = (call: Call, ...rest: unknown[]) => Promise<unknown>;

export function mortal(store: Store, kills: () => boolean): Store {
  const operations = store as unknown as Record<string, Operation>;
  const wrapped = writes.map((name): [string, Operation] => [
    name,
    ({ now, ...asked }, ...rest) => {
      const call: Call = {
        ...asked,
        get now() {
          if (kills()) throw new Killed('killed inside its transaction');
          return now;
        },
      };
      return operations[name]!(call, ...rest);
    },
  ]);
  return { ...store, ...Object.fromEntries(wrapped) };
}
