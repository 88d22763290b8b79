/** One registrar for all routes: who may come in, limits, checks, claim tokens, versions, repeatable creates. */
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import * as z from 'zod';
import { BelayError, isBelayError } from '../../protocol/errors.ts';
import { claimTokenHeader, Holder } from '../../protocol/exchange.ts';
import type { Permission } from '../../protocol/permissions.ts';
import { bodyBytesOf, hasTrait, needsClaim, paramsOf, successOf } from '../../protocol/route.ts';
import { routes, type Route, type RouteName } from '../../protocol/routes.ts';
import { admitTo } from '../domain/authorize.ts';
import { holding, type Caller } from '../domain/caller.ts';
import { claimTokenFits } from '../domain/claims.ts';
import type { Service } from '../service/service.ts';
import { check } from './check.ts';
import type { Handler, Handlers, Received } from './handlers.ts';
import { handoffHandlers } from './handoffs.ts';
import { headerOf, knownTo, lastEventIdOf, onceOf, requestIdOf, versionOf } from './headers.ts';
import { healthHandlers } from './health.ts';
import { holderHandlers } from './holder.ts';
import { itemHandlers } from './items.ts';
import { readJson } from './json.ts';
import { createLimiter } from './limits.ts';
import { noRoute, refuseConnection, sendProblem } from './problems.ts';
import { sessionHandlers } from './sessions.ts';
import { systemHandlers } from './system.ts';
import { workerHandlers } from './workers.ts';

/** How long a request may take to arrive. */
const requestMs = 60_000;
/** Ids are checked by their schema; the router need not know how long they may be. */
const longestParam = 16_384;

function handlersOf(service: Service): Handlers {
  return {
    ...healthHandlers(service),
    ...systemHandlers(service),
    ...itemHandlers(service),
    ...handoffHandlers(service),
    ...workerHandlers(service),
    ...sessionHandlers(service),
    ...holderHandlers(service),
  };
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null until the request was let in, and where nobody needs to be. */
    caller: Caller | null;
  }
  interface FastifyContextConfig {
    needs?: Permission;
    stream?: boolean;
  }
}

/** The caller as the holder of the claim that the request names. Throws unless it shows that claim's token. */
function holderOf({ claimKey }: Service, request: FastifyRequest, caller: Caller, sessionId: string, body: unknown): Caller {
  const token = headerOf(request.headers, claimTokenHeader);
  if (token === undefined) throw new BelayError('unauthorized', `This write needs the claim's token in "${claimTokenHeader}".`);
  const holder = Holder.parse((body as { holder: unknown }).holder);
  const claim = { workspaceId: caller.workspaceId, sessionId, ...holder };
  if (!claimTokenFits(claimKey, claim, token))
    throw new BelayError('forbidden', 'This claim token is not for this session, fence and instance.');
  return holding(caller, claim);
}

function goneSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.on('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}

const isVersioned = (value: unknown): value is { version: number } =>
  typeof value === 'object' && value !== null && 'version' in value && typeof value.version === 'number';

const nothing = z.strictObject({});

/** What answers a route: everything that is said of it in `protocol/routes.ts` is done here. */
function answerer(service: Service, route: Route, handler: Handler<RouteName>) {
  const pathShape = paramsOf(route);
  const queryShape = route.query ?? nothing;
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const params = check(pathShape, request.params, 'path') as Record<string, string>;
    const query = check(queryShape, request.query, 'query');
    const body = route.body ? check(route.body, request.body ?? {}, 'body') : undefined;
    const { caller: admitted } = request;
    const caller = admitted && needsClaim(route) ? holderOf(service, request, admitted, params.id ?? '', body) : admitted;
    const received = {
      call: { now: service.clock(), caller, once: onceOf(route, request) },
      caller,
      param: (name: string) => params[name] ?? '',
      query,
      body,
      version: versionOf(route, request),
      gone: goneSignal(reply),
      lastEventId: lastEventIdOf(route, request),
      reply,
    } as unknown as Received<RouteName>;
    const value: unknown = await handler(received);
    if (reply.sent) return reply;
    void reply.code(successOf(route));
    if (!hasTrait(route, 'versioned')) return value;
    if (isVersioned(value)) void reply.header('etag', `"${value.version}"`);
    if (route.method === 'GET' && knownTo(request, String(reply.getHeader('etag')))) return reply.code(304).send();
    return value;
  };
}

