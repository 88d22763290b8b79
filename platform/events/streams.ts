/** Server-sent events with resume: everything after a number, then what comes, with a heartbeat in between. */
import type { ServerResponse } from 'node:http';
import type { Service } from '../service.ts';
import { topics } from '../store/engine.ts';
import { Waiter } from './bus.ts';

const heartbeatMs = 15_000;
const batch = 500;

export interface Entry {
  readonly id: number;
  readonly data: unknown;
}
interface Source {
  readonly topic: string;
  /** Entries after number `after`, in order, at most `limit`. */
  readonly next: (after: number, limit: number) => Promise<readonly Entry[]>;
}

/** Writes `source` to `response` from after number `from` until the reader leaves or the platform ends. */
async function stream(service: Service, response: ServerResponse, source: Source, from: number): Promise<void> {
  const waiter = new Waiter(service.bus, [source.topic]);
  let open = true;
  const leave = (): void => {
    open = false;
    waiter.wake();
  };
  response.on('close', leave);
  service.ending.addEventListener('abort', leave);
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  // Tells the reader where it stands, so that it can fetch a snapshot now and miss nothing after it.
  response.write(`event: ready\nid: ${from}\ndata: {}\n\n`);
  let at = from;
  try {
    while (open) {
      const entries = await source.next(at, batch);
      for (const entry of entries) {
        response.write(`id: ${entry.id}\ndata: ${JSON.stringify(entry.data)}\n\n`);
        at = entry.id;
      }
      if (response.writableNeedDrain) await drained(response);
      if (entries.length === batch) continue;
      const before = performance.now();
      await waiter.wait(heartbeatMs);
      if (open && performance.now() - before >= heartbeatMs) response.write(': still here\n\n');
    }
  } finally {
    service.ending.removeEventListener('abort', leave);
    waiter.close();
    response.end();
  }
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}

const call = (service: Service) => ({ now: service.clock(), caller: service.caller });

/**
 * `lastEventId` null: only what comes from now on. A number from the future (another database) counts as now. Where events
 * after it are not kept any more, the stream begins later than asked: the reader sees that in its first frame.
 */
export async function workspaceStream(service: Service, response: ServerResponse, lastEventId: number | null): Promise<void> {
  const newest = await service.store.lastEvent(call(service));
  const floor = lastEventId === null ? 0 : await service.store.eventFloor(call(service));
  const from = lastEventId === null ? newest : Math.min(Math.max(lastEventId, floor), newest);
  const next = async (after: number, limit: number): Promise<Entry[]> =>
    (await service.store.eventsAfter(call(service), after, limit)).map((event) => ({ id: event.n, data: event }));
  await stream(service, response, { topic: topics.workspace(service.caller.workspaceId), next }, from);
}

/** `lastEventId` null: from the first activity on. Throws `not_found` before anything is written. */
export async function sessionStream(service: Service, response: ServerResponse, id: string, lastEventId: number | null): Promise<void> {
  await service.store.listActivities(call(service), id, { limit: 1 });
  const next = async (after: number, limit: number): Promise<Entry[]> =>
    (await service.store.listActivities(call(service), id, { after, limit })).entries.map((one) => ({ id: one.seq, data: one }));
  await stream(service, response, { topic: topics.session(id), next }, lastEventId ?? 0);
}
