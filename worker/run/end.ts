/** How a run ends on the platform: written to the journal first, then said until it is heard. */
import * as z from 'zod';
import { BelayError, messageOf } from '../../protocol/errors.ts';
import { SessionError, SessionResult, SessionUsage } from '../../protocol/records.ts';
import type { HeldSession } from '../journal/heldSession.ts';

const usage = SessionUsage.nullable();
export const RunEnd = z.discriminatedUnion('verb', [
  z.object({ verb: z.literal('complete'), result: SessionResult, usage }),
  z.object({ verb: z.literal('fail'), error: SessionError, result: SessionResult.nullable(), usage }),
  z.object({ verb: z.literal('cancelled'), text: z.string().max(2000), result: SessionResult.nullable(), usage }),
  z.object({ verb: z.literal('release'), reason: z.string().max(2000), notBeforeMs: z.int().nonnegative().nullable() }),
  z.object({ verb: z.literal('park') }),
]);
export type RunEnd = z.infer<typeof RunEnd>;

/** Says it once. Throws what the platform answers; the same end said twice gives the first answer. */
export async function sayEnd(held: HeldSession, { verb, ...end }: RunEnd): Promise<void> {
  await ways[verb](held, end as never);
}

const ways: { readonly [V in RunEnd['verb']]: (held: HeldSession, end: Omit<Extract<RunEnd, { verb: V }>, 'verb'>) => Promise<void> } = {
  complete: (held, end) => held.complete(end),
  fail: (held, end) => held.fail(end),
  cancelled: (held, end) => held.cancelled(end),
  release: (held, end) => held.release(end),
  park: (held) => held.park(),
};

/** The end of a run that did not come to begin. */
export function notStarted(error: unknown): RunEnd {
  const hint = error instanceof BelayError ? (error.hint ?? null) : null;
  return { verb: 'fail', error: { code: 'not_started', message: messageOf(error).slice(0, 2000), hint }, result: null, usage: null };
}
