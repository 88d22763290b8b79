/** Everything that goes wrong, as a problem with a stable code (RFC 9457): ours, the framework's, the HTTP parser's. */
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BelayError, isBelayError, messageOf, type ErrorCode } from '../../protocol/errors.ts';
import { routes, type Route } from '../../protocol/routes.ts';
import type { Service } from '../service/service.ts';

const problemType = 'application/problem+json';
const retryMs = { unavailable: 1_000 };

/** What we did not foresee says nothing of its inside. */
function problemOf(service: Service, error: unknown, request: FastifyRequest): BelayError {
  if (isBelayError(error)) return error;
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status === 413) return new BelayError('too_large', `The body is larger than ${request.routeOptions.bodyLimit} bytes.`);
  if (status === 415) return new BelayError('unsupported_media_type', 'A body is sent as application/json.');
  if (status >= 400 && status < 500) return new BelayError('bad_request', messageOf(error));
  service.log(`unexpected in request ${request.id}: ${traceOf(error)}`);
  return new BelayError('internal', 'Something unexpected went wrong.', { hint: "The platform's log says more." });
}

/** Where it happened. A database's own words may repeat what was stored, so of them only the code is told. */
function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const stack = error.stack ?? error.message;
  return 'severity' in error && 'code' in error ? `database error ${String(error.code)}\n${stack.split('\n').slice(1).join('\n')}` : stack;
}

export function sendProblem(service: Service, request: FastifyRequest, reply: FastifyReply, error: unknown): void {
  const problem = problemOf(service, error, request);
  if (problem.status >= 500 && isBelayError(error)) service.log(`${problem.code} in request ${request.id}: ${problem.message}`);
  if (reply.sent) {
    // A stream has begun: its reader comes back and goes on where it was.
    reply.raw.end();
    return;
  }
  if (problem.code === 'too_large') {
    // Who still sends would lose the reply with the connection: the rest is let in and thrown away.
    const last = service.ending.aborted || /\bclose\b/i.test(request.headers.connection ?? '');
    void reply.header('connection', last ? 'close' : 'keep-alive');
    request.raw.resume();
  }
  const wait = problem.retryAfterMs ?? (problem.code === 'unavailable' ? retryMs.unavailable : undefined);
  void reply
    .code(problem.status)
    .headers({
      'content-type': problemType,
      ...(problem.code === 'unauthorized' && { 'www-authenticate': 'Bearer' }),
      ...(wait !== undefined && { 'retry-after': String(Math.max(1, Math.ceil(wait / 1000))) }),
    })
    .send(JSON.stringify({ ...problem.toProblem(), requestId: request.id }));
}

const patterns = Object.values(routes as Record<string, Route>).map(({ method, path }) => ({
  method,
  pattern: new RegExp(`^${path.replaceAll('.', '\\.').replace(/:[a-zA-Z]+/g, '[^/]+')}$`),
}));

/** No route: nothing at that path, or not by that method. */
export function noRoute(request: FastifyRequest, reply: FastifyReply): BelayError {
  const path = request.url.split('?')[0] ?? '';
  const allowed = patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
  if (allowed.length === 0) return new BelayError('not_found', 'There is nothing at this path.', { hint: 'See /v1/openapi.json.' });
  void reply.header('allow', allowed.join(', '));
  return new BelayError('method_not_allowed', `This path takes ${allowed.join(' and ')}.`);
}

const parserCodes: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};
const parserWords: Partial<Record<ErrorCode, string>> = {
  headers_too_large: 'The head of the request is too large.',
  request_timeout: 'The request did not arrive in time.',
};

/** What is no request at all: answered on the bare connection, which then ends. */
export function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const code = parserCodes[error.code ?? ''] ?? 'bad_request';
  const problem = new BelayError(code, parserWords[code] ?? 'This is not a request in HTTP.').toProblem();
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${problem.title}`,
    `Content-Type: ${problemType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
