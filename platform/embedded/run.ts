/** The embedded platform: one background process per state folder, on a socket only this user can reach. */
import { chmodSync, rmSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { connect, type Server } from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import { BelayError, messageOf } from '../../protocol/errors.ts';
import { leaseProfiles, type LeaseProfileName } from '../../protocol/states.ts';
import { protocolVersion } from '../../protocol/routes.ts';
import { createServer } from '../api/server.ts';
import { createBus } from '../events/bus.ts';
import type { Service } from '../service.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { claimKey, openLog, privateFolder } from './files.ts';
import { takeLock } from './lock.ts';
import { startReaper } from './reaping.ts';

export interface EmbeddedOptions {
  readonly stateDir: string;
  readonly socket: string;
  readonly leaseProfile: LeaseProfileName;
  readonly version: string;
  /** Ends after so long without a client and without a live claim. */
  readonly idleMs: number;
}

/** How long a starter waits for the one that came first. */
const patienceMs = 15_000;
const lookAgainMs = 20;
/** How long replies under way may take when the platform ends. */
const farewellMs = 3_000;

/** Does anybody answer on the socket? */
function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(socket);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => {
      resolve(false);
    });
  });
}

/** The lock, or null when another platform turned out to be running here. */
async function lockOrFind(file: string, socket: string): Promise<(() => void) | null> {
  for (const end = Date.now() + patienceMs; Date.now() < end;) {
    const unlock = takeLock(file);
    if (unlock) return unlock;
    if (await answers(socket)) return null;
    await new Promise((resolve) => setTimeout(resolve, lookAgainMs * (1 + Math.random())));
  }
  throw new BelayError('unavailable', 'Another Belay platform is starting or ending on this machine, and does not get on.', {
    hint: `See ${path.join(path.dirname(file), 'platform.log')}.`,
  });
}

function ownerName(): string {
  try {
    return os.userInfo().username;
  } catch {
    return 'me';
  }
}

/** Starts to serve and resolves with `ready`; with `running` when another platform serves this folder already. */
export async function runEmbedded(options: EmbeddedOptions): Promise<'ready' | 'running'> {
  const folder = path.join(options.stateDir, 'platform');
  privateFolder(options.stateDir);
  privateFolder(folder);
  const unlock = await lockOrFind(path.join(folder, 'platform.lock'), options.socket);
  if (!unlock) return 'running';

  const log = openLog(path.join(folder, 'platform.log'));
  const bus = createBus();
  const profile = leaseProfiles[options.leaseProfile];
  const store = openSqliteStore({
    file: path.join(folder, 'belay.db'),
    profile,
    newId: (prefix) => `${prefix}_${randomUUID().replaceAll('-', '')}`,
    chance: Math.random,
    onWake: bus.publish,
  });
  const startedAt = Date.now();
  const caller = await store.ensureWorkspace(startedAt, { workspace: 'Personal', member: ownerName() });
  const ending = new AbortController();
  const machine = os.hostname();
  const service: Service = {
    store,
    bus,
    clock: Date.now,
    profile,
    claimKey: claimKey(folder),
    caller,
    about: () => ({
      name: 'belay',
      version: options.version,
      protocol: protocolVersion,
      schema: store.schema,
      mode: 'embedded',
      machine,
      pid: process.pid,
      startedAt,
      workspaceId: caller.workspaceId,
      memberId: caller.memberId,
      memberName: caller.memberName,
      leaseProfile: options.leaseProfile,
    }),
    quit: () => void end('a newer version takes over'),
    ending: ending.signal,
    log,
  };

  let lastRequest = Date.now();
  const server = createServer(service, () => {
    lastRequest = Date.now();
  });
  // The lock is ours, so a socket file that is still there belongs to nobody.
  if (process.platform !== 'win32') rmSync(options.socket, { force: true });
  await server.listen({ path: options.socket });
  if (process.platform !== 'win32') chmodSync(options.socket, 0o600);
  log(`platform ${options.version} ready, pid ${process.pid}, leases ${options.leaseProfile}`);

  let ended = false;
  async function end(why: string): Promise<void> {
    if (ended) return;
    ended = true;
    log(`platform ends: ${why}`);
    ending.abort();
    const force = setTimeout(() => {
      server.server.closeAllConnections();
    }, farewellMs);
    try {
      await server.close();
      await store.close();
    } catch (error) {
      log(`platform ended badly: ${messageOf(error)}`);
    }
    clearTimeout(force);
    unlock?.();
    process.exit(0);
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void end(signal));
  startReaper(service);
  endWhenIdle(
    server.server,
    options.idleMs,
    () => lastRequest,
    service,
    () => void end('no client and no live claim'),
  );
  return 'ready';
}

function endWhenIdle(server: Server, idleMs: number, lastRequest: () => number, { store, caller }: Service, end: () => void): void {
  const look = async (): Promise<void> => {
    const connections = await new Promise<number>((resolve) => {
      server.getConnections((error, count) => {
        resolve(error ? 1 : count);
      });
    });
    if (connections > 0 || Date.now() - lastRequest() < idleMs) return;
    if (!(await store.anyLive({ now: Date.now(), caller }))) end();
  };
  setInterval(() => void look().catch(() => {}), Math.max(50, idleMs / 10)).unref();
}
