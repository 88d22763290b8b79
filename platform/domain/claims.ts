/** Claims: who may claim what, how long a lease lasts, and the token that proves one. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { StoredSession, Worker } from '../../protocol/records.ts';
import { transition, type LeaseProfile } from '../../protocol/states.ts';

/** The parts of a session that decide who may claim it. */
export interface Claimable extends Pick<StoredSession, 'workspaceId' | 'agentId' | 'execution' | 'ownerId' | 'repositoryId' | 'state'> {
  readonly held: boolean;
  /** Set: this worker and no other; at first only by the session's name. */
  readonly workerId: string | null;
  readonly queuedAt: number | null;
  /** Until `preferUntil`, only this worker: it has the session's folder. */
  readonly preferWorkerId: string | null;
  readonly preferUntil: number | null;
}
export type Claimant = Pick<Worker, 'id' | 'workspaceId' | 'ownerId' | 'execution' | 'agentIds'>;

/** What a claim asks for. */
export interface ClaimWish {
  /** Repositories bound on the worker's machine. */
  readonly repositoryIds: readonly string[];
  /** This session and no other. */
  readonly byName: boolean;
}

/**
 * A session kept for a worker was created to be claimed by name, by one window or terminal. For so long the
 * general polls of the same machine's other instances leave it alone.
 */
export const namedFirstMs = 10_000;

/** Why `worker` may not claim `session` now; null when it may. */
export function ineligible(session: Claimable, worker: Claimant, wish: ClaimWish, now: number): string | null {
  if (!transition(session, 'claim')) return 'not queued';
  if (session.workspaceId !== worker.workspaceId) return 'another workspace';
  if (session.execution !== worker.execution) return 'another execution';
  if (!worker.agentIds.includes(session.agentId)) return 'another agent';
  if (session.execution === 'local' && session.ownerId !== worker.ownerId) return 'another owner';
  if (session.workerId !== null && session.workerId !== worker.id) return 'kept for another worker';
  if (session.workerId !== null && !wish.byName && session.queuedAt !== null && session.queuedAt > now - namedFirstMs)
    return 'to be claimed by name first';
  if (session.repositoryId !== null && !wish.repositoryIds.includes(session.repositoryId)) return 'repository not bound';
  const preferred = session.preferWorkerId !== null && session.preferUntil !== null && session.preferUntil > now;
  if (preferred && session.preferWorkerId !== worker.id) return 'another worker is preferred';
  return null;
}

/** How long a session waits for the machine that has its folder before others may take it. */
export const preferenceMs = 60_000;

export const leaseEnd = (now: number, profile: LeaseProfile): number => now + profile.lease;

/** The platform may hold a poll so long that the next renewal still comes in time. */
export const holdLimit = (waitMs: number, renewing: boolean, profile: LeaseProfile): number =>
  renewing ? Math.min(waitMs, profile.renew) : waitMs;

export interface ClaimName {
  readonly workspaceId: string;
  readonly sessionId: string;
  readonly fence: number;
  readonly instanceId: string;
}

/** Derivable at any time from the name, so it is stored nowhere; a moved fence makes another name. */
export function claimToken(key: Uint8Array, claim: ClaimName): string {
  const name = JSON.stringify(['belay-claim-1', claim.workspaceId, claim.sessionId, claim.fence, claim.instanceId]);
  return createHmac('sha256', key).update(name).digest('base64url');
}

export function claimTokenFits(key: Uint8Array, claim: ClaimName, token: string): boolean {
  const wanted = Buffer.from(claimToken(key, claim));
  const given = Buffer.from(token);
  return wanted.length === given.length && timingSafeEqual(wanted, given);
}