/** Counts what was refused to holders that lost their claim. */
function countRefusal({ meter }: Service, route: Route, error: unknown): void {
  if (needsClaim(route) && (isBelayError(error, 'claim_lost') || isBelayError(error, 'session_final'))) meter.staleRefused += 1;
}

/** Who may come in: nobody when the platform ends, and nobody without a credential and the permission but where the route is public. */
async function admit(service: Service, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  void reply.header('x-request-id', request.id);
  const { needs } = request.routeOptions.config;
  const open = needs === 'public';
  if (!open) {
    request.caller = await service.admit(request.headers.authorization);
    // A claim's token comes with the body.
    if (needs !== undefined && needs !== 'session.hold') admitTo(request.caller, needs);
  }
  if (request.raw.httpVersionMinor === 1 && request.headers.host === undefined)
    throw new BelayError('bad_request', 'A request in HTTP/1.1 names its host.');
  if (!service.ending.aborted || open) return;
  void reply.header('connection', 'close');
  throw new BelayError('unavailable', 'The platform is ending.', {
    retryAfterMs: 1_000,
    hint: 'Nothing was done. Try again; another replica answers.',
  });
}

function observe(service: Service, request: FastifyRequest, reply: FastifyReply): void {
  const route = request.routeOptions.url ?? 'none';
  const { method, id: requestId } = request;
  const { statusCode: status, elapsedTime: ms } = reply;
  const { stream } = request.routeOptions.config;
  if (stream !== true || status !== 200) service.meter.onRequest?.(method, route, status, ms);
  service.onReply?.({ requestId, method, route, status, ms: Math.round(ms * 10) / 10 });
}

/** A server that takes JSON, lets in whom it should, and says in one form what goes wrong. It has no routes yet. */
function bareServer(service: Service, onRequest: () => void): FastifyInstance {
  const server: FastifyInstance = fastify({
    requestTimeout: requestMs,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    return503OnClosing: false,
    routerOptions: { maxParamLength: longestParam },
    // A missing Host is refused below, in the form of every other refusal.
    http: { requireHostHeader: false },
    genReqId: ({ headers }) => requestIdOf(headers),
    clientErrorHandler: refuseConnection,
    frameworkErrors: (error, request, reply) => {
      void reply.header('x-request-id', request.id);
      sendProblem(service, request, reply, error);
    },
  });
  // What else a client expects we do not know, and answer as if it had not said so.
  server.server.on('checkExpectation', (request, response) => server.server.emit('request', request, response));
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body: Buffer, done) => {
    try {
      done(null, readJson(body));
    } catch (error) {
      done(error as Error);
    }
  });
  // Before anything of the body is read.
  server.decorateRequest('caller', null);
  server.addHook('onRequest', async (request, reply) => {
    await admit(service, request, reply);
    onRequest();
  });
  server.addHook('onResponse', (request, reply, done) => {
    observe(service, request, reply);
    done();
  });
  server.setErrorHandler((error, request, reply) => {
    sendProblem(service, request, reply, error);
  });
  server.setNotFoundHandler((request, reply) => {
    sendProblem(service, request, reply, noRoute(request, reply));
  });
  return server;
}

/** The server with all routes, not yet listening. `onRequest` is told of each request as it begins. */
export async function createServer(service: Service, onRequest: () => void): Promise<FastifyInstance> {
  const server = bareServer(service, onRequest);
  const limiter = await createLimiter(server, service.limits);
  const handlers = handlersOf(service) as unknown as Record<string, Handler<RouteName>>;
  for (const [name, route] of Object.entries(routes as Record<string, Route>)) {
    const handler = handlers[name];
    if (!handler) throw new Error(`The route "${name}" has no handler.`);
    const answer = answerer(service, route, handler);
    server.route({
      method: route.method,
      url: route.path,
      bodyLimit: bodyBytesOf(route),
      config: { needs: route.needs, stream: hasTrait(route, 'stream') },
      ...limiter(route),
      handler: async (request, reply) => {
        try {
          return await answer(request, reply);
        } catch (error) {
          countRefusal(service, route, error);
          if (!reply.sent) throw error;
          sendProblem(service, request, reply, error);
          return reply;
        }
      },
    });
  }
  return server;
}
