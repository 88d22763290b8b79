/** One replica of a team's platform: it keeps nothing itself, so any number may run and any may end. */
import type { AddressInfo } from 'node:net';
import * as os from 'node:os';
import type { Rule } from '../../protocol/policy.ts';
import { protocolVersion } from '../../protocol/routes.ts';
import { leaseProfiles, type LeaseProfileName } from '../../protocol/states.ts';
import { createServer } from '../api/server.ts';
import { newId } from '../base/newId.ts';
import type { Retention } from '../domain/retention.ts';
import { createBus } from '../service/bus.ts';
import { endOnSignals } from '../service/farewell.ts';
import { Meter } from '../service/meter.ts';
import { startReaper, startRetention } from '../service/reaping.ts';
import type { Limits, Service } from '../service/service.ts';
import { openPostgresStore } from '../store/postgres/open.ts';
import { openLog } from './log.ts';
import { bearerOf, readToken } from './token.ts';

export interface TeamOptions {
  readonly database: string;
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly tokenFile: string;
  readonly connections: number;
  /** The database stands behind a pooler that gives a connection per transaction. */
  readonly pooled: boolean;
  readonly leaseProfile: LeaseProfileName;
  readonly retention: Retention;
  readonly rules: readonly Rule[];
  readonly limits: Limits;
  /** Log every request, or only what goes wrong. */
  readonly logRequests: boolean;
  readonly version: string;
}

/** How long replies under way may take when the replica ends. */
const farewellMs = 5_000;
/** Without hints from other replicas everybody who waits looks this often. */
const lookMs = 1_000;

/** Serves until a signal ends it; resolves with the address. Throws what keeps it from starting, with what to do. */
export async function runTeam(options: TeamOptions): Promise<string> {
  const token = readToken(options.tokenFile);
  const lines = openLog(2, [token]);
  const log = (message: string): void => {
    lines.write({ message });
  };
  const bus = createBus();
  const profile = leaseProfiles[options.leaseProfile];
  const { store, claimKey, clock, probe, pool } = await openPostgresStore({
    url: options.database,
    clock: 'database',
    connections: options.connections,
    pooled: options.pooled,
    profile,
    newId: (prefix) => newId(prefix, Date.now()),
    chance: Math.random,
    onWake: bus.publish,
    onGap: bus.wakeAll,
    log,
  });
  const owner = await store.ensureWorkspace(Date.now(), { workspace: 'Team', member: 'team' });
  const startedAt = clock();
  const ending = new AbortController();
  const service: Service = {
    store,
    bus,
    clock,
    profile,
    retention: options.retention,
    rules: options.rules,
    claimKey,
    admit: bearerOf(token, owner),
    workspaceId: owner.workspaceId,
    limits: options.limits,
    meter: new Meter(),
    probe,
    pool,
    program: {
      name: 'belay',
      version: options.version,
      protocol: protocolVersion,
      schema: store.schema,
      mode: 'team',
      machine: os.hostname(),
      pid: process.pid,
      startedAt,
      leaseProfile: options.leaseProfile,
    },
    quit: () => {},
    ending: ending.signal,
    log,
    ...(options.logRequests && {
      onReply: (line) => {
        lines.write({ message: 'request', ...line });
      },
    }),
  };
  const server = await createServer(service, () => {});
  await server.listen({ host: options.host, port: options.port });
  const { address, port, family } = server.server.address() as AddressInfo;
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  log(`platform ${options.version} ready at ${url}, pid ${process.pid}, leases ${options.leaseProfile}`);

  endOnSignals({ server, store, ending, log, withinMs: farewellMs, sweepMs: 50, last: lines.flush });
  startReaper(service);
  startRetention(service);
  if (options.pooled) setInterval(bus.wakeAll, lookMs).unref();
  return url;
}
