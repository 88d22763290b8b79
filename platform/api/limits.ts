/** How much one client may ask of one replica. Readers, writers and workers are counted apart. */
import type { FastifyInstance, FastifyRequest, preHandlerAsyncHookHandler } from 'fastify';
import { BelayError } from '../../protocol/errors.ts';
import { bucketOf, type Route } from '../../protocol/route.ts';
import { limitWindowMs, type Limits, type Service } from '../service/service.ts';

/** So many clients are remembered; the one not seen for longest is forgotten first. */
const mostClients = 20_000;

/** Who asks: everybody with the same credential from the same address. On a Unix socket there is only one. */
export const clientOf = (request: FastifyRequest): string => request.socket.remoteAddress ?? '';

/** A worker is counted by itself, however many share the credential: by its id in a poll, by the session it holds in a write. */
function workOf(request: FastifyRequest): string {
  const { id } = request.params as { id?: string };
  const worker = (request.body as { workerId?: unknown } | null | undefined)?.workerId;
  return `${clientOf(request)} ${id ?? (typeof worker === 'string' ? worker.slice(0, 80) : '')}`;
}

const exceeded = (waitMs: number): BelayError =>
  new BelayError('rate_limited', 'Too many requests from here in a short time.', {
    retryAfterMs: waitMs,
    hint: 'Wait as long as Retry-After says.',
  });

type Hook = preHandlerAsyncHookHandler;
/** The hook that counts a route's requests, where they are counted: before their body is read, or after where that says who asks. */
export type Limiter = (route: Route) => { readonly onRequest?: Hook; readonly preHandler?: Hook };

const noHeaders = { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false };

/** Loads what counts only where something is to be counted. */
export async function createLimiter(server: FastifyInstance, limits: Limits): Promise<Limiter> {
  const { reads, writes, work } = limits;
  if (reads === undefined && writes === undefined && work === undefined) return () => ({});
  const { default: plugin } = await import('@fastify/rate-limit');
  await server.register(plugin, {
    global: false,
    cache: mostClients,
    addHeaders: noHeaders,
    addHeadersOnExceeding: noHeaders,
    errorResponseBuilder: (_request, { ttl }) => exceeded(ttl),
  });
  const hook = (max: number | undefined, keyGenerator: (request: FastifyRequest) => string): Hook | undefined =>
    max === undefined ? undefined : (server.rateLimit({ max, timeWindow: limitWindowMs, keyGenerator }) as Hook);
  const hooks = { reads: hook(reads, clientOf), writes: hook(writes, clientOf), work: hook(work, workOf) };
  return (route) => {
    const bucket = bucketOf(route);
    const counts = bucket && hooks[bucket];
    if (!counts) return {};
    return bucket === 'work' ? { preHandler: counts } : { onRequest: counts };
  };
}

/** Counts open streams; the returned function enters one more and gives the way to leave it. */
export function streamGate({ limits, meter }: Pick<Service, 'limits' | 'meter'>): (client: string) => () => void {
  const open = new Map<string, number>();
  return (client) => {
    const count = open.get(client) ?? 0;
    if (count >= limits.streams) throw exceeded(limitWindowMs);
    open.set(client, count + 1);
    meter.streamsOpen += 1;
    return () => {
      const left = (open.get(client) ?? 1) - 1;
      if (left > 0) open.set(client, left);
      else open.delete(client);
      meter.streamsOpen -= 1;
    };
  };
}
