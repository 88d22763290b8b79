/** One tick of the reaper: leases, retries, times, expiries. */
import { leaseEnd } from '../../domain/claims.ts';
import { expiryMs, lastLiveEnd, leaseLost, longestBetweenTicks, staleUntil, wasAway } from '../../domain/reaper.ts';
import type { Row, Tx } from '../base/engine.ts';
import { integer, integerOrNull, text } from '../base/rows.ts';
import type { Duty, ReapSummary } from '../base/store.ts';
import { unparkIfAnswered } from './parking.ts';
import { changed, note } from './sessionRows.ts';

/** Rows of one kind per tick, so that a tick stays short; the rest comes with the next. */
const perTick = 500;
const onceMemoryMs = 24 * 60 * 60_000;

/** The rows a tick is about, at most so many; those that somebody else works on come with the next tick. */
const due = (tx: Tx, statement: 'overdue' | 'staleDue' | 'pendingDue' | 'expiredSessions', time: number): Promise<Row[]> =>
  tx.all(statement, [time, perTick]);

/** Whether the platform was away, and how many leases were set anew because of that or of a clock that went back. */
async function forgiveAbsence(tx: Tx, duty: Duty): Promise<{ away: boolean; extended: number; live: boolean }> {
  if (!(await tx.get('anyLive'))) return { away: false, extended: 0, live: false };
  const row = await tx.get('reapedAt', [duty.workspaceId]);
  const end = leaseEnd(duty.now, tx.profile);
  const capped = await tx.run('capLive', [end]);
  const away = wasAway(row ? integerOrNull(row, 'reaped_at') : null, duty.now, tx.profile);
  // One renewed since the last ticks were due had its holder at work; with no claim before it, nobody ticked.
  return { away, extended: capped + (away ? await tx.run('extendLive', [end, end - longestBetweenTicks(tx.profile)]) : 0), live: true };
}

async function endLeases(tx: Tx, duty: Duty): Promise<number> {
  const overdue = await due(tx, 'overdue', lastLiveEnd(duty.now, tx.profile));
  for (const row of overdue) {
    const id = text(row, 'id');
    const fence = integer(row, 'fence');
    const event = leaseLost(integerOrNull(row, 'cancel_requested_at'));
    let after: Row | undefined;
    if (event === 'lease_ended_cancelling') {
      await note(tx, duty.now, id, {
        kind: 'cancellation',
        body: { by: 'platform', text: 'The worker did not answer; its claim is over.' },
      });
      after = await tx.get('leaseEndedCancelling', [id, fence, duty.now]);
      await tx.run('withdrawAll', [id, duty.now]);
    } else {
      after = await tx.get('leaseEnded', [id, fence, staleUntil(attemptsOf(row), duty.now, tx.chance()).at]);
    }
    await tx.run('claimEnd', [id, fence, duty.now, event]);
    if (after) changed(tx, duty.now, after);
  }
  return overdue.length;
}

const attemptsOf = (row: Row): Parameters<typeof staleUntil>[0] => ({
  execution: text(row, 'execution') as 'local' | 'cloud',
  attempt: integer(row, 'attempt'),
  maxAttempts: integer(row, 'max_attempts'),
});

async function endWith(tx: Tx, duty: Duty, row: Row, statement: 'exhausted' | 'expire', code: string, message: string): Promise<void> {
  const error = { code, message, hint: null };
  await note(tx, duty.now, text(row, 'id'), { kind: 'failure', body: error });
  await tx.run('withdrawAll', [text(row, 'id'), duty.now]);
  const after = await tx.get(statement, [text(row, 'id'), duty.now, JSON.stringify(error)]);
  if (after) changed(tx, duty.now, after);
}

async function settleStale(tx: Tx, duty: Duty): Promise<{ requeued: number; ended: number }> {
  let requeued = 0;
  let ended = 0;
  for (const row of await due(tx, 'staleDue', duty.now)) {
    if (staleUntil(attemptsOf(row), duty.now, 0).then === 'attempts_exhausted') {
      const attempts = integer(row, 'attempt');
      await endWith(tx, duty, row, 'exhausted', 'attempts_exhausted', `No worker finished this session in ${attempts} attempts.`);
      ended += 1;
      continue;
    }
    // A local session waited for its machine until its expiry: it keeps that, so that the next tick ends it.
    const expires = text(row, 'execution') === 'local' ? integer(row, 'expires_at') : duty.now + expiryMs;
    const after = await tx.get('sessionRequeue', [text(row, 'id'), duty.now, expires]);
    await tx.run('withdrawAll', [text(row, 'id'), duty.now]);
    if (after) changed(tx, duty.now, after);
    requeued += 1;
  }
  return { requeued, ended };
}

async function readyPending(tx: Tx, duty: Duty): Promise<number> {
  const rows = await due(tx, 'pendingDue', duty.now);
  for (const row of rows) {
    const after = await tx.get('ready', [text(row, 'id'), duty.now, Math.max(integer(row, 'expires_at'), duty.now + expiryMs)]);
    if (after) changed(tx, duty.now, after);
  }
  return rows.length;
}

async function expireSessions(tx: Tx, duty: Duty): Promise<number> {
  const rows = await due(tx, 'expiredSessions', duty.now);
  for (const row of rows) await endWith(tx, duty, row, 'expire', 'expired', 'No worker claimed this session in time.');
  return rows.length;
}

async function expireInputs(tx: Tx, duty: Duty): Promise<number> {
  let expired = 0;
  for (const input of await tx.all('expiredInputs', [duty.now, perTick])) {
    const sessionId = text(input, 'session_id');
    await tx.get('lockSession', [sessionId]);
    if ((await tx.run('inputExpire', [text(input, 'id'), duty.now])) === 0) continue;
    expired += 1;
    const row = (await unparkIfAnswered(tx, duty.now, sessionId)) ?? (await tx.get('sessionRow', [sessionId]));
    if (row) changed(tx, duty.now, row, 'session.input');
  }
  return expired;
}

export async function reap(tx: Tx, duty: Duty): Promise<ReapSummary> {
  const { away, extended, live } = await forgiveAbsence(tx, duty);
  await tx.run('forgetOnce', [duty.now - onceMemoryMs]);
  const found = await tx.get('anythingDue', [lastLiveEnd(duty.now, tx.profile), duty.now]);
  const has = (what: string): boolean => found !== undefined && integer(found, what) !== 0;
  const lost = has('overdue') && !away ? await endLeases(tx, duty) : 0;
  // A lease that was just lost may be due again at once.
  const stale = has('stale') || lost > 0 ? await settleStale(tx, duty) : { requeued: 0, ended: 0 };
  const readied = has('pending') ? await readyPending(tx, duty) : 0;
  const expired = has('expired') || stale.requeued > 0 ? await expireSessions(tx, duty) : 0;
  const expiredInputs = has('inputs') ? await expireInputs(tx, duty) : 0;
  // Last, because every transaction of the workspace needs this row for its events.
  if (live) await tx.run('reaped', [duty.workspaceId, duty.now]);
  return { extended, lost, requeued: stale.requeued, ended: stale.ended + expired, readied, expiredInputs };
}
