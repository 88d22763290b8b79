/** What the reaper decides about leases and about sessions that nobody holds. */
import type { Execution } from '../../protocol/records.ts';
import type { LeaseProfile, SessionEventName } from '../../protocol/states.ts';
import { retryDelay } from './retry.ts';

/**
 * The platform itself was away (sleep, pause, restart) when more than two of its intervals went by
 * since its last tick: holders could not renew, so their leases are extended once before any is judged.
 */
export function wasAway(lastTick: number | null, now: number, profile: LeaseProfile): boolean {
  return lastTick === null || now - lastTick > longestBetweenTicks(profile);
}

/** In ms; a platform that let more time go by was away. */
export const longestBetweenTicks = (profile: LeaseProfile): number => 2 * profile.reap;

/** A lease is over for the reaper this long after its end. */
export const lastLiveEnd = (now: number, profile: LeaseProfile): number => now - profile.grace;

export const leaseLost = (cancelRequestedAt: number | null): SessionEventName =>
  cancelRequestedAt === null ? 'lease_ended' : 'lease_ended_cancelling';

/** How long the machine that lost a local claim may come back before used-up attempts end the session. */
export const reclaimWindowMs = 10 * 60_000;
/** How long a session may wait without being claimed. */
export const expiryMs = 7 * 86_400_000;

/**
 * When the reaper looks at a stale session again. Cloud sessions go back to the queue by themselves;
 * local ones wait for their own machine or a person, and at the latest for the expiry.
 */
export function staleUntil(
  session: { execution: Execution; attempt: number; maxAttempts: number },
  now: number,
  chance: number,
): { readonly at: number; readonly then: 'requeue' | 'attempts_exhausted' } {
  const used = session.attempt >= session.maxAttempts;
  if (session.execution === 'cloud')
    return used ? { at: now, then: 'attempts_exhausted' } : { at: now + retryDelay(session.attempt, chance), then: 'requeue' };
  return used ? { at: now + reclaimWindowMs, then: 'attempts_exhausted' } : { at: now + expiryMs, then: 'requeue' };
}
