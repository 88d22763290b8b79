/** How much one credential may ask of one replica. Readers, writers and workers are counted apart. */
import type { FastifyInstance, FastifyRequest, preHandlerAsyncHookHandler } from 'fastify';
import { BelayError } from '../../protocol/errors.ts';
import { bucketOf, type Route } from '../../protocol/route.ts';
import { limitWindowMs, type Limits, type Service } from '../service/service.ts';

/** So many credentials are remembered; the one not seen for longest is forgotten first. */
const mostCredentials = 20_000;

/** Routes that are counted let nobody in without one. */
const credentialOf = ({ caller }: FastifyRequest): string => caller?.credential ?? '';

/** A worker is counted by itself, however many share the credential: by its id in a poll, by the session it holds in a write. */
function workOf(request: FastifyRequest): string {
  const { id } = request.params as { id?: string };
  const worker = (request.body as { workerId?: unknown } | null | undefined)?.workerId;
  return `${credentialOf(request)} ${id ?? (typeof worker === 'string' ? worker.slice(0, 80) : '')}`;
}

const exceeded = (waitMs: number): BelayError =>
  new BelayError('rate_limited', 'Too many requests with this credential in a short time.', {
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
    cache: mostCredentials,
    addHeaders: noHeaders,
    addHeadersOnExceeding: noHeaders,
    errorResponseBuilder: (_request, { ttl }) => exceeded(ttl),
  });
  const hook = (max: number | undefined, keyGenerator: (request: FastifyRequest) => string): Hook | undefined =>
    max === undefined ? undefined : (server.rateLimit({ max, timeWindow: limitWindowMs, keyGenerator }) as Hook);
  const hooks = { reads: hook(reads, credentialOf), writes: hook(writes, credentialOf), work: hook(work, workOf) };
  return (route) => {
    const bucket = bucketOf(route);
    const counts = bucket && hooks[bucket];
    if (!counts) return {};
    return bucket === 'work' ? { preHandler: counts } : { onRequest: counts };
  };
}

/** Counts open streams; the returned function enters one more and gives the way to leave it. */
export function streamGate({ limits, meter }: Pick<Service, 'limits' | 'meter'>): (credential: string) => () => void {
  const open = new Map<string, number>();
  return (credential) => {
    const count = open.get(credential) ?? 0;
    if (count >= limits.streams) throw exceeded(limitWindowMs);
    open.set(credential, count + 1);
    meter.streamsOpen += 1;
    return () => {
      const left = (open.get(credential) ?? 1) - 1;
      if (left > 0) open.set(credential, left);
      else open.delete(credential);
      meter.streamsOpen -= 1;
    };
  };
}
