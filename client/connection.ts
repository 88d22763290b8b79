/** The connection to the platform of this machine: found, or started, and started again when it died. */
import { randomUUID } from 'node:crypto';
import type * as z from 'zod';
import { Activity } from '../protocol/activities.ts';
import { BelayError } from '../protocol/errors.ts';
import { WorkspaceEvent } from '../protocol/events.ts';
import { protocolVersion, routes, type About } from '../protocol/routes.ts';
import type { LeaseProfileName } from '../protocol/states.ts';
import { createApi, routePath, type BelayApi, type TransportReply, type TransportRequest } from '../protocol/typedClient.ts';
import { compareVersions } from '../protocol/versions.ts';
import { startPlatform } from './starter.ts';
import { socketPath } from './stateDir.ts';
import { readStream } from './streams.ts';
import { socketHttp, TransportFailure, type SocketHttp } from './transport.ts';

export interface ConnectOptions {
  readonly stateDir: string;
  /** Who connects, for people: `editor`, `cli`. */
  readonly program: string;
  readonly version: string;
  /** Path of the built platform. */
  readonly platformBundle: string;
  /** Runs the platform in place of this program. */
  readonly nodePath?: string;
  readonly leaseProfile?: LeaseProfileName;
  /** Ends the platform after so long without client and claim. */
  readonly idleMs?: number;
  /** Starts the platform where it must not happen in this thread. */
  readonly start?: typeof startPlatform;
}

export type ConnectionState = 'online' | 'offline';

export interface Connection {
  readonly api: BelayApi;
  /** Socket or pipe of the platform, for programs of this machine that talk to it themselves. */
  readonly socketPath: string;
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
const replaceTries = 5;
const goneMs = 10_000;
const lookAgainMs = 25;

/** Finds the platform of `stateDir`, or starts it. Throws a BelayError that says what to do. */
export async function connectEmbedded(options: ConnectOptions): Promise<Connection> {
  const connection = new EmbeddedConnection(options);
  try {
    await connection.ensure();
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

class EmbeddedConnection implements Connection {
  readonly api: BelayApi;
  private readonly options: ConnectOptions;
  readonly socketPath: string;
  private readonly http: SocketHttp;
  private readonly handlers = new Set<(state: ConnectionState) => void>();
  private readonly closed = new AbortController();
  private state: ConnectionState = 'offline';
  private known: About | undefined;
  private ensuring: Promise<void> | undefined;

  constructor(options: ConnectOptions) {
    this.options = options;
    this.socketPath = socketPath(options.stateDir);
    this.http = socketHttp(this.socketPath);
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
    for (let tries = 0; ; tries++) {
      let about = await this.askAbout();
      if (!about) {
        const { start = startPlatform, ...options } = this.options;
        await start({ ...options, socket: this.socketPath });
        about = await this.askAbout();
        if (!about) throw new BelayError('unavailable', 'The Belay platform started and ended again.', { hint: 'Its log file says why.' });
      } else if (tries < replaceTries && compareVersions(this.options.version, about.version) > 0 && (await this.replace(about))) {
        continue;
      }
      if (about.protocol > protocolVersion + 1)
        throw new BelayError('unavailable', `The Belay platform on this machine is much newer (${about.version}) than this program.`, {
          hint: `Update Belay here; this is version ${this.options.version}.`,
        });
      this.known = about;
      this.tell('online');
      return;
    }
  }

  private async askAbout(): Promise<About | null> {
    try {
      return await createApi((request) => this.http.send(request)).about();
    } catch (error) {
      if (error instanceof TransportFailure && error.kind !== 'timeout') return null;
      throw error;
    }
  }

  /** Asks an older platform to end. False when it refuses. */
  private async replace(older: About): Promise<boolean> {
    const direct = createApi((request) => this.http.send(request));
    try {
      const { quitting } = await direct.quit({ body: { version: this.options.version } });
      if (!quitting) return false;
    } catch (error) {
      if (!(error instanceof TransportFailure)) throw error;
    }
    for (const end = Date.now() + goneMs; Date.now() < end;) {
      const about = await this.askAbout();
      if (about?.pid !== older.pid) break;
      await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
    }
    return true;
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
