/**
 * The store over an engine. `Call` says when and who; no operation reads a clock. Refusals are BelayErrors: `not_found`,
 * `forbidden`, `invalid_transition`, `claim_lost`, `session_final`, `version_conflict`, `idempotency_mismatch`,
 * `storage_full`, `storage_read_only`.
 */
import { admitTo, authorizeHolder } from '../domain/authorize.ts';
import type { Caller } from '../domain/caller.ts';
import { once } from './areas/workspace/once.ts';
import { ensureWorkspace } from './areas/workspace/workspace.ts';
import type { Call, Duty } from './base/calls.ts';
import type { Engine, Tx } from './base/engine.ts';
import { claimNamed, type BackgroundOperation, type Methods, type Operation } from './base/operation.ts';
import { operations } from './operations.ts';

export interface Store extends Methods<typeof operations> {
  readonly schema: number;
  /** Finds the workspace and its owner, or makes them on first use. */
  readonly ensureWorkspace: (now: number, names: { readonly workspace: string; readonly member: string }) => Promise<Caller>;
  readonly close: () => Promise<void>;
}

type AnyOperation = Operation<unknown[], unknown> | BackgroundOperation<unknown[], unknown>;
type Method = (asked: Call | Duty, ...args: unknown[]) => Promise<unknown>;

/** The operation's time is the database's where that decides. */
const timed = <C extends Duty | Call>(tx: Tx, asked: C): C => (tx.now === null ? asked : { ...asked, now: tx.now });

function methodOf(engine: Engine, operation: AnyOperation): Method {
  const { way } = operation;
  if (operation.needs === null)
    return (asked, ...args) => {
      const duty = asked as Duty;
      return engine[way](duty.workspaceId, (tx) => operation.run(tx, timed(tx, duty), ...args));
    };
  const { needs, settled, run } = operation;
  const answer = (tx: Tx, call: Call, args: unknown[]): Promise<unknown> =>
    operation.once ? once(tx, call, () => run(tx, call, ...args)) : run(tx, call, ...args);
  return async (asked, ...args) => {
    const call = asked as Call;
    admitTo(call.caller, needs);
    if (operation.held) authorizeHolder(call.caller, claimNamed(args));
    if (settled) await engine.settleEvents();
    return engine[way](call.caller.workspaceId, (tx) => answer(tx, timed(tx, call), args));
  };
}

export function createStore(engine: Engine): Store {
  const methods = Object.entries(operations as unknown as Record<string, AnyOperation>).map(
    ([name, operation]) => [name, methodOf(engine, operation)] as const,
  );
  return {
    ...(Object.fromEntries(methods) as unknown as Methods<typeof operations>),
    schema: engine.schema,
    ensureWorkspace: (now, names) => engine.write('', (tx) => ensureWorkspace(tx, tx.now ?? now, names)),
    close: () => engine.close(),
  };
}
