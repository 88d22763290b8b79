/** A real team platform to be harmed: PostgreSQL, replicas and workers as processes, a link that can go bad between any two. */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { startServer, type TestServer } from '../postgres/server.ts';
import type { Random } from '../support/random.ts';
import { Link } from './proxy.ts';
import { platformLinks, type PlatformLink } from './platformLink.ts';
import type { WorkerOptions } from './workerMain.ts';

const main = path.resolve('platform/main.ts');
const workerMain = path.resolve('test/chaos/workerMain.ts');
const token = 'a-token-that-only-a-chaos-run-knows-0123456789';
/** Everybody here comes from one address. */
const unlimited = ['reads', 'writes', 'work'].flatMap((name) => [`--limit-${name}`, '0']);
export const maxConnections = 100;

/** Ends a process at once and waits until it has. */
async function kill(child: ChildProcess | null): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

const alive = (child: ChildProcess | null): child is ChildProcess => child !== null && child.exitCode === null && child.signalCode === null;

/** A process that is killed, stopped and started again. */
export abstract class Victim {
  protected child: ChildProcess | null = null;

  abstract start(): Promise<void>;

  kill(): Promise<void> {
    return kill(this.child);
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    if (alive(this.child)) this.child.kill(name);
  }

  get running(): boolean {
    return alive(this.child);
  }
}

export class Replica extends Victim {
  /** From this replica to the database. */
  readonly database: Link;
  /** From everybody who uses this replica. */
  readonly inward: Link[] = [];
  private readonly folder: string;
  private readonly tokenFile: string;

  constructor(folder: string, tokenFile: string, database: Link) {
    super();
    this.folder = folder;
    this.tokenFile = tokenFile;
    this.database = database;
  }

