import assert from 'node:assert/strict';
import { createServer, type Server, type ServerResponse } from 'node:http';
import * as path from 'node:path';
import { readStream } from '../../../client/streams.ts';
import { socketHttp } from '../../../client/transport.ts';
import { cleanUp, tempFolder } from './support.ts';

describe('a reader of a stream', () => {
  let server: Server;
  const stop = new AbortController();
  afterEach(async () => {
    stop.abort();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await cleanUp();
  });

  it('comes back when it is refused for now, when it is told to, and goes on where it was', async () => {
    const asked: (string | undefined)[] = [];
    const answers: ((response: ServerResponse) => void)[] = [
      (response) => response.writeHead(503, { 'retry-after': '0' }).end('{}'),
      (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end('event: ready\nid: 4\ndata: {}\n\nid: 5\ndata: "first"\n\nretry: 1\n: ending, come back\n\n');
      },
      (response) => response.writeHead(429, { 'retry-after': '0' }).end('{}'),
      (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('event: ready\nid: 5\ndata: {}\n\nid: 6\ndata: "second"\n\n');
      },
    ];
    server = createServer((request, response) => {
      asked.push(request.headers['last-event-id'] as string | undefined);
      answers.shift()?.(response);
    });
    const socket = path.join(tempFolder(), 's');
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    const http = socketHttp(socket);
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
});
