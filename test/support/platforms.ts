/** Real platforms as processes, asked over real connections: an embedded one on its socket, replicas of a team's on TCP. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import { connect, type NetConnectOpts } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import * as os from 'node:os';
import * as path from 'node:path';
import { Client } from 'pg';
import { createApi, type BelayApi } from '../../protocol/typedClient.ts';
import { exportedTables } from '../../platform/store/areas/workspace/exportedTables.ts';
import { startServer, type TestServer } from '../postgres/server.ts';

export const token = 'a-token-that-only-the-tests-know-0123456789';
const main = path.resolve('platform/main.ts');

export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer | undefined;
  /** Without the credential. */
  readonly bare?: boolean;
}
export interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly ms: number;
}

export interface Platform {
  readonly kind: 'embedded' | 'team';
  readonly api: BelayApi;
  readonly child: ChildProcess;
  /** Where it listens. */
  readonly at: NetConnectOpts;
  readonly send: (message: Sent) => Promise<Got>;
  /** Sends bytes on a connection of their own; gives what came until it was closed. */
  readonly sendBytes: (bytes: string | Buffer) => Promise<string>;
  readonly log: () => string;
  /** How many rows each table has. */
  readonly rows: () => Promise<Record<string, number>>;
  /** Asks the database itself. */
  readonly query: (sql: string) => Promise<Record<string, unknown>[]>;
  readonly kill: (signal: NodeJS.Signals) => Promise<number | null>;
}

interface Started {
  readonly child: ChildProcess;
  readonly log: () => string;
  readonly said: { readonly state?: string; readonly url?: string; readonly problem?: { readonly code: string; readonly detail: string } };
}

/** The program as a process, with its first line read. */
export async function startPlatform(args: readonly string[], cwd: string, env: Record<string, string> = {}): Promise<Started> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args], {
    cwd,
    env: { PATH: process.env.PATH ?? '', HOME: cwd, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  const line = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    });
    child.once('close', () => {
      reject(new Error(`It ended without a word: ${log}`));
    });
  });
  return { child, log: () => log, said: JSON.parse(line) as Started['said'] };
}

const answerMs = 15_000;

type Address = { readonly socketPath: string } | { readonly host: string; readonly port: number };

function senderTo(address: Address, credential: string | null): { send: Platform['send']; close: () => void } {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const send = ({ method, path: at, headers, body, bare }: Sent): Promise<Got> =>
    new Promise((resolve, reject) => {
      const started = performance.now();
      const outgoing = request({
        ...address,
        agent,
        method,
        path: at,
        headers: {
          host: 'belay',
          ...(credential !== null && bare !== true && { authorization: `Bearer ${credential}` }),
          ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
          ...headers,
        },
      });
      const timer = setTimeout(
        () => outgoing.destroy(new Error(`No answer to ${method} ${at.slice(0, 100)} in ${answerMs} ms.`)),
        answerMs,
      );
      outgoing.once('response', (reply) => {
        const parts: Buffer[] = [];
        const done = (): void => {
          clearTimeout(timer);
          const got = Buffer.concat(parts).toString();
          resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body: got, ms: performance.now() - started });
        };
        reply.on('data', (part: Buffer) => {
          parts.push(part);
          // A stream goes on: its beginning is the answer.
          if (reply.headers['content-type'] === 'text/event-stream') {
            done();
            reply.destroy();
          }
        });
        reply.once('end', done);
        reply.on('error', reject);
      });
      outgoing.on('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      outgoing.end(body);
    });
  return {
    send,
    close: () => {
      agent.destroy();
    },
  };
}

function bytesTo(at: NetConnectOpts): Platform['sendBytes'] {
  return (bytes) =>
    new Promise((resolve, reject) => {
      const socket = connect(at);
      let text = '';
      const timer = setTimeout(() => socket.destroy(new Error('The connection was neither answered nor closed.')), answerMs);
      socket.setEncoding('latin1').on('data', (part: string) => (text += part));
      socket.once('error', (error: NodeJS.ErrnoException) => {
        clearTimeout(timer);
        if (error.code === 'ECONNRESET' || error.code === 'EPIPE') resolve(text);
        else reject(error);
      });
      socket.once('close', () => {
        clearTimeout(timer);
        resolve(text);
      });
      socket.write(bytes);
    });
}

