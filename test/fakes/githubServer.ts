/** A GitHub on loopback: the two requests about pull requests, in its own wire format, and git over HTTP with its basic login. */
import { execFileSync, spawn } from 'node:child_process';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

export interface FakeGitHub {
  readonly port: number;
  readonly pulls: readonly Record<string, unknown>[];
  /** `METHOD path authorization` of every request. */
  readonly seen: readonly string[];
  close(): Promise<void>;
}

/** Serves the bare repositories in `folder`; `token` is the only one it takes. */
export async function startGitHub(folder: string, token: string): Promise<FakeGitHub> {
  const pulls: Record<string, unknown>[] = [];
  const seen: string[] = [];
  const basic = `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`;
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const login = request.headers.authorization ?? '';
    seen.push(`${request.method} ${url.pathname} ${login}`);
    if (url.pathname.startsWith('/api/')) {
      if (login !== `Bearer ${token}`) {
        response.writeHead(401).end('{"message":"Bad credentials"}');
        return;
      }
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        response.setHeader('content-type', 'application/json');
        if (request.method === 'GET') {
          const head = url.searchParams.get('head')?.split(':')[1];
          response.end(JSON.stringify(pulls.filter((pull) => pull['head'] === head)));
          return;
        }
        const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>;
        const number = pulls.length + 1;
        const pull = { ...body, number, html_url: `https://forge.example/owner/repo/pull/${number}` };
        pulls.push(pull);
        response.writeHead(201).end(JSON.stringify(pull));
      });
      return;
    }
    if (login !== basic) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
      return;
    }
    gitBackend(folder, url, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    pulls,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

/** Git's own server, as a CGI program. */
function gitBackend(folder: string, url: URL, request: http.IncomingMessage, response: http.ServerResponse): void {
  const backend = path.join(execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(), 'git-http-backend');
  const child = spawn(backend, {
    env: {
      PATH: process.env['PATH'] ?? '',
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_COUNT: '2',
      GIT_CONFIG_KEY_0: 'http.receivepack',
      GIT_CONFIG_VALUE_0: 'true',
      GIT_CONFIG_KEY_1: 'safe.directory',
      GIT_CONFIG_VALUE_1: '*',
      REQUEST_METHOD: request.method ?? 'GET',
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      ...(request.headers['content-encoding'] !== undefined && { HTTP_CONTENT_ENCODING: request.headers['content-encoding'] }),
      ...(request.headers['git-protocol'] !== undefined && { GIT_PROTOCOL: String(request.headers['git-protocol']) }),
      REMOTE_USER: 'x',
    },
  });
  request.pipe(child.stdin);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.on('close', () => {
    const all = Buffer.concat(chunks);
    const end = all.indexOf('\r\n\r\n');
    for (const line of all.subarray(0, end).toString('utf8').split('\r\n')) {
      const [name = '', value = ''] = line.split(': ');
      if (name === 'Status') response.statusCode = Number(value.slice(0, 3));
      else response.setHeader(name, value);
    }
    response.end(all.subarray(end + 4));
  });
}
