/** Server-sent events with resume: everything after a number, then what comes, with a heartbeat in between. */
import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { Caller } from '../domain/caller.ts';
import { Waiter } from '../service/bus.ts';
import type { Service } from '../service/service.ts';
import type { Call } from '../store/base/calls.ts';
import { topics } from '../store/base/engine.ts';

const heartbeatMs = 15_000;
/** Read at once for one reader at most. What it does not take at once is let go and read again: an activity has 64 KiB at most. */
const batch = 100;
/** A reader that takes nothing for so long is left; it comes back and goes on where it was. */
const stuckMs = 30_000;
/** How soon a reader should come back when the platform ends. */
const returnMs = 500;

export interface Entry {
  readonly id: number;
  readonly data: unknown;
}
interface Source {
  readonly topic: string;
  /** Entries after number `after`, in order, at most `limit`. */
  readonly next: (after: number, limit: number) => Promise<readonly Entry[]>;
}

/** From here on the reply is ours: nothing of it goes through the framework. */
function take(reply: FastifyReply): ServerResponse {
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) reply.raw.setHeader(name, value);
  reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  return reply.raw;
}

/** Writes `source` from after number `from` until the reader leaves or the platform ends. */
async function stream(service: Service, reply: FastifyReply, source: Source, from: number): Promise<void> {
  const waiter = new Waiter(service.bus, [source.topic]);
  // Who left while we looked where to begin tells it to nobody any more.
  let open = !service.ending.aborted && !reply.raw.destroyed;
  const leave = (): void => {
    open = false;
    waiter.wake();
  };
  const response = take(reply);
  response.on('close', leave);
  service.ending.addEventListener('abort', leave);
  // Tells the reader where it stands, so that it can fetch a snapshot now and miss nothing after it.
  response.write(`event: ready\nid: ${from}\ndata: {}\n\n`);
  let at = from;
  let limit = batch;
  try {
    for (;;) {
      if (response.writableNeedDrain) await drained(response);
      if (!open) break;
      const entries = await source.next(at, limit);
      let taken = 0;
      for (const { id, data } of entries) {
        if (response.writableNeedDrain) break;
        response.write(`id: ${id}\ndata: ${JSON.stringify(data)}\n\n`);
        at = id;
        taken += 1;
      }
      const more = taken < entries.length || entries.length === limit;
      // As much as it took last time, and twice that once it took all: little is read in vain.
      limit = response.writableNeedDrain ? Math.max(1, taken) : Math.min(batch, 2 * limit);
      if (more) continue;
      const before = performance.now();
      await waiter.wait(heartbeatMs);
      if (open && performance.now() - before >= heartbeatMs) response.write(': still here\n\n');
    }
    if (service.ending.aborted) response.write(`retry: ${returnMs}\n: ending, come back\n\n`);
  } finally {
    service.ending.removeEventListener('abort', leave);
    waiter.close();
    response.end();
  }
}

/** Resolves when the reader has taken what was written, or is gone; one that takes nothing is left. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const stuck = setTimeout(() => response.destroy(), stuckMs);
    const done = (): void => {
      clearTimeout(stuck);
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}

/**
 * `lastEventId` null: only what comes from now on. A number from the future (another database) counts as now. Where events
 * after it are not kept any more, the stream begins later than asked: the reader sees that in its first frame.
 */
export async function workspaceStream(service: Service, caller: Caller, reply: FastifyReply, lastEventId: number | null): Promise<void> {
  const call = (): Call => ({ now: service.clock(), caller });
  const newest = await service.store.lastEvent(call());
  const floor = lastEventId === null ? 0 : await service.store.eventFloor(call());
  const from = lastEventId === null ? newest : Math.min(Math.max(lastEventId, floor), newest);
  const next = async (after: number, limit: number): Promise<Entry[]> =>
    (await service.store.eventsAfter(call(), after, limit)).map((event) => ({ id: event.n, data: event }));
  await stream(service, reply, { topic: topics.workspace(caller.workspaceId), next }, from);
}

/** `lastEventId` null: from the first activity on; from the future: as for a workspace. Throws `not_found` before anything is written. */
export async function sessionStream(
  service: Service,
  caller: Caller,
  reply: FastifyReply,
  id: string,
  lastEventId: number | null,
): Promise<void> {
  const call = (): Call => ({ now: service.clock(), caller });
  const { lastSeq } = await service.store.listActivities(call(), id, { limit: 1 });
  const next = async (after: number, limit: number): Promise<Entry[]> =>
    (await service.store.listActivities(call(), id, { after, limit })).entries.map((one) => ({ id: one.seq, data: one }));
  await stream(service, reply, { topic: topics.session(id), next }, Math.min(lastEventId ?? 0, lastSeq));
}
