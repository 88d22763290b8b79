/** What a route says about itself, and what follows from that: parameters, limits, statuses, problems. */
import * as z from 'zod';
import { errorStatus, type ErrorCode } from './errors.ts';
import type { Permission } from './permissions.ts';
import { Id } from './records.ts';

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/**
 * `create`: honours Idempotency-Key. `stream`: replies with SSE. `text`: replies with plain text. `versioned`: the reply
 * carries an ETag. `ifMatch`: a change that needs one.
 */
export type Trait = 'create' | 'stream' | 'text' | 'versioned' | 'ifMatch';

export interface Route {
  readonly method: Method;
  readonly path: string;
  readonly summary: string;
  /** Nobody without this permission gets to the route's handler. */
  readonly needs: Permission;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** The most bytes of a body; `defaultBodyBytes` where nothing is said. */
  readonly bodyBytes?: number;
  readonly reply: z.ZodType;
  readonly traits?: readonly Trait[];
  /** What it may refuse beyond what follows from the rest. */
  readonly problems?: readonly ErrorCode[];
}

export const KiB = 1024;
export const MiB = 1024 * KiB;
export const defaultBodyBytes = 64 * KiB;
/** How deep a body may be nested. */
export const bodyDepth = 32;

export const hasTrait = (route: Route, trait: Trait): boolean => route.traits?.includes(trait) ?? false;
/** Answers without a credential. */
export const isPublic = ({ needs }: Route): boolean => needs === 'public';
/** Takes the token of a claim, and names its holder in the body. */
export const needsClaim = ({ needs }: Route): boolean => needs === 'session.hold';
export const bodyBytesOf = (route: Route): number => route.bodyBytes ?? defaultBodyBytes;
export const successOf = (route: Route): 200 | 201 => (hasTrait(route, 'create') ? 201 : 200);

export const paramNames = (path: string): string[] => [...path.matchAll(/:([a-zA-Z]+)/g)].map(([, name]) => name ?? '');
const shapes = new Map<string, z.ZodObject>();
/** Every place in a path is an id. Routes with the same places share one schema. */
export function paramsOf({ path }: Route): z.ZodObject {
  const names = paramNames(path);
  const known = shapes.get(names.join());
  if (known) return known;
  const shape = z.strictObject(Object.fromEntries(names.map((name) => [name, Id] as const)));
  shapes.set(names.join(), shape);
  return shape;
}

/** Counted together against one limit. Those of workers stand apart, so that readers cannot starve them. */
export type Bucket = 'reads' | 'writes' | 'work';
export function bucketOf(route: Route): Bucket | null {
  if (isPublic(route)) return null;
  if (needsClaim(route) || route.path.startsWith('/v1/worker/')) return 'work';
  return route.method === 'GET' ? 'reads' : 'writes';
}

/** Every problem the route may answer with. */
export function problemsOf(route: Route): ErrorCode[] {
  const codes = new Set<ErrorCode>(['bad_request', 'request_timeout', 'headers_too_large', 'internal', 'unavailable']);
  const add = (when: boolean, ...more: ErrorCode[]): void => {
    if (when) for (const code of more) codes.add(code);
  };
  add(!isPublic(route), 'unauthorized', 'forbidden', 'rate_limited', 'storage_full', 'storage_read_only');
  add(route.body !== undefined, 'invalid_body', 'too_large', 'unsupported_media_type');
  add(paramNames(route.path).length > 0, 'not_found');
  add(needsClaim(route), 'claim_lost', 'session_final', 'invalid_transition');
  add(hasTrait(route, 'create'), 'idempotency_mismatch');
  add(hasTrait(route, 'ifMatch'), 'precondition_required', 'version_conflict');
  add(true, ...(route.problems ?? []));
  return [...codes].sort((a, b) => errorStatus[a] - errorStatus[b]);
}
