/** One tick of the reaper: leases, retries, times, expiries. */
import { leaseEnd } from '../../../domain/claims.ts';
import { expiryMs, lastLiveEnd, leaseLost, longestBetweenTicks, staleUntil, wasAway } from '../../../domain/reaper.ts';
import type { Duty, ReapSummary } from '../../base/calls.ts';
import type { Tx } from '../../base/engine.ts';
import { integer, integerOrNull, text } from '../../base/rows.ts';
import type { Sql } from '../../base/sql.ts';
import type { Row } from '../../base/values.ts';
import { unparkIfAnswered } from '../people/parking.ts';
import { tellChanged, writeOwnActivity } from '../sessions/sessionRows.ts';
import { sessionSql } from '../sessions/sql.ts';
import { workspaceSql } from '../workspace/sql.ts';
import { reaperSql } from './sql.ts';

/** Rows of one kind per tick, so that a tick stays short; the rest comes with the next. */
const perTick = 500;
const onceMemoryMs = 24 * 60 * 60_000;

/** The rows a tick is about, at most so many; those that somebody else works on come with the next tick. */
const due = (tx: Tx, statement: Sql, time: number): Promise<Row[]> => tx.all(statement, { now: time, limit: perTick });

/** Whether the platform was away, and how many leases were set anew because of that or of a clock that went back. */
async function forgiveAbsence(tx: Tx, duty: Duty): Promise<{ away: boolean; extended: number; live: boolean }> {
  if (!(await tx.get(reaperSql.anyLive))) return { away: false, extended: 0, live: false };
  const row = await tx.get(reaperSql.reapedAt, { workspace: duty.workspaceId });
  const end = leaseEnd(duty.now, tx.profile);
  const capped = await tx.run(reaperSql.capLive, { leaseEnd: end });
  const away = wasAway(row ? integerOrNull(row, 'reaped_at') : null, duty.now, tx.profile);
  // One renewed since the last ticks were due had its holder at work; with no claim before it, nobody ticked.
  return {
    away,
    extended: capped + (away ? await tx.run(reaperSql.extendLive, { leaseEnd: end, before: end - longestBetweenTicks(tx.profile) }) : 0),
    live: true,
  };
}

async function endLeases(tx: Tx, duty: Duty): Promise<number> {
  const overdue = await due(tx, reaperSql.overdue, lastLiveEnd(duty.now, tx.profile));
  for (const row of overdue) {
    const id = text(row, 'id');
    const fence = integer(row, 'fence');
    const event = leaseLost(integerOrNull(row, 'cancel_requested_at'));
    let after: Row | undefined;
    if (event === 'lease_ended_cancelling') {
      await writeOwnActivity(tx, duty.now, id, {
        kind: 'cancellation',
        body: { by: 'platform', text: 'The worker did not answer; its claim is over.' },
      });
      after = await tx.get(reaperSql.leaseEndedCancelling, { session: id, fence, now: duty.now });
      await tx.run(sessionSql.withdrawAll, { session: id, now: duty.now });
    } else {
      after = await tx.get(reaperSql.leaseEnded, { session: id, fence, staleUntil: staleUntil(attemptsOf(row), duty.now, tx.chance()).at });
    }
    await tx.run(reaperSql.claimEnd, { session: id, fence, now: duty.now, endedBy: event });
    if (after) tellChanged(tx, duty.now, after);
  }
  return overdue.length;
}

const attemptsOf = (row: Row): Parameters<typeof staleUntil>[0] => ({
  execution: text(row, 'execution') as 'local' | 'cloud',
  attempt: integer(row, 'attempt'),
  maxAttempts: integer(row, 'max_attempts'),
});

async function endWith(tx: Tx, duty: Duty, row: Row, statement: Sql, code: string, message: string): Promise<void> {
  const error = { code, message, hint: null };
  await writeOwnActivity(tx, duty.now, text(row, 'id'), { kind: 'failure', body: error });
  await tx.run(sessionSql.withdrawAll, { session: text(row, 'id'), now: duty.now });
  const after = await tx.get(statement, { session: text(row, 'id'), now: duty.now, error: JSON.stringify(error) });
  if (after) tellChanged(tx, duty.now, after);
}

