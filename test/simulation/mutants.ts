/** Planted faults. A simulation that does not find them proves nothing. Most are edits of one statement. */
import { sqliteTexts } from '../../platform/store/sqlite.ts';
import type { SqlName } from '../../platform/store/sql.ts';
import type { RunSettings } from './world.ts';

type Mutant = Partial<RunSettings>;

/** The store with `name` edited. Throws when the edit changes nothing. */
function edit(name: SqlName, ...edits: readonly (readonly [from: string | RegExp, to: string])[]): Mutant {
  let edited: string = sqliteTexts[name];
  for (const [from, to] of edits) {
    const before = edited;
    edited = edited.replace(from, to);
    if (edited === before) throw new Error(`An edit of "${name}" changes nothing.`);
  }
  return { texts: { ...sqliteTexts, [name]: edited } };
}

const guard = 'fence = $2 AND claim_instance_id = $3 AND COALESCE(lease_end, 0) <> 0';
/** The places stay, so that the same values can be bound. */
const noGuard = '($2 = $2 AND $3 = $3)';
const noOwner = `${noGuard} AND COALESCE(lease_end, 0) <> 0`;
/** What the state table adds to a statement. */
const held = / AND \(\(state \|\| '' IN \([^)]*\) AND (lease_end IS NULL|COALESCE\(lease_end, 0\) <> 0)\)\)/;

export const mutants: Record<string, Mutant> = {
  completeUnfenced: edit('complete', [guard, noOwner]),
  failUnfenced: edit('fail', [guard, noOwner]),
  releaseUnfenced: edit('release', [guard, noOwner]),
  deferUnfenced: edit('defer', [guard, noOwner]),
  parkUnfenced: edit('park', [guard, noOwner]),
  askUnfenced: edit('ask', [guard, noOwner]),
  cancelledUnfenced: edit('cancelled', [guard, noOwner]),
  activityUnfenced: edit('reserveSeqs', [guard, noOwner]),
  activityAfterEnd: edit('reserveSeqs', [guard, noGuard]),
  renewWithoutOwner: edit('renew', ['s.fence = p.fence', 'p.fence = p.fence'], ['s.claim_instance_id = $2', '$2 = $2']),
  renewAfterEnd: edit('renew', [' AND s.lease_end IS NOT NULL', '']),
  claimNotIdempotent: edit('claimNext', ['$15 = (SELECT COUNT(*)', '$15 = $15 OR 1 = (SELECT COUNT(*)']),
  claimWithoutFence: edit('claimNext', ['fence = fence + 1', 'fence = fence']),
  claimOfHeld: edit('claimNext', ["s.state = 'queued'", "s.state IN ('queued', 'active')"], [held, '']),
  claimIgnoresRepository: edit('claimNext', [/AND \(s\.repository_id IS NULL OR [^)]*\)\)\)/, 'AND $9 = $9']),
  claimDoesNotCount: edit('claimNext', ['attempt = attempt + 1 - uncounted', 'attempt = attempt']),
  finalReopened: edit('sessionRetry', [held, '']),
  finalFinishedAgain: edit('complete', [guard, noGuard], [held, '']),
  releaseReopensFinal: edit('release', [guard, noGuard], [held, '']),
  reaperOff: { noReaper: true },
  leasesNeverEnd: edit('overdue', ['lease_end < $1', 'lease_end < $1 AND 1 = 0']),
  staleStays: edit('staleDue', ['stale_until <= $1', 'stale_until <= $1 AND 1 = 0']),
  pendingStays: edit('pendingDue', [/\(not_before IS NULL[^)]*\)/, '0 = $1']),
  cancelForgotten: edit('leaseEndedCancelling', ["state = 'cancelled'", "state = 'stale', stale_until = 0"]),
  numbersSkip: edit('reserveSeqs', ['last_seq + $4', 'last_seq + $4 + 1']),
  keysForgotten: edit('activityKeys', ['WHERE', 'WHERE 1 = 0 AND']),
  parkedForEver: edit('unpark', ["state = 'queued'", "state = 'awaiting_input'"]),
  reclaimByAnybody: edit('reclaim', ['claim_worker_id = $1 AND', '$1 = $1 AND']),
  reclaimWithoutFence: edit('reclaim', ['fence = fence + 1', 'fence = fence']),
  openQuestionsAtEnd: edit('endWithdraw', ['WHERE', 'WHERE 1 = 0 AND']),
};
