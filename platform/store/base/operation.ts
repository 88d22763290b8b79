/** What the store offers, as data: each operation is one transaction, and says which permission it takes. */
import type { Holder } from '../../../protocol/exchange.ts';
import type { Permission } from '../../../protocol/permissions.ts';
import type { Call, Duty } from './calls.ts';
import type { Tx } from './engine.ts';

/** `each`: every statement and chain may be a transaction of its own, so it can be repeated from its start. */
type Way = 'read' | 'write' | 'each';

/** For a caller, of their workspace. */
export interface Operation<A extends readonly unknown[], T> {
  readonly needs: Permission;
  readonly way: Way;
  /** The same Idempotency-Key gives the first reply again. */
  readonly once?: true;
  /** Reads what was committed before with its number. */
  readonly settled?: true;
  /** For the holder of a claim alone, which the first and the last argument name. */
  readonly held?: true;
  readonly run: (tx: Tx, call: Call, ...args: A) => Promise<T>;
}

/** What the platform does by itself, a workspace at a time. */
export interface BackgroundOperation<A extends readonly unknown[], T> {
  readonly needs: null;
  readonly way: Way;
  readonly run: (tx: Tx, duty: Duty, ...args: A) => Promise<T>;
}

type Run<A extends readonly unknown[], T> = Operation<A, T>['run'];
export const read = <A extends readonly unknown[], T>(needs: Permission, run: Run<A, T>): Operation<A, T> => ({ needs, way: 'read', run });
export const readSettled = <A extends readonly unknown[], T>(needs: Permission, run: Run<A, T>): Operation<A, T> => ({
  needs,
  way: 'read',
  settled: true,
  run,
});
export const write = <A extends readonly unknown[], T>(needs: Permission, run: Run<A, T>): Operation<A, T> => ({
  needs,
  way: 'write',
  run,
});
export const create = <A extends readonly unknown[], T>(needs: Permission, run: Run<A, T>): Operation<A, T> => ({
  needs,
  way: 'write',
  once: true,
  run,
});
export const repeatable = <A extends readonly unknown[], T>(needs: Permission, run: Run<A, T>): Operation<A, T> => ({
  needs,
  way: 'each',
  run,
});
/** Whose last argument says who holds the session. */
export interface HolderBody {
  readonly holder: Holder;
}
type HeldArguments = readonly [sessionId: string, ...unknown[], body: HolderBody];
export const holderOnly = <A extends HeldArguments, T>(way: Way, run: Run<A, T>): Operation<A, T> => ({
  needs: 'session.hold',
  way,
  held: true,
  run,
});
/** The claim that the arguments of such an operation name. */
export const claimNamed = (args: readonly unknown[]): { sessionId: string } & Holder => {
  const [sessionId] = args as HeldArguments;
  return { sessionId, ...(args.at(-1) as HolderBody).holder };
};
export const background = <A extends readonly unknown[], T>(
  way: Way,
  run: BackgroundOperation<A, T>['run'],
): BackgroundOperation<A, T> => ({ needs: null, way, run });

/** The methods of a store with these operations. */
export type Methods<M> = {
  readonly [N in keyof M]: M[N] extends Operation<infer A, infer T>
    ? (call: Call, ...args: A) => Promise<T>
    : M[N] extends BackgroundOperation<infer A, infer T>
      ? (duty: Duty, ...args: A) => Promise<T>
      : never;
};
