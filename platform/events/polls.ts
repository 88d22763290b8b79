/** The held poll: answers at once when there is something, else waits for a wake-up. */
import type * as z from 'zod';
import type { PollReply, PollRequest } from '../../protocol/exchange.ts';
import type { Caller } from '../domain/caller.ts';
import { claimToken, holdLimit } from '../domain/claims.ts';
import { Waiter } from '../service/bus.ts';
import type { Service } from '../service/service.ts';
import type { Call, PollOutcome } from '../store/base/calls.ts';
import { topics } from '../store/base/engine.ts';

/** Told again until the holder acts on it, so the next poll must not come at once. */
const repeatMs = 1_000;

const says = (outcome: PollOutcome): boolean =>
  outcome.claims.length + outcome.lost.length + outcome.cancels.length + outcome.answers.length + outcome.messages.length > 0;

/** `gone` is aborted when the worker's connection closes: then nothing more is claimed for it. */
export async function heldPoll(
  service: Service,
  caller: Caller,
  request: z.output<typeof PollRequest>,
  gone: AbortSignal,
): Promise<PollReply> {
  const { store, bus, clock, profile } = service;
  const call = (): Call => ({ now: clock(), caller });
  const waiter = new Waiter(bus, [topics.queue(caller.workspaceId), topics.instance(request.instanceId)]);
  const release = (): void => {
    waiter.wake();
  };
  const stopped = AbortSignal.any([gone, service.ending]);
  stopped.addEventListener('abort', release);
  try {
    // Not the wall clock: that may jump while the poll is held.
    const deadline = performance.now() + holdLimit(request.waitMs, request.renewals.length > 0, profile);
    let outcome = await store.poll(call(), { ...request, watch: [] });
    const { renewed } = outcome;
    const reclaim: string[] = [];
    while (!says(outcome) && !stopped.aborted && performance.now() < deadline) {
      await waiter.wait(Math.max(0, deadline - performance.now()));
      if (stopped.aborted) break;
      outcome = await store.poll(call(), { ...request, reclaim, renewals: [], watch: request.renewals });
    }
    return replyOf(service, caller, request, { ...outcome, renewed });
  } finally {
    stopped.removeEventListener('abort', release);
    waiter.close();
  }
}

function replyOf(service: Service, caller: Caller, request: z.output<typeof PollRequest>, outcome: PollOutcome): PollReply {
  const { profile, claimKey } = service;
  const serverNow = service.clock();
  const repeats = outcome.cancels.length + outcome.answers.length + outcome.messages.length > 0;
  return {
    ...outcome,
    serverNow,
    leaseMs: profile.lease,
    renewMs: profile.renew,
    nextMs: request.waitMs === 0 || repeats ? repeatMs : 0,
    claims: outcome.claims.map((grant) => ({
      ...grant,
      leaseMs: profile.lease,
      serverNow,
      policy: [...service.rules],
      claimToken: claimToken(claimKey, {
        workspaceId: caller.workspaceId,
        sessionId: grant.session.id,
        fence: grant.fence,
        instanceId: request.instanceId,
      }),
    })),
  };
}
