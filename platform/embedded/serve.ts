/** Serves the state folder whose lock this process holds, until it is asked to end or nobody needs it. */
import { chmodSync, rmSync } from 'node:fs';
import type { Server } from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import { protocolVersion } from '../../protocol/routes.ts';
import { leaseProfiles } from '../../protocol/states.ts';
import { createServer } from '../api/server.ts';
import { newId } from '../base/newId.ts';
import { retentions } from '../domain/retention.ts';
import { createBus } from '../service/bus.ts';
import { endOnSignals } from '../service/farewell.ts';
import { Meter } from '../service/meter.ts';
import { startReaper, startRetention } from '../service/reaping.ts';
import type { Service } from '../service/service.ts';
import { openSqliteStore } from '../store/sqlite/open.ts';
import { claimKey, openLog } from './files.ts';
import type { EmbeddedOptions } from './options.ts';

/** Everybody here is one person: what is limited is only what a mistake could pile up. */
const limits = { streams: 1_000 };
/** How long replies under way may take when the platform ends. */
const farewellMs = 3_000;

function ownerName(): string {
  try {
    return os.userInfo().username;
  } catch {
    return 'me';
  }
}

/** Resolves when the socket answers. `unlock` is called when everything is closed. */
export async function serve(options: EmbeddedOptions, folder: string, unlock: () => void): Promise<void> {
  const log = openLog(path.join(folder, 'platform.log'));
  const bus = createBus();
  const profile = leaseProfiles[options.leaseProfile];
  const store = openSqliteStore({
    file: path.join(folder, 'belay.db'),
    profile,
    newId: (prefix) => newId(prefix, Date.now()),
    chance: Math.random,
    onWake: bus.publish,
  });
  const startedAt = Date.now();
  const caller = await store.ensureWorkspace(startedAt, { workspace: 'Personal', member: ownerName() });
  const { workspaceId } = caller;
  const ending = new AbortController();
  const service: Service = {
    store,
    bus,
    clock: Date.now,
    profile,
    retention: retentions.embedded,
    rules: [],
    claimKey: claimKey(folder),
    admit: () => Promise.resolve(caller),
    workspaceId,
    limits,
    meter: new Meter(),
    probe: async () => {
      await store.lastEvent({ now: Date.now(), caller });
    },
    program: {
      name: 'belay',
      version: options.version,
      protocol: protocolVersion,
      schema: store.schema,
      mode: 'embedded',
      machine: os.hostname(),
      pid: process.pid,
      startedAt,
      leaseProfile: options.leaseProfile,
    },
    quit: () => void end('a newer version takes over'),
    ending: ending.signal,
    log,
  };

  let lastRequest = Date.now();
  const server = await createServer(service, () => {
    lastRequest = Date.now();
  });
  // The lock is ours, so a socket file that is still there belongs to nobody.
  if (process.platform !== 'win32') rmSync(options.socket, { force: true });
  await server.listen({ path: options.socket });
  if (process.platform !== 'win32') chmodSync(options.socket, 0o600);
  log(`platform ${options.version} ready, pid ${process.pid}, leases ${options.leaseProfile}`);

  const end = endOnSignals({ server, store, ending, log, withinMs: farewellMs, last: unlock });
  startReaper(service);
  startRetention(service);
  endWhenIdle(
    server.server,
    options.idleMs,
    () => lastRequest,
    service,
    () => void end('no client and no live claim'),
  );
}

function endWhenIdle(server: Server, idleMs: number, lastRequest: () => number, { store, workspaceId }: Service, end: () => void): void {
  const look = async (): Promise<void> => {
    const connections = await new Promise<number>((resolve) => {
      server.getConnections((error, count) => {
        resolve(error ? 1 : count);
      });
    });
    if (connections > 0 || Date.now() - lastRequest() < idleMs) return;
    if (!(await store.anyLive({ now: Date.now(), workspaceId }))) end();
  };
  setInterval(() => void look().catch(() => {}), Math.max(50, idleMs / 10)).unref();
}
