/** What a request says in its headers. */
import { createHash, randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { BelayError } from '../../protocol/errors.ts';
import { hasTrait, type Route } from '../../protocol/route.ts';

const keyLimit = 200;

export const headerOf = (headers: IncomingHttpHeaders, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
};

/** The name the caller gave the request, where it is fit for a log, else one of ours. */
export function requestIdOf(headers: IncomingHttpHeaders): string {
  const given = headerOf(headers, 'x-request-id');
  return given !== undefined && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}

export function onceOf(route: Route, request: FastifyRequest): { key: string; hash: string } | undefined {
  const key = headerOf(request.headers, 'idempotency-key');
  if (key === undefined || !hasTrait(route, 'create')) return undefined;
  if (key === '' || key.length > keyLimit) throw new BelayError('bad_request', `An Idempotency-Key has 1 to ${keyLimit} characters.`);
  const hash = createHash('sha256')
    .update(`${request.method} ${request.url}\n${JSON.stringify(request.body)}`)
    .digest('hex');
  return { key, hash };
}

/** From If-Match, where the route needs it. */
export function versionOf(route: Route, { headers }: FastifyRequest): number {
  if (!hasTrait(route, 'ifMatch')) return 0;
  const value = headerOf(headers, 'if-match');
  if (value === undefined)
    throw new BelayError('precondition_required', 'This change needs If-Match with the version it is based on.', {
      hint: 'Fetch the item, then send its ETag back as If-Match.',
    });
  // Proxies that compress make an ETag a weak one.
  const version = /^(?:W\/)?"(\d{1,15})"$/.exec(value)?.[1];
  if (version === undefined)
    throw new BelayError('bad_request', `If-Match is not an ETag of this platform: ${value.slice(0, 100)}`, {
      hint: 'Send back the ETag as it came with the item, its quotes included: If-Match: "3".',
    });
  return Number(version);
}

/** Whether the caller has what `etag` names already. */
export function knownTo({ headers }: FastifyRequest, etag: string): boolean {
  const known = headerOf(headers, 'if-none-match');
  if (known === undefined) return false;
  return known.trim() === '*' || [...known.matchAll(/"[^"]*"/g)].some(([tag]) => tag === etag);
}

export function lastEventIdOf(route: Route, { headers }: FastifyRequest): number | null {
  const value = hasTrait(route, 'stream') ? headerOf(headers, 'last-event-id') : undefined;
  if (value === undefined) return null;
  if (!/^\d{1,15}$/.test(value)) throw new BelayError('bad_request', 'Last-Event-ID is not a number of this stream.');
  return Number(value);
}
