import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { errorStatus, isBelayError, BelayError } from '../../../protocol/errors.ts';
import { Problem } from '../../../protocol/problem.ts';
import { problemsOf } from '../../../protocol/route.ts';
import { routes, type Route } from '../../../protocol/routes.ts';
import { refuseConnection } from '../../../platform/api/problems.ts';

describe('problems', () => {
  it('a connection that brings no request, or too slowly, is told so and ends', async () => {
    for (const [code, status, name] of [
      ['ERR_HTTP_REQUEST_TIMEOUT', 408, 'request_timeout'],
      ['HPE_HEADER_OVERFLOW', 431, 'headers_too_large'],
      ['HPE_INVALID_METHOD', 400, 'bad_request'],
    ] as const) {
      const server = createServer((socket: Socket) => {
        refuseConnection(Object.assign(new Error('x'), { code }), socket);
      });
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
      let text = '';
      client.setEncoding('utf8').on('data', (part: string) => (text += part));
      await once(client, 'close');
      server.close();
      assert.match(text, new RegExp(`^HTTP/1\\.1 ${status} `));
      const [head, body] = text.split('\r\n\r\n');
      assert.match(head ?? '', /Content-Type: application\/problem\+json[^]*Connection: close/);
      const problem = Problem.parse(JSON.parse(body ?? ''));
      assert.deepEqual([problem.status, problem.code], [status, name]);
    }
  });

  it('every code has a status, and comes back from the wire as it was', () => {
    for (const [code, status] of Object.entries(errorStatus)) {
      const error = BelayError.fromProblem(new BelayError(code as keyof typeof errorStatus, 'what', { hint: 'do' }).toProblem(), 2_000);
      assert.ok(isBelayError(error, code as keyof typeof errorStatus));
      assert.deepEqual([error.status, error.hint, error.retryAfterMs], [status, 'do', 2_000]);
    }
    const unknown = BelayError.fromProblem({ type: 't', title: 't', status: 418, code: 'toString', detail: 'd' });
    assert.equal(unknown.code, 'internal');
  });

  it('every route says what it may refuse', () => {
    for (const route of Object.values(routes as Record<string, Route>)) {
      const codes = problemsOf(route);
      assert.equal(new Set(codes).size, codes.length);
      assert.ok(codes.includes('unavailable'));
      assert.equal(codes.includes('too_large'), route.body !== undefined);
    }
  });
});
