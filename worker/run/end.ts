/** How a run ends on the platform: written to the journal first, then said until it is heard. */
import * as z from 'zod';
import { BelayError, messageOf } from '../../protocol/errors.ts';
import type { BelayApi } from '../../protocol/typedClient.ts';
import { SessionError, SessionResult, SessionUsage } from '../../protocol/records.ts';
import type { ClaimHold } from '../journal/outbox.ts';

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
export async function sayEnd(api: BelayApi, hold: ClaimHold, end: RunEnd): Promise<void> {
  const call = { params: { id: hold.sessionId }, claimToken: hold.claimToken, timeoutMs: 10_000 };
  const holder = { instanceId: hold.instanceId, fence: hold.fence };
  switch (end.verb) {
    case 'complete':
      await api.complete({ ...call, body: { holder, result: end.result, usage: end.usage } });
      return;
    case 'fail':
      await api.fail({ ...call, body: { holder, error: end.error, result: end.result, usage: end.usage } });
      return;
    case 'cancelled':
      await api.cancelled({ ...call, body: { holder, text: end.text, result: end.result, usage: end.usage } });
      return;
    case 'release':
      await api.release({ ...call, body: { holder, reason: end.reason, notBeforeMs: end.notBeforeMs } });
      return;
    case 'park':
      await api.park({ ...call, body: { holder } });
      return;
  }
}

/** The end of a run that did not come to begin. */
export function notStarted(error: unknown): RunEnd {
  const hint = error instanceof BelayError ? (error.hint ?? null) : null;
  return { verb: 'fail', error: { code: 'not_started', message: messageOf(error).slice(0, 2000), hint }, result: null, usage: null };
}
