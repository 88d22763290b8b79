/** A typed client over any transport: one method a route, requests and replies checked by the routes' schemas. */
import type * as z from 'zod';
import { BelayError } from './errors.ts';
import { claimTokenHeader } from './exchange.ts';
import { Problem } from './problem.ts';
import { hasTrait } from './route.ts';
import { routes, type Route, type RouteName } from './routes.ts';
import { queryText } from './queryText.ts';

export interface TransportRequest {
  readonly method: string;
  /** Path with query string. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}
export interface TransportReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}
/** Sends one request. Throws a BelayError `unavailable` when the platform cannot be reached. */
export type Transport = (request: TransportRequest) => Promise<TransportReply>;

type ParamNames<P extends string> = P extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParamNames<Rest>
  : P extends `${string}:${infer Name}`
    ? Name
    : never;
type Params<P extends string> = [ParamNames<P>] extends [never] ? { params?: undefined } : { params: Record<ParamNames<P>, string> };
type Query<R> = R extends { query: infer Q extends z.ZodType } ? { query?: QueryInput<z.output<Q>> } : { query?: undefined };
type QueryInput<T> = { [K in keyof T]?: T[K] };
type Body<R> = R extends { body: infer B extends z.ZodType } ? { body: z.input<B> } : { body?: undefined };

export interface CallOptions {
  /** Aborts the request. */
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  readonly claimToken?: string;
  readonly idempotencyKey?: string;
  /** Item version for If-Match. */
  readonly ifMatch?: number;
}
type RouteOf<N extends RouteName> = (typeof routes)[N];
export type CallInput<N extends RouteName> = Params<RouteOf<N>['path']> & Query<RouteOf<N>> & Body<RouteOf<N>> & CallOptions;
export type CallReply<N extends RouteName> = z.output<RouteOf<N>['reply']>;

/** What does not answer with JSON is not for this client. */
type OtherRoute = { [N in RouteName]: RouteOf<N> extends { traits: readonly ['stream' | 'text'] } ? N : never }[RouteName];
export type BelayApi = {
  readonly [N in Exclude<RouteName, OtherRoute>]: {} extends CallInput<N>
    ? (input?: CallInput<N>) => Promise<CallReply<N>>
    : (input: CallInput<N>) => Promise<CallReply<N>>;
};

interface AnyInput extends CallOptions {
  readonly params?: Record<string, string>;
  readonly query?: Record<string, unknown>;
  readonly body?: unknown;
}

/** Fills `:name` places and adds the query. Throws `bad_request` for a missing parameter. */
export function routePath(route: Route, params: Record<string, string> = {}, query: Record<string, unknown> = {}): string {
  const path = route.path.replace(/:([a-zA-Z]+)/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined || value === '') throw new BelayError('bad_request', `The path ${route.path} needs "${name}".`);
    return encodeURIComponent(value);
  });
  const text = queryText(query);
  return text ? `${path}?${text}` : path;
}

async function call(transport: Transport, route: Route, input: AnyInput): Promise<unknown> {
  const reply = await transport({
    method: route.method,
    path: routePath(route, input.params, input.query),
    headers: {
      accept: 'application/json',
      ...(route.body && { 'content-type': 'application/json' }),
      ...(input.claimToken && { [claimTokenHeader]: input.claimToken }),
      ...(input.idempotencyKey && { 'idempotency-key': input.idempotencyKey }),
      ...(input.ifMatch !== undefined && { 'if-match': `"${input.ifMatch}"` }),
    },
    body: route.body ? JSON.stringify(input.body ?? {}) : null,
    ...(input.signal && { signal: input.signal }),
    ...(input.timeoutMs !== undefined && { timeoutMs: input.timeoutMs }),
  });
  const json = parseJson(reply);
  if (reply.status >= 400) {
    const problem = Problem.safeParse(json);
    if (problem.success) throw BelayError.fromProblem(problem.data, retryAfterMs(reply));
    // The platform says what is wrong in its own form: this is somebody in between, and what was asked was not refused.
    throw new BelayError(
      'unavailable',
      `Not the platform, but something before it answered ${reply.status} to ${route.method} ${route.path}.`,
      {
        hint: 'Try again later. If it stays so, look at what stands between: a proxy, or its limits.',
      },
    );
  }
  const parsed = route.reply.safeParse(json);
  if (!parsed.success) {
    throw new BelayError('internal', `The platform's answer to ${route.method} ${route.path} has an unknown form.`, {
      hint: 'Update Belay so that both sides have about the same version.',
      issues: parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
    });
  }
  return parsed.data;
}

/** What Retry-After says; dates, which this platform does not send, count as nothing. */
function retryAfterMs({ headers }: TransportReply): number | undefined {
  const seconds = Number(headers['retry-after'] ?? NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

function parseJson(reply: TransportReply): unknown {
  try {
    return JSON.parse(reply.body);
  } catch (cause) {
    throw new BelayError('unavailable', `The platform's answer (${reply.status}) is not JSON.`, { cause });
  }
}

export function createApi(transport: Transport): BelayApi {
  const entries = Object.entries(routes as Record<string, Route>)
    .filter(([, route]) => !hasTrait(route, 'stream') && !hasTrait(route, 'text'))
    .map(([name, route]) => [name, (input: AnyInput = {}) => call(transport, route, input)]);
  return Object.fromEntries(entries) as BelayApi;
}
