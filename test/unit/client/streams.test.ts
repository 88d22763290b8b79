import assert from 'node:assert/strict';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { isBelayError } from '../../../protocol/errors.ts';
import { readStream } from '../../../client/streams.ts';
import { platformHttp } from '../../../transport/http.ts';
import { cleanUp, tempFolder } from './support.ts';

describe('a reader of a stream', () => {
  let server: Server;
  let stop: AbortController;
  beforeEach(() => {
    stop = new AbortController();
  });
  afterEach(async () => {
    stop.abort();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await cleanUp();
  });

  const listen = async (answers: ((response: ServerResponse, after: string | undefined) => void)[]) => {
    server = createServer((request, response) => answers.shift()?.(response, request.headers['last-event-id'] as string | undefined));
    const socket = path.join(tempFolder(), 's');
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    return platformHttp({ socketPath: socket });
  };

  it('that stood once comes back after any answer, and one that never stood says why', async () => {
    const came: unknown[] = [];
    const { promise: done, resolve: all } = Promise.withResolvers<undefined>();
    const http = await listen([
      (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end('event: ready\nid: 4\ndata: {}\n\nretry: 1\n: ending, come back\n\n');
      },
      (response) => response.writeHead(500).end('{}'),
      (response, after) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(`event: ready\nid: ${after}\ndata: {}\n\nid: 5\ndata: "after all"\n\n`);
      },
      (response) => response.writeHead(500).end('{}'),
    ]);
    const onData = (data: unknown): void => {
      came.push(data);
      all(undefined);
    };
    const reader = { path: '/', after: null, signal: stop.signal, onData, onState: () => {}, open: http.open };
    await readStream(reader);
    await done;
    assert.deepEqual(came, ['after all']);
    await assert.rejects(readStream(reader), (error) => isBelayError(error, 'unavailable'));
    http.close();
  });

  it('comes back when it is refused for now, when it is told to, and goes on where it was', async () => {
    const asked: (string | undefined)[] = [];
    const http = await listen([
      (response, after) => {
        asked.push(after);
        response.writeHead(503, { 'retry-after': '0' }).end('{}');
      },
      (response, after) => {
        asked.push(after);
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end('event: ready\nid: 4\ndata: {}\n\nid: 5\ndata: "first"\n\nretry: 1\n: ending, come back\n\n');
      },
      (response, after) => {
        asked.push(after);
        response.writeHead(429, { 'retry-after': '0' }).end('{}');
      },
      (response, after) => {
        asked.push(after);
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('event: ready\nid: 5\ndata: {}\n\nid: 6\ndata: "second"\n\n');
      },
    ]);
    const came: unknown[] = [];
    await new Promise<void>((resolve) => {
      const onData = (data: unknown): void => {
        came.push(data);
        if (came.length === 2) resolve();
      };
      void readStream({ path: '/', after: null, signal: stop.signal, onData, onState: () => {}, open: http.open });
    });
    http.close();
    assert.deepEqual(came, ['first', 'second']);
    assert.deepEqual(asked, [undefined, undefined, '5', '5']);
  });

  it('waits while a proxy does not reach the platform, and is told at once where none will ever answer', async () => {
    const page = (status: number, type: string, body: string) => (response: ServerResponse) =>
      response.writeHead(status, { 'content-type': type }).end(body);
    const answers = [
      page(502, 'text/html', '<html>'),
      page(503, 'text/plain', 'later'),
      page(504, 'text/html', '<html>'),
      (response: ServerResponse) =>
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write('event: ready\nid: 1\ndata: {}\n\n'),
      page(401, 'text/html', '<html>'),
      page(200, 'text/html', '<html>'),
      page(302, 'text/html', '<html>'),
    ];
    server = createServer((_, response) => answers.shift()?.(response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const http = platformHttp({ url: `http://127.0.0.1:${port}`, credential: 't' });
    const states: string[] = [];
    const reader = {
      path: '/',
      after: null,
      signal: stop.signal,
      onData: () => {},
      onState: (state: string) => states.push(state),
      open: http.open,
    };
    await readStream(reader);
    assert.deepEqual(states, ['offline', 'offline', 'offline', 'online']);
    for (const code of ['unauthorized', 'unavailable', 'unavailable'] as const)
      await assert.rejects(readStream(reader), (error) => isBelayError(error, code) && error.hint !== undefined);
    http.close();
  });
});
