/** How a run ends that was cut short, and how its end is told to the platform. */
import { setTimeout as delay } from 'node:timers/promises';
import type { RunPhase } from '../../protocol/activities.ts';
import { BelayError, isBelayError, messageOf } from '../../protocol/errors.ts';
import type { SessionError, SessionResult, SessionUsage } from '../../protocol/records.ts';
import type { z } from 'zod';
import { AgentFailure } from '../agents/base/driver.ts';
import type { Journal } from '../journal/journal.ts';
import type { HeldSession } from '../journal/heldSession.ts';
import type { Outbox } from '../journal/outbox.ts';
import { sayEnd, type RunEnd } from './end.ts';
import { LineBusy, type Halt } from './halt.ts';
import { truncate } from './sink.ts';
import type { Standing } from './standing.ts';

type ErrorWords = z.infer<typeof SessionError>;

export interface CutShort {
  readonly halt: Halt | null;
  readonly error: unknown;
  readonly phase: RunPhase;
  /** What there is so far. */
  readonly salvage: () => Promise<SessionResult | null>;
  readonly usage: () => z.infer<typeof SessionUsage> | null;
  /** What a run is told that was ended for its silence, or for its share of the disk. */
  readonly wordsOf: (halt: 'stalled' | 'over_quota') => ErrorWords | null;
}

/** Null when there is nobody left to tell. */
export async function endOfCutShort({ halt, error, phase, salvage, usage, wordsOf }: CutShort): Promise<RunEnd | null> {
  if (halt === 'lost') return null;
  if (halt === 'parked') return { verb: 'park' };
  if (halt === 'give_back') return { verb: 'release', reason: 'The worker was stopped.', notBeforeMs: null };
  if (error instanceof LineBusy) return { verb: 'release', reason: error.message, notBeforeMs: 10_000 };
  const result = await salvage();
  if (halt === 'cancel') return { verb: 'cancelled', text: `Stopped in phase "${phase}".`, result, usage: usage() };
  const words = halt === 'stalled' || halt === 'over_quota' ? wordsOf(halt) : null;
  return { verb: 'fail', error: words ?? errorOf(error, phase), result, usage: usage() };
}

function errorOf(error: unknown, phase: RunPhase): ErrorWords {
  if (error instanceof AgentFailure)
    return { code: error.code, message: truncate(error.message, 10_000), hint: error.hint && truncate(error.hint, 2000) };
  if (error instanceof BelayError)
    return {
      code: phase === 'sandbox' && error.code === 'unavailable' ? 'sandbox_unavailable' : `${phase}_failed`,
      message: truncate(error.message, 10_000),
      hint: error.hint ? truncate(error.hint, 2000) : null,
    };
  return {
    code: `${phase}_failed`,
    message: truncate(`The run failed in phase "${phase}": ${messageOf(error)}`, 10_000),
    hint: 'Retry: the folder is kept. If it happens again, the run log has the details.',
  };
}

export interface TellOptions {
  readonly held: HeldSession;
  readonly journal: Journal;
  readonly outbox: Outbox;
  readonly standing: Standing;
  /** How long the platform may be away, ms. */
  readonly offlineMs: number;
  /** The claim is lost for good: nobody listens any more. */
  readonly lost: () => boolean;
  readonly noteLost: () => void;
  readonly log: (text: string) => void;
}

/**
 * Writes the end down, then tells the platform for as long as it may still be heard. Returns the end
 * it took, or `lost`.
 */
export async function tellEnd(end: RunEnd, options: TellOptions): Promise<RunEnd['verb'] | 'lost'> {
  const { held, journal, outbox, standing, offlineMs, lost, noteLost, log } = options;
  if (end.verb !== 'park') journal.append('end', end, held.fence);
  journal.sync();
  const until = performance.now() + offlineMs;
  while (performance.now() < until && !lost()) {
    try {
      await outbox.drain(5000);
      await standing.flush();
      await sayEnd(held, end);
      return end.verb;
    } catch (error) {
      log(`The end could not be said: ${messageOf(error)}`);
      // Answered in the very moment of parking: the session goes on, with the answer, in a run of its own.
      if (end.verb === 'park' && isBelayError(error, 'invalid_transition'))
        return await tellEnd({ verb: 'release', reason: 'The answer came while the run was parked.', notBeforeMs: null }, options);
      if (isBelayError(error, 'session_final') || isBelayError(error, 'invalid_transition')) break;
      if (isBelayError(error, 'claim_lost')) noteLost();
      await delay(Math.min(2000, offlineMs));
    }
  }
  await outbox.drain(2000);
  return 'lost';
}
