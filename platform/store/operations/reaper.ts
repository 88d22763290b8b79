/** One tick of the reaper: leases, retries, times, expiries. */
import { leaseEnd } from '../../domain/claims.ts';
import { expiryMs, lastLiveEnd, leaseLost, longestBetweenTicks, staleUntil, wasAway } from '../../domain/reaper.ts';
import type { Row, Tx } from '../base/engine.ts';
import { integer, integerOrNull, text } from '../base/rows.ts';
import type { Call, ReapSummary } from '../base/store.ts';
import { unparkIfAnswered } from './parking.ts';
import { changed, note } from './sessions.ts';

/** Rows of one kind per tick, so that a tick stays short; the rest comes with the next. */
const perTick = 500;
const onceMemoryMs = 24 * 60 * 60_000;

/** The rows a tick is about, at most so many; those that somebody else works on come with the next tick. */
const due = (tx: Tx, statement: 'overdue' | 'staleDue' | 'pendingDue' | 'expiredSessions', time: number): Promise<Row[]> =>
  tx.all(statement, [time, perTick]);

/** Whether the platform was away, and how many leases were set anew because of that or of a clock that went back. */
async function forgiveAbsence(tx: Tx, call: Call): Promise<{ away: boolean; extended: number; live: boolean }> {
  if (!(await tx.get('anyLive'))) return { away: false, extended: 0, live: false };
  const row = await tx.get('reapedAt', [call.caller.workspaceId]);
  const end = leaseEnd(call.now, tx.profile);
  const capped = await tx.run('capLive', [end]);
  const away = wasAway(row ? integerOrNull(row, 'reaped_at') : null, call.now, tx.profile);
  // One renewed since the last ticks were due had its holder at work; with no claim before it, nobody ticked.
  return { away, extended: capped + (away ? await tx.run('extendLive', [end, end - longestBetweenTicks(tx.profile)]) : 0), live: true };
}

async function endLeases(tx: Tx, call: Call): Promise<number> {
  const overdue = await due(tx, 'overdue', lastLiveEnd(call.now, tx.profile));
  for (const row of overdue) {
    const id = text(row, 'id');
    const fence = integer(row, 'fence');
    const event = leaseLost(integerOrNull(row, 'cancel_requested_at'));
    let after: Row | undefined;
    if (event === 'lease_ended_cancelling') {
      await note(tx, call.now, id, {
        kind: 'cancellation',
        body: { by: 'platform', text: 'The worker did not answer; its claim is over.' },
      });
      after = await tx.get('leaseEndedCancelling', [id, fence, call.now]);
      await tx.run('withdrawAll', [id, call.now]);
    } else {
      after = await tx.get('leaseEnded', [id, fence, staleUntil(attemptsOf(row), call.now, tx.chance()).at]);
    }
    await tx.run('claimEnd', [id, fence, call.now, event]);
    if (after) changed(tx, call.now, after);
  }
  return overdue.length;
}

const attemptsOf = (row: Row): Parameters<typeof staleUntil>[0] => ({
  execution: text(row, 'execution') as 'local' | 'cloud',
  attempt: integer(row, 'attempt'),
  maxAttempts: integer(row, 'max_attempts'),
});

async function endWith(tx: Tx, call: Call, row: Row, statement: 'exhausted' | 'expire', code: string, message: string): Promise<void> {
  const error = { code, message, hint: null };
  await note(tx, call.now, text(row, 'id'), { kind: 'failure', body: error });
  await tx.run('withdrawAll', [text(row, 'id'), call.now]);
  const after = await tx.get(statement, [text(row, 'id'), call.now, JSON.stringify(error)]);
  if (after) changed(tx, call.now, after);
}

async function settleStale(tx: Tx, call: Call): Promise<{ requeued: number; ended: number }> {
  let requeued = 0;
  let ended = 0;
  for (const row of await due(tx, 'staleDue', call.now)) {
    if (staleUntil(attemptsOf(row), call.now, 0).then === 'attempts_exhausted') {
      const attempts = integer(row, 'attempt');
      await endWith(tx, call, row, 'exhausted', 'attempts_exhausted', `No worker finished this session in ${attempts} attempts.`);
      ended += 1;
      continue;
    }
    // A local session waited for its machine until its expiry: it keeps that, so that the next tick ends it.
    const expires = text(row, 'execution') === 'local' ? integer(row, 'expires_at') : call.now + expiryMs;
    const after = await tx.get('sessionRequeue', [text(row, 'id'), call.now, expires]);
    await tx.run('withdrawAll', [text(row, 'id'), call.now]);
    if (after) changed(tx, call.now, after);
    requeued += 1;
  }
  return { requeued, ended };
}

async function readyPending(tx: Tx, call: Call): Promise<number> {
  const rows = await due(tx, 'pendingDue', call.now);
  for (const row of rows) {
    const after = await tx.get('ready', [text(row, 'id'), call.now, Math.max(integer(row, 'expires_at'), call.now + expiryMs)]);
    if (after) changed(tx, call.now, after);
  }
  return rows.length;
}

async function expireSessions(tx: Tx, call: Call): Promise<number> {
  const rows = await due(tx, 'expiredSessions', call.now);
  for (const row of rows) await endWith(tx, call, row, 'expire', 'expired', 'No worker claimed this session in time.');
  return rows.length;
}

async function expireInputs(tx: Tx, call: Call): Promise<number> {
  let expired = 0;
  for (const input of await tx.all('expiredInputs', [call.now, perTick])) {
    const sessionId = text(input, 'session_id');
    await tx.get('lockSession', [sessionId]);
    if ((await tx.run('inputExpire', [text(input, 'id'), call.now])) === 0) continue;
    expired += 1;
    const row = (await unparkIfAnswered(tx, call.now, sessionId)) ?? (await tx.get('sessionRow', [sessionId]));
    if (row) changed(tx, call.now, row, 'session.input');
  }
  return expired;
}

export async function reap(tx: Tx, call: Call): Promise<ReapSummary> {
  const { away, extended, live } = await forgiveAbsence(tx, call);
  await tx.run('forgetOnce', [call.now - onceMemoryMs]);
  const found = await tx.get('anythingDue', [lastLiveEnd(call.now, tx.profile), call.now]);
  const has = (what: string): boolean => found !== undefined && integer(found, what) !== 0;
  const lost = has('overdue') && !away ? await endLeases(tx, call) : 0;
  // A lease that was just lost may be due again at once.
  const stale = has('stale') || lost > 0 ? await settleStale(tx, call) : { requeued: 0, ended: 0 };
  const readied = has('pending') ? await readyPending(tx, call) : 0;
  const expired = has('expired') || stale.requeued > 0 ? await expireSessions(tx, call) : 0;
  const expiredInputs = has('inputs') ? await expireInputs(tx, call) : 0;
  // Last, because every transaction of the workspace needs this row for its events.
  if (live) await tx.run('reaped', [call.caller.workspaceId, call.now]);
  return { extended, lost, requeued: stale.requeued, ended: stale.ended + expired, readied, expiredInputs };
}
