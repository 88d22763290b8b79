/** One registrar for all routes: checks, claim tokens, versions, repeatable creates, problems. */
import { createHash } from 'node:crypto';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { BelayError, isBelayError, messageOf } from '../../protocol/errors.ts';
import { claimTokenHeader, Holder } from '../../protocol/exchange.ts';
import { routes, type Route, type RouteName } from '../../protocol/routes.ts';
import { claimTokenFits } from '../domain/claims.ts';
import type { Service } from '../service.ts';
import { check } from './check.ts';
import { handoffHandlers } from './handoffs.ts';
import type { Handler, Handlers, Received } from './handlers.ts';
import { holderHandlers } from './holder.ts';
import { itemHandlers } from './items.ts';
import { sessionHandlers } from './sessions.ts';
import { systemHandlers } from './system.ts';
import { workerHandlers } from './workers.ts';

const bodyLimit = 8 * 1024 * 1024;
const keyLimit = 200;
/** How long a request may take to arrive. */
const requestMs = 60_000;

function handlersOf(service: Service): Handlers {
  return {
    ...systemHandlers(service),
    ...itemHandlers(service),
    ...handoffHandlers(service),
    ...workerHandlers(service),
    ...sessionHandlers(service),
    ...holderHandlers(service),
  };
}

const header = (request: FastifyRequest, name: string): string | undefined => {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
};

function onceOf(route: Route, request: FastifyRequest): { key: string; hash: string } | undefined {
  const key = header(request, 'idempotency-key');
  if (key === undefined || !route.traits?.includes('create')) return undefined;
  if (key === '' || key.length > keyLimit) throw new BelayError('bad_request', `An Idempotency-Key has 1 to ${keyLimit} characters.`);
  const hash = createHash('sha256')
    .update(`${request.method} ${request.url}\n${JSON.stringify(request.body)}`)
    .digest('hex');
  return { key, hash };
}

function versionOf(route: Route, request: FastifyRequest): number {
  if (!route.traits?.includes('ifMatch')) return 0;
  const value = header(request, 'if-match');
  if (value === undefined)
    throw new BelayError('precondition_required', 'This change needs If-Match with the version it is based on.', {
      hint: 'Fetch the item, then send its ETag back as If-Match.',
    });
  const version = /^(?:W\/)?"(\d+)"$/.exec(value)?.[1];
  if (version === undefined) throw new BelayError('bad_request', 'If-Match is not an ETag of this platform.');
  return Number(version);
}

function lastEventIdOf(request: FastifyRequest): number | null {
  const value = header(request, 'last-event-id');
  if (value === undefined) return null;
  if (!/^\d{1,15}$/.test(value)) throw new BelayError('bad_request', 'Last-Event-ID is not a number of this stream.');
  return Number(value);
}

function checkClaim(service: Service, request: FastifyRequest, sessionId: string, body: unknown): void {
  const token = header(request, claimTokenHeader);
  if (token === undefined) throw new BelayError('unauthorized', `This write needs the claim's token in "${claimTokenHeader}".`);
  const holder = Holder.parse((body as { holder: unknown }).holder);
  const name = { workspaceId: service.caller.workspaceId, sessionId, ...holder };
  if (!claimTokenFits(service.claimKey, name, token))
    throw new BelayError('forbidden', 'This claim token is not for this session, fence and instance.');
}

function goneSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.on('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}

async function answer(
  service: Service,
  route: Route,
  handler: Handler<RouteName>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const params = request.params as Record<string, string>;
  const param = (name: string): string => {
    const value = params[name];
    if (!value) throw new BelayError('bad_request', `The path needs "${name}".`);
    return value;
  };
  const query = route.query ? check(route.query, request.query, 'query') : undefined;
  const body = route.body ? check(route.body, request.body ?? {}, 'body') : undefined;
  if (route.traits?.includes('claim')) checkClaim(service, request, param('id'), body);
  const received = {
    call: { now: service.clock(), caller: service.caller, once: onceOf(route, request) },
    caller: service.caller,
    param,
    query,
    body,
    version: versionOf(route, request),
    gone: goneSignal(reply),
    lastEventId: lastEventIdOf(request),
    reply,
  } as unknown as Received<RouteName>;
  const streams = route.traits?.includes('stream') ?? false;
  if (streams) reply.hijack();
  const value: unknown = await handler(received);
  if (streams) return reply;
  if (isVersioned(value)) reply.header('etag', `"${value.version}"`);
  return value;
}

const isVersioned = (value: unknown): value is { version: number } =>
  typeof value === 'object' && value !== null && 'version' in value && typeof value.version === 'number';

/** Everything that goes wrong, as a problem with a stable code. What we did not foresee says nothing of its inside. */
function problemOf(service: Service, error: unknown): BelayError {
  if (isBelayError(error)) return error;
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status === 413) return new BelayError('too_large', `The request is larger than ${bodyLimit} bytes.`);
  if (status >= 400 && status < 500) return new BelayError('bad_request', messageOf(error));
  service.log(`unexpected: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return new BelayError('internal', 'Something unexpected went wrong.', { hint: "The platform's log file says more." });
}

function sendProblem(service: Service, reply: FastifyReply, error: unknown): void {
  const problem = problemOf(service, error);
  if (problem.status >= 500 && isBelayError(error)) service.log(`${problem.code}: ${problem.message}`);
  const headers = {
    'content-type': 'application/problem+json',
    ...(problem.code === 'unauthorized' && { 'www-authenticate': 'Bearer' }),
    ...(problem.retryAfterMs !== undefined && { 'retry-after': String(Math.ceil(problem.retryAfterMs / 1000)) }),
  };
  const text = JSON.stringify(problem.toProblem());
  if (!reply.sent) void reply.code(problem.status).headers(headers).send(text);
  else if (!reply.raw.headersSent) reply.raw.writeHead(problem.status, headers).end(text);
  else reply.raw.end();
}

/** The server with all routes, not yet listening. `onRequest` is told of each request as it begins. */
export function createServer(service: Service, onRequest: () => void): FastifyInstance {
  if (!service.admit && service.about().mode !== 'embedded')
    throw new Error('A platform that is not embedded needs to know whom it lets in.');
  const server = fastify({ bodyLimit, requestTimeout: requestMs, forceCloseConnections: 'idle', exposeHeadRoutes: false });
  // Before anything of the body is read.
  server.addHook('onRequest', (request, _reply, done) => {
    service.admit?.(request.headers.authorization);
    onRequest();
    done();
  });
  server.setErrorHandler((error, _request, reply) => {
    sendProblem(service, reply, error);
  });
  server.setNotFoundHandler((request, reply) => {
    sendProblem(service, reply, new BelayError('not_found', `There is nothing at ${request.method} ${request.url.split('?')[0] ?? ''}.`));
  });
  const handlers = handlersOf(service) as unknown as Record<string, Handler<RouteName>>;
  for (const [name, route] of Object.entries(routes as Record<string, Route>)) {
    const handler = handlers[name];
    if (!handler) throw new Error(`The route "${name}" has no handler.`);
    server.route({
      method: route.method,
      url: route.path,
      handler: async (request, reply) => {
        try {
          return await answer(service, route, handler, request, reply);
        } catch (error) {
          if (!reply.sent) throw error;
          sendProblem(service, reply, error);
          return reply;
        }
      },
    });
  }
  return server;
}