  /** Comes back whether it got up or not: a database that is away keeps it from starting. */
  async start(): Promise<void> {
    if (this.running) return;
    const args = [main, '--lease-profile', 'fast', '--port', '0', '--token-file', this.tokenFile, '--connections', '10', ...unlimited];
    const child = spawn(process.execPath, args, {
      cwd: this.folder,
      env: {
        PATH: process.env.PATH ?? '',
        HOME: this.folder,
        BELAY_DATABASE: `postgres://belay:test@127.0.0.1:${this.database.ownPort}/chaos`,
      },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.child = child;
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
    while (!text.includes('\n') && alive(child)) await sleep(10);
    const said = JSON.parse(text.split('\n')[0] || '{}') as { url?: string };
    if (said.url) for (const link of this.inward) link.port = Number(new URL(said.url).port);
  }

  /** Until it runs. */
  async insist(): Promise<void> {
    while (!this.running) {
      await this.start();
      if (!this.running) await sleep(200);
    }
  }
}

export class WorkerProcess extends Victim {
  readonly links: readonly Link[];
  private options: WorkerOptions;

  constructor(options: WorkerOptions, links: readonly Link[]) {
    super();
    this.options = options;
    this.links = links;
  }

  get careless(): boolean {
    return this.options.careless;
  }

  /** Resolves when it has registered, or ended. */
  async start(): Promise<void> {
    if (this.running) return;
    this.options = { ...this.options, boot: this.options.boot + 1 };
    const child = fork(workerMain, [JSON.stringify(this.options)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.child = child;
    await Promise.race([once(child, 'message'), once(child, 'exit')]);
  }
}

/** The database's processes. */
class Database {
  readonly server: TestServer;
  /** Never through a link: it sees what is there. */
  private admin: Client | null = null;

  constructor(server: TestServer) {
    this.server = server;
  }

  async query<T extends object>(text: string, values: unknown[] = [], database = 'chaos'): Promise<T[]> {
    if (!this.admin) {
      const admin = new Client(this.server.url(database));
      admin.on('error', () => {
        this.admin = null;
      });
      await admin.connect();
      this.admin = admin;
    }
    return (await this.admin.query<T>(text, values)).rows;
  }

  /** As if the machine's kernel had ended it: nothing is said to anybody. */
  async crash(): Promise<void> {
    const { pid } = this.server;
    process.kill(pid, 'SIGKILL');
    while (isThere(pid)) await sleep(20);
  }

  /** After a crash the last processes of the old server may still be there for a moment. */
  async start(): Promise<void> {
    this.admin = null;
    for (let tries = 0; ; tries++) {
      try {
        await this.server.start();
        return;
      } catch (error) {
        if (tries > 50) throw error ?? new Error('The database does not start.');
        await sleep(100);
      }
    }
  }

  /** All its processes stand still until the returned function is called. */
  async freeze(): Promise<() => void> {
    const rows = await this.query<{ pid: number }>('SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()');
    const pids = [this.server.pid, ...rows.map(({ pid }) => pid)];
    const tell = (signal: NodeJS.Signals): void => {
      for (const pid of pids) if (isThere(pid)) process.kill(pid, signal);
    };
    tell('SIGSTOP');
    return () => {
      tell('SIGCONT');
    };
  }

  async killBackends(share: number): Promise<void> {
    await this.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'belay' AND pid <> pg_backend_pid() AND random() < $1",
      [share],
    );
  }

  async end(): Promise<void> {
    await this.admin?.end().catch(() => {});
    await this.server.remove();
  }
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

export interface ClusterOptions {
  readonly folder: string;
  readonly random: Random;
  readonly replicas: number;
  readonly workers: number;
  readonly capacity: number;
  readonly thinkMs: number;
  readonly durable: boolean;
}

export class Cluster {
  readonly database: Database;
  readonly replicas: Replica[] = [];
  readonly workers: WorkerProcess[] = [];
  /** As producers and readers use them, one a replica. */
  clients: PlatformLink[] = [];
  agentId = '';
  readonly history: string;
  private readonly options: ClusterOptions;
  private readonly links: Link[] = [];

  private constructor(options: ClusterOptions, server: TestServer) {
    this.options = options;
    this.database = new Database(server);
    this.history = path.join(options.folder, 'history');
  }

  static async start(options: ClusterOptions): Promise<Cluster> {
    const server = await startServer({ durable: options.durable, flags: ['-c', `max_connections=${maxConnections}`] });
    const cluster = new Cluster(options, server);
    try {
      await cluster.fill();
      return cluster;
    } catch (error) {
      await cluster.end();
      throw error;
    }
  }

  private async link(at: string | number, port = 0): Promise<Link> {
    const link = await Link.open(at, port, this.options.random);
    this.links.push(link);
    return link;
  }

  private async fill(): Promise<void> {
    const { folder, replicas, workers, capacity, thinkMs } = this.options;
    mkdirSync(this.history, { recursive: true });
    const tokenFile = path.join(folder, 'token');
    writeFileSync(tokenFile, `${token}\n`, { mode: 0o600 });
    const admin = new Client(this.database.server.url());
    await admin.connect();
    await admin.query('CREATE DATABASE chaos');
    await admin.end();
    for (let n = 0; n < replicas; n++) this.replicas.push(new Replica(folder, tokenFile, await this.link(0, this.database.server.port)));
    /** Links of one user to all replicas, as paths of sockets. */
    const linksOf = async (user: string) => {
      const made = await Promise.all(
        this.replicas.map(async ({ inward }, n) => {
          const socket = path.join(folder, `${user}-${n}.sock`);
          const link = await this.link(socket);
          inward.push(link);
          return { socket, link };
        }),
      );
      return { sockets: made.map(({ socket }) => socket), links: made.map(({ link }) => link) };
    };
    this.clients = platformLinks((await linksOf('client')).sockets, token);
    const forWorkers = await Promise.all(Array.from({ length: workers }, (_, n) => linksOf(`w${n}`)));
    await Promise.all(this.replicas.map((replica) => replica.insist()));
    const body = { slug: 'chaos', name: 'chaos', execution: 'cloud', driver: 'chaos' } as const;
    this.agentId = (await this.clients[0]!.api.ensureAgent({ body })).id;
    for (const [n, { sockets, links }] of forWorkers.entries()) {
      const options = { sockets, token, history: this.history, agentId: this.agentId, capacity, thinkMs };
      // Every other one is broken: it never stops by itself.
      this.workers.push(new WorkerProcess({ name: `w${n}`, boot: 0, careless: n % 2 === 1, ...options }, links));
    }
    await Promise.all(this.workers.map((worker) => worker.start()));
  }

  /** Everything runs, and every link is good. */
  async heal(): Promise<void> {
    for (const link of this.links) link.toxics = { delayMs: 0, jitterMs: 0, slice: null, hole: false };
    for (const victim of [...this.replicas, ...this.workers]) victim.signal('SIGCONT');
    await Promise.all(this.replicas.map((replica) => replica.insist()));
    await Promise.all(this.workers.map((worker) => worker.start()));
  }

  async end(): Promise<void> {
    await Promise.all([...this.workers, ...this.replicas].map((victim) => victim.kill()));
    await Promise.all(this.links.map((link) => link.close()));
    await this.database.end();
  }
}
