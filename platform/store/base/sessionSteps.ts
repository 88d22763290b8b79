/** Steps of the state table as SQL, so that a statement cannot move a session where the table does not. */
import { stateTable, type SessionEventName } from '../../../protocol/states.ts';

/** A planner that sees the condition of a partial index would take that index for the primary key, while it looks small. */
export const hidden = (column: string): string => `${column} || ''`;
const isHeld = 'COALESCE(lease_end, 0) <> 0';

/**
 * `where`: the standings from which `event` is legal (`held`: only those with, or without, a live claim).
 * `set`: the state it leads to; a claim that ends clears the lease.
 */
export function sessionStep(event: SessionEventName, held?: boolean): { readonly where: string; readonly set: string } {
  const rows = stateTable.filter((row) => row.on === event && (held === undefined || row.held === held));
  const [target, ...others] = new Set(rows.map((row) => row.to));
  if (target === undefined || others.length > 0) throw new Error(`"${event}" does not lead to one state.`);
  const part = (live: boolean): string[] => {
    const states = rows.filter((row) => row.held === live).map((row) => `'${row.from}'`);
    return states.length === 0 ? [] : [`(${hidden('state')} IN (${states.join(', ')}) AND ${live ? isHeld : 'lease_end IS NULL'})`];
  };
  const keepsClaim = rows.every((row) => row.holds);
  return {
    where: `(${[...part(true), ...part(false)].join(' OR ')})`,
    set: keepsClaim ? `state = '${target}'` : `state = '${target}', lease_end = NULL`,
  };
}

/** The guard of every worker write: session, fence, instance, and a claim that still lives. */
export const holderGuard = (at: (name: string) => string): string =>
  `id = ${at('session')} AND fence = ${at('fence')} AND claim_instance_id = ${at('instance')} AND ${isHeld}`;

const named = (name: string): string => `:${name}`;
/** The same in a statement by itself. */
export const holder = holderGuard(named);

/** Moves the sessions that `guard` finds by `event`, and sets what else there is to set. */
export function moveSession(event: SessionEventName, guard: string, set: string, held?: boolean): string {
  const { where, set: state } = sessionStep(event, held);
  return `UPDATE session SET ${state}${set ? `, ${set}` : ''} WHERE ${guard} AND ${where} RETURNING *`;
}

export const requeued = 'queued_at = :now, expires_at = :expires, stale_until = NULL, not_before = NULL';