function platformOf(
  kind: Platform['kind'],
  { child, log }: Started,
  address: Address,
  credential: string | null,
  query: Platform['query'],
): Platform {
  const at: NetConnectOpts = 'socketPath' in address ? { path: address.socketPath } : address;
  const { send, close } = senderTo(address, credential);
  const api = createApi(async ({ method, path: to, headers, body }) => {
    const got = await send({ method, path: to, headers, ...(body !== null && { body }) });
    return { status: got.status, headers: got.headers as Record<string, string | undefined>, body: got.body };
  });
  return {
    kind,
    api,
    child,
    at,
    send,
    sendBytes: bytesTo(at),
    log,
    query,
    rows: async () => {
      const tables = [...exportedTables, 'idempotency_key'];
      const sql = tables.map((table) => `SELECT '${table}' AS name, COUNT(*) AS n FROM ${table}`).join(' UNION ALL ');
      return Object.fromEntries((await query(sql)).map(({ name, n }) => [String(name), Number(n)]));
    },
    kill: async (signal) => {
      if (child.exitCode === null && child.signalCode === null) {
        const exited = once(child, 'exit');
        child.kill(signal);
        await exited;
      }
      close();
      return child.exitCode;
    },
  };
}

/** Everything one test file starts, and its end. */
export class Platforms {
  private readonly durable: boolean;
  readonly folder = mkdtempSync(path.join(os.tmpdir(), 'belay-api-'));
  private server: TestServer | undefined;
  private readonly running: Platform[] = [];
  private readonly closers: (() => unknown)[] = [];
  private made = 0;

  /** `durable`: the database waits for its disk, for figures. */
  constructor({ durable = false }: { durable?: boolean } = {}) {
    this.durable = durable;
  }

  /** On data of its own. */
  embedded(): Promise<Platform> {
    return this.embeddedIn(`e${(this.made += 1)}`);
  }

  /** On the data of that name. */
  async embeddedIn(name: string): Promise<Platform> {
    const folder = path.join(this.folder, name);
    const socketPath = path.join(folder, 'platform', 's');
    const started = await startPlatform(
      ['--embedded', '--state-dir', folder, '--socket', socketPath, '--lease-profile', 'fast'],
      this.folder,
    );
    assert.equal(started.said.state, 'ready', JSON.stringify(started.said));
    const database = new DatabaseSync(path.join(folder, 'platform', 'belay.db'), { readOnly: true });
    this.closers.push(() => {
      database.close();
    });
    const query = (sql: string) => Promise.resolve(database.prepare(sql).all());
    const file = path.join(folder, 'platform', 'platform.log');
    const log = (): string => started.log() + readFileSync(file, 'utf8');
    return this.keep(platformOf('embedded', { ...started, log }, { socketPath }, null, query));
  }

  /** The name of a new database. */
  async database(): Promise<string> {
    this.server ??= await startServer({ durable: this.durable });
    const admin = new Client(this.server.url());
    await admin.connect();
    const name = `api${(this.made += 1)}`;
    await admin.query(`CREATE DATABASE ${name}`);
    await admin.end();
    return name;
  }

  get postgres(): TestServer {
    assert.ok(this.server, 'No database yet.');
    return this.server;
  }

  async team(database: string, ...flags: readonly string[]): Promise<Platform> {
    const tokenFile = path.join(this.folder, 'token');
    writeFileSync(tokenFile, token, { mode: 0o600 });
    const url = this.postgres.url(database);
    const args = ['--database', url, '--token-file', tokenFile, '--port', '0', '--lease-profile', 'fast', ...flags];
    const started = await startPlatform(args, this.folder);
    assert.equal(started.said.state, 'ready', JSON.stringify(started.said));
    const { hostname: host, port } = new URL(started.said.url ?? '');
    let client: Client | undefined;
    const query = async (sql: string): Promise<Record<string, unknown>[]> => {
      if (!client) {
        client = new Client({ connectionString: url, options: '-c search_path=belay' });
        client.on('error', () => {});
        await client.connect();
        const { end } = client;
        this.closers.push(end.bind(client));
      }
      return (await client.query<Record<string, unknown>>(sql)).rows;
    };
    return this.keep(platformOf('team', started, { host, port: Number(port) }, token, query));
  }

  async end(): Promise<void> {
    for (const platform of this.running) await platform.kill('SIGKILL');
    for (const close of this.closers) await close();
    await this.server?.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private keep(platform: Platform): Platform {
    this.running.push(platform);
    return platform;
  }
}
