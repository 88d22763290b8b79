import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { isBelayError, type BelayError } from '../../../protocol/errors.ts';
import { TransportFailure } from '../../../transport/failure.ts';
import { platformHttp, type PlatformHttp } from '../../../transport/http.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { freePort } from '../../support/freePort.ts';
import { removeTempFolders, tempFolder } from '../../support/repository.ts';

const credential = 'a-token-that-only-this-test-knows';

describe('HTTP to the address of a platform', () => {
  const servers: Server[] = [];
  const clients: PlatformHttp[] = [];
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    removeTempFolders();
  });

  async function listen(server: Server, host: string): Promise<number> {
    servers.push(server);
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve));
    return (server.address() as AddressInfo).port;
  }
  async function serve(listener: RequestListener, host = '127.0.0.1'): Promise<string> {
    const port = await listen(createServer(listener), host);
    return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  }
  function to(url: string): PlatformHttp {
    const http = platformHttp({ url, credential });
    clients.push(http);
    return http;
  }
  const message = { method: 'GET', path: '/v1/about?x=1', headers: { accept: 'application/json' }, body: null };
  const refusal = async (ask: Promise<unknown>): Promise<BelayError> => {
    try {
      await ask;
    } catch (error) {
      assert.ok(error instanceof Error && isBelayError(error) && error.hint, String(error));
      assert.doesNotMatch(`${error.message} ${error.hint} ${error.stack ?? ''}`, new RegExp(credential, 'u'));
      return error;
    }
    throw new assert.AssertionError({ message: 'It was taken.' });
  };

  it('sends token and path, below the prefix that the address has, to names and to addresses of both kinds', async () => {
    const seen: unknown[] = [];
    const listener: RequestListener = (request, response) => {
      seen.push([request.url, request.headers.authorization, request.headers.host?.replace(/:\d+$/u, '')]);
      response.setHeader('content-type', 'application/json; charset=utf-8').end('{"a":1}');
    };
    const own = await serve(listener);
    const v6 = await serve(listener, '::1').catch(() => null);
    const { port } = new URL(own);
    for (const [url, prefix, host] of [
      [own, '', '127.0.0.1'],
      [`http://localhost:${port}`, '', 'localhost'],
      [`${own}/tools/belay`, '/tools/belay', '127.0.0.1'],
      ...(v6 === null ? [] : [[`${v6}/x`, '/x', '[::1]']]),
    ] as [string, string, string][]) {
      const { status, body } = await to(url).send(message);
      assert.deepEqual([status, body, seen.pop()], [200, '{"a":1}', [`${prefix}/v1/about?x=1`, `Bearer ${credential}`, host]]);
    }
  });

  it('follows no redirect: who is named there gets neither a request nor the token', async () => {
    const met: unknown[] = [];
    const elsewhere = await serve((request, response) => {
      met.push(request.headers);
      response.end();
    });
    for (const status of [301, 302, 303, 307, 308]) {
      const url = await serve((_, response) => response.writeHead(status, { location: `${elsewhere}/v1/about?secret=1` }).end());
      const error = await refusal(to(url).send(message));
      assert.ok(error.message.includes('redirect') && error.message.includes(elsewhere), error.message);
      assert.doesNotMatch(error.message, /secret/u);
      await refusal(to(url).open(message));
    }
    const nowhere = await serve((_, response) => response.writeHead(302, { location: 'http://[' }).end());
    assert.match((await refusal(to(nowhere).send(message))).message, /somewhere else/u);
    assert.deepEqual(met, []);
  });

  it('tells a token that does not count from a page that something in between shows', async () => {
    const answers = (status: number, type: string | null, body: string) =>
      serve((_, response) => {
        if (type !== null) response.setHeader('content-type', type);
        response.writeHead(status).end(body);
      });
    const json = 'application/problem+json';
    const html = '<html>Please sign in</html>';
    for (const [url, code, words] of [
      [
        await answers(401, json, '{"code":"unauthorized","detail":"x","status":401,"title":"x"}'),
        'unauthorized',
        /does not take this token/u,
      ],
      [await answers(401, 'text/html', html), 'unauthorized', /does not take this token/u],
      [await answers(200, 'text/html; charset=utf-8', html), 'unavailable', /not Belay's platform: 200, text\/html\./u],
      [await answers(502, 'text/html', html), 'unavailable', /not Belay's platform: 502/u],
      [await answers(404, 'text/plain', 'no'), 'unavailable', /404, text\/plain/u],
      [await answers(200, null, '{}'), 'unavailable', /200, of no type/u],
    ] as const) {
      const error = await refusal(to(url).send(message));
      assert.equal(error.code, code);
      assert.match(error.message, words);
      await refusal(to(url).open(message));
    }
    // What a platform says itself is for whoever asked.
    const missing = await answers(404, json, '{"code":"not_found"}');
    assert.equal((await to(missing).send(message)).status, 404);
    assert.equal((await to(missing).open(message)).statusCode, 404);
    const plain = await answers(200, 'application/json', '{}');
    assert.match((await refusal(to(plain).open(message))).message, /200, application\/json/u);
  });

  it('says where nobody answers, and whether anything was sent', async () => {
    const closed = `http://127.0.0.1:${await freePort()}`;
    const error = await refusal(to(closed).send(message));
    assert.ok(error instanceof TransportFailure && error.kind === 'unreached' && error.message.includes(closed), error.message);
    const cut = await serve((request) => request.socket.destroy());
    const broken = await refusal(to(cut).send(message));
    assert.ok(broken instanceof TransportFailure && broken.kind === 'broken', broken.message);
    const unknown = await refusal(to('https://no-such-host.invalid').send(message));
    assert.ok(unknown instanceof TransportFailure && unknown.kind === 'unreached', unknown.message);
  });

  it('sends nothing to a host whose certificate nobody vouches for, nor to one that speaks no TLS', async () => {
    const { cert, key } = makeCertificate(tempFolder('c-'));
    let asked = 0;
    const secure = createSecureServer({ cert, key }, (_, response) => {
      asked += 1;
      response.end('{}');
    });
    const port = await listen(secure, '127.0.0.1');
    const untrusted = await refusal(to(`https://localhost:${port}`).send(message));
    assert.ok(untrusted instanceof TransportFailure && untrusted.kind === 'unreached', untrusted.message);
    assert.match(untrusted.message, /certificate/u);
    assert.equal(asked, 0);
    const plain = await serve(() => (asked += 1));
    const { port: plainPort } = new URL(plain);
    const wrong = await refusal(to(`https://localhost:${plainPort}`).send(message));
    assert.ok(wrong instanceof TransportFailure && wrong.kind === 'unreached', wrong.message);
    assert.equal(asked, 0);
  });

  it('takes a connection that is not served yet for open, and waits for the answer', async () => {
    const url = await serve((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (part: string) => (body += part));
      request.on('end', () => {
        setImmediate(() => response.setHeader('content-type', 'application/json').end(body));
      });
    });
    const http = to(url);
    const body = JSON.stringify({ text: 'ö'.repeat(100_000) });
    const replies = await Promise.all(Array.from({ length: 80 }, () => http.send({ ...message, method: 'POST', body })));
    assert.ok(replies.every((reply) => reply.body === body));
    const { port } = new URL(url);
    // One more that nobody of ours opened is left alone when the client closes.
    const other = connect(Number(port), '127.0.0.1');
    await new Promise((resolve) => other.once('connect', resolve));
    http.close();
    assert.ok(!other.destroyed);
    other.destroy();
  });
});
