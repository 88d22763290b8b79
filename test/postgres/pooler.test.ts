/** A real pooler that hands out connections per transaction, between the store and a real server. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import { Client } from 'pg';
import { openPostgresStore } from '../../platform/store/postgres/open.ts';
import { storeConformance } from '../store/conformance.ts';
import { freePort } from '../support/freePort.ts';
import { emptyStatements, startServer, type TestServer } from './server.ts';

const unpacked = path.resolve('.cache/debian/usr/sbin/pgbouncer');
const program = existsSync(unpacked) ? unpacked : 'pgbouncer';
const there = spawnSync(program, ['--version']).status === 0;

/** Resolves once somebody listens at `port`. */
function listening(port: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve();
    });
    socket.on('error', () => {
      setImmediate(() => void listening(port).then(resolve));
    });
  });
}

// Linux has it, by scripts/prepare.mjs; elsewhere it may be missing.
(there || process.platform === 'linux' ? describe : describe.skip)('behind a pooler', function () {
  this.timeout(180_000);
  let server: TestServer;
  let admin: Client;
  let pooler: ChildProcess;
  let url: string;
  const folder = mkdtempSync(path.join(os.tmpdir(), 'belay-pooler-'));

  before(async () => {
    server = await startServer();
    admin = new Client(server.url());
    await admin.connect();
    const port = await freePort();
    url = `postgres://belay:test@127.0.0.1:${port}/postgres`;
    const settings = path.join(folder, 'pgbouncer.ini');
    // Fewer connections than the store opens, so that its transactions meet connections that others have used.
    writeFileSync(
      settings,
      [
        '[databases]',
        `postgres = host=127.0.0.1 port=${server.port} dbname=postgres user=belay password=test`,
        '[pgbouncer]',
        'listen_addr = 127.0.0.1',
        `listen_port = ${port}`,
        'auth_type = any',
        'pool_mode = transaction',
        'default_pool_size = 3',
        'unix_socket_dir =',
      ].join('\n'),
    );
    chmodSync(folder, 0o755);
    // It does not run as root.
    const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
    pooler = spawn(program, ['-q', ...user, settings], { stdio: 'ignore', env: { PATH: process.env.PATH ?? '' } });
    await listening(port);
  });
  after(async () => {
    const exited = once(pooler, 'exit');
    pooler.kill('SIGKILL');
    await exited;
    await admin.end();
    await server.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  storeConformance('PostgreSQL', async (settings) => {
    const { store } = await openPostgresStore({ ...settings, url, clock: 'call', connections: 8, pooled: true });
    await admin.query(emptyStatements);
    return store;
  });
});
