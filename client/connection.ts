/** A connection to a platform, wherever it is: repeats what may be repeated, and streams that come back. */
import { randomUUID } from 'node:crypto';
import type * as z from 'zod';
import { Activity } from '../protocol/activities.ts';
import { BelayError } from '../protocol/errors.ts';
import { WorkspaceEvent } from '../protocol/events.ts';
import { routes, type About } from '../protocol/routes.ts';
import { createApi, routePath, type BelayApi, type TransportReply, type TransportRequest } from '../protocol/typedClient.ts';
import type { PlatformAddress } from '../transport/address.ts';
import { TransportFailure } from '../transport/failure.ts';
import { platformHttp, type PlatformHttp } from '../transport/http.ts';
import { readStream } from './streams.ts';

export type ConnectionState = 'online' | 'offline';

export interface Connection {
  readonly api: BelayApi;
  /** For programs of this machine that talk to the platform themselves. */
  readonly address: PlatformAddress;
  /** Of the platform last reached. */
  readonly about: About;
  /**
   * Every change in the workspace from now on, until `signal`. Resolves when the stream stands: what is
   * fetched after that misses nothing. Comes back by itself and goes on where it was.
   */
  subscribeWorkspace(handler: (event: WorkspaceEvent) => void, signal: AbortSignal): Promise<void>;
  /** A session's activities after number `after` (0: all), in order, each once, until `signal`. */
  subscribeSession(sessionId: string, after: number, handler: (activity: Activity) => void, signal: AbortSignal): Promise<void>;
  /** Returns how to stop. */
  onState(handler: (state: ConnectionState) => void): () => void;
  close(): void;
}

const pollSlackMs = 5_000;

/** Returns who answers, once somebody does. Throws a BelayError that says what to do. */
export type Find = (http: PlatformHttp) => Promise<About>;

/** Connects to what `find` finds, and asks it again whenever that does not answer any more. */
export async function connectTo(address: PlatformAddress, find: Find): Promise<Connection> {
  const connection = new PlatformConnection(address, find);
  try {
    await connection.ensure();
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

class PlatformConnection implements Connection {
  readonly api: BelayApi;
  readonly address: PlatformAddress;
  private readonly look: Find;
  private readonly http: PlatformHttp;
  private readonly handlers = new Set<(state: ConnectionState) => void>();
  private readonly closed = new AbortController();
  private state: ConnectionState = 'offline';
  private known: About | undefined;
  private ensuring: Promise<void> | undefined;

  constructor(address: PlatformAddress, find: Find) {
    this.address = address;
    this.look = find;
    this.http = platformHttp(address);
    this.api = createApi((request) => this.send(request));
  }

  get about(): About {
    if (!this.known) throw new BelayError('unavailable', 'The Belay platform was not reached yet.');
    return this.known;
  }

  subscribeWorkspace(handler: (event: WorkspaceEvent) => void, signal: AbortSignal): Promise<void> {
    return this.follow(routes.workspaceEvents.path, null, signal, skippingUnknown(WorkspaceEvent, handler));
  }

  subscribeSession(sessionId: string, after: number, handler: (activity: Activity) => void, signal: AbortSignal): Promise<void> {
    return this.follow(routePath(routes.sessionEvents, { id: sessionId }), after, signal, skippingUnknown(Activity, handler));
  }

  onState(handler: (state: ConnectionState) => void): () => void {
    this.handlers.add(handler);
    return () => this.handlers.delete(handler);
  }

  close(): void {
    this.closed.abort();
    this.http.close();
    this.handlers.clear();
  }

  /** One look for the platform at a time, however many ask. */
  ensure(): Promise<void> {
    this.ensuring ??= this.find().finally(() => {
      this.ensuring = undefined;
    });
    return this.ensuring;
  }

  private async find(): Promise<void> {
    this.known = await this.look(this.http);
    this.tell('online');
  }

  private async send(request: TransportRequest): Promise<TransportReply> {
    const message = this.prepared(request);
    try {
      return this.reached(await this.http.send(message));
    } catch (error) {
      if (!(error instanceof TransportFailure) || this.closed.signal.aborted) throw error;
      this.tell('offline');
      if (!mayRepeat(error, request)) throw error;
      await this.ensure();
      return this.reached(await this.http.send(message));
    }
  }

  private reached(reply: TransportReply): TransportReply {
    this.tell('online');
    return reply;
  }

  /** A poll may be held, so it gets that much longer; every other write gets a name that makes a repeated create harmless. */
  private prepared(request: TransportRequest): TransportRequest {
    if (request.method !== 'POST') return request;
    if (request.path === routes.poll.path) {
      const { waitMs = 0 } = JSON.parse(request.body ?? '{}') as { waitMs?: number };
      return { timeoutMs: waitMs + pollSlackMs, ...request };
    }
    return { ...request, headers: { 'idempotency-key': randomUUID(), ...request.headers } };
  }

  private follow(path: string, after: number | null, signal: AbortSignal, onData: (data: unknown) => void): Promise<void> {
    return readStream({
      path,
      after,
      signal: AbortSignal.any([signal, this.closed.signal]),
      onData,
      onState: (state) => {
        this.tell(state);
      },
      open: async (message) => {
        try {
          return await this.http.open(message);
        } catch (error) {
          if (!(error instanceof TransportFailure)) throw error;
          await this.ensure();
          return this.http.open(message);
        }
      },
    });
  }

  private tell(state: ConnectionState): void {
    if (this.state === state || this.closed.signal.aborted) return;
    this.state = state;
    for (const handler of this.handlers) handler(state);
  }
}

/** A newer platform may tell what this program does not know: that is passed over, and what comes after it is not held up. */
const skippingUnknown =
  <T>(schema: z.ZodType<T>, handler: (entry: T) => void) =>
  (data: unknown): void => {
    const entry = schema.safeParse(data);
    if (entry.success) handler(entry.data);
  };

/** What never arrived may always be sent again. What may have arrived only where a second time changes nothing. */
function mayRepeat(error: TransportFailure, request: TransportRequest): boolean {
  if (error.kind === 'timeout') return false;
  return error.kind === 'unreached' || request.method === 'GET' || request.method === 'POST';
}
