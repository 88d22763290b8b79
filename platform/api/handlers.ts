/** The form of a route's handler, drawn from the route itself. */
import type { FastifyReply } from 'fastify';
import type * as z from 'zod';
import type { routes, RouteName } from '../../protocol/routes.ts';
import type { CallReply, BelayApi } from '../../protocol/typedClient.ts';
import type { Caller } from '../domain/caller.ts';
import type { Call } from '../store/base/calls.ts';

type RouteOf<N extends RouteName> = (typeof routes)[N];
type Out<R, K extends string> = R extends Record<K, infer T extends z.ZodType> ? z.output<T> : undefined;

export interface Received<N extends RouteName> {
  /** Now, who asks, and the Idempotency-Key where the route honours one. */
  readonly call: Call;
  readonly caller: Caller;
  /** Values of the path's places, checked. */
  readonly param: (name: string) => string;
  readonly query: Out<RouteOf<N>, 'query'>;
  readonly body: Out<RouteOf<N>, 'body'>;
  /** From If-Match; routes with that trait always have it. */
  readonly version: number;
  /** Aborted when the connection closes before the reply. */
  readonly gone: AbortSignal;
  readonly lastEventId: number | null;
  readonly reply: FastifyReply;
}

export type Handler<N extends RouteName> = (received: Received<N>) => Promise<N extends keyof BelayApi ? CallReply<N> : unknown>;
export type Handlers = { readonly [N in RouteName]: Handler<N> };