async function settleStale(tx: Tx, duty: Duty): Promise<{ requeued: number; ended: number }> {
  let requeued = 0;
  let ended = 0;
  for (const row of await due(tx, reaperSql.staleDue, duty.now)) {
    if (staleUntil(attemptsOf(row), duty.now, 0).then === 'attempts_exhausted') {
      const attempts = integer(row, 'attempt');
      await endWith(tx, duty, row, reaperSql.exhausted, 'attempts_exhausted', `No worker finished this session in ${attempts} attempts.`);
      ended += 1;
      continue;
    }
    // A local session waited for its machine until its expiry: it keeps that, so that the next tick ends it.
    const expires = text(row, 'execution') === 'local' ? integer(row, 'expires_at') : duty.now + expiryMs;
    const after = await tx.get(sessionSql.sessionRequeue, { session: text(row, 'id'), now: duty.now, expires });
    await tx.run(sessionSql.withdrawAll, { session: text(row, 'id'), now: duty.now });
    if (after) tellChanged(tx, duty.now, after);
    requeued += 1;
  }
  return { requeued, ended };
}

async function readyPending(tx: Tx, duty: Duty): Promise<number> {
  const rows = await due(tx, reaperSql.pendingDue, duty.now);
  for (const row of rows) {
    const after = await tx.get(reaperSql.ready, {
      session: text(row, 'id'),
      now: duty.now,
      expires: Math.max(integer(row, 'expires_at'), duty.now + expiryMs),
    });
    if (after) tellChanged(tx, duty.now, after);
  }
  return rows.length;
}

async function expireSessions(tx: Tx, duty: Duty): Promise<number> {
  const rows = await due(tx, reaperSql.expiredSessions, duty.now);
  for (const row of rows) await endWith(tx, duty, row, reaperSql.expire, 'expired', 'No worker claimed this session in time.');
  return rows.length;
}

async function expireInputs(tx: Tx, duty: Duty): Promise<number> {
  let expired = 0;
  for (const input of await tx.all(reaperSql.expiredInputs, { now: duty.now, limit: perTick })) {
    const sessionId = text(input, 'session_id');
    await tx.get(sessionSql.lockSession, { session: sessionId });
    if ((await tx.run(reaperSql.inputExpire, { input: text(input, 'id'), now: duty.now })) === 0) continue;
    expired += 1;
    const row = (await unparkIfAnswered(tx, duty.now, sessionId)) ?? (await tx.get(sessionSql.sessionRow, { session: sessionId }));
    if (row) tellChanged(tx, duty.now, row, 'session.input');
  }
  return expired;
}

export async function reap(tx: Tx, duty: Duty): Promise<ReapSummary> {
  const { away, extended, live } = await forgiveAbsence(tx, duty);
  await tx.run(workspaceSql.forgetOnce, { before: duty.now - onceMemoryMs });
  const found = await tx.get(reaperSql.anythingDue, { lastLive: lastLiveEnd(duty.now, tx.profile), now: duty.now });
  const has = (what: string): boolean => found !== undefined && integer(found, what) !== 0;
  const lost = has('overdue') && !away ? await endLeases(tx, duty) : 0;
  // A lease that was just lost may be due again at once.
  const stale = has('stale') || lost > 0 ? await settleStale(tx, duty) : { requeued: 0, ended: 0 };
  const readied = has('pending') ? await readyPending(tx, duty) : 0;
  const expired = has('expired') || stale.requeued > 0 ? await expireSessions(tx, duty) : 0;
  const expiredInputs = has('inputs') ? await expireInputs(tx, duty) : 0;
  // Last, because every transaction of the workspace needs this row for its events.
  if (live) await tx.run(reaperSql.reaped, { workspace: duty.workspaceId, now: duty.now });
  return { extended, lost, requeued: stale.requeued, ended: stale.ended + expired, readied, expiredInputs };
}

export const anyLive = async (tx: Tx): Promise<boolean> => (await tx.get(reaperSql.anyLive)) !== undefined;
