/** A service over a store in memory, for tests of what stands around it. */
import { retentions } from '../../../platform/domain/retention.ts';
import { createBus } from '../../../platform/service/bus.ts';
import { Meter } from '../../../platform/service/meter.ts';
import type { Service } from '../../../platform/service/service.ts';
import { openSqliteStore } from '../../../platform/store/sqlite/open.ts';
import { leaseProfiles } from '../../../protocol/states.ts';

/** `clock` stands still unless one is given. */
export async function serviceOf(parts: Partial<Service> = {}): Promise<Service> {
  const bus = createBus();
  let ids = 0;
  const profile = leaseProfiles.fast;
  const store = openSqliteStore({
    file: ':memory:',
    profile,
    newId: (prefix) => `${prefix}_${(ids += 1)}`,
    chance: () => 0,
    onWake: bus.publish,
  });
  const clock = parts.clock ?? (() => 1_000_000);
  const caller = await store.ensureWorkspace(clock(), { workspace: 'w', member: 'ann' });
  return {
    store,
    bus,
    clock,
    profile,
    retention: retentions.embedded,
    rules: [],
    claimKey: new Uint8Array(32).fill(1),
    admit: () => Promise.resolve(caller),
    workspaceId: caller.workspaceId,
    limits: { streams: 2 },
    meter: new Meter(),
    probe: () => Promise.resolve(),
    program: {
      name: 'belay',
      version: '1.0.0',
      protocol: 1,
      schema: store.schema,
      mode: 'embedded',
      machine: 'here',
      pid: 1,
      startedAt: 1,
      leaseProfile: 'fast',
    },
    quit: () => {},
    ending: new AbortController().signal,
    log: () => {},
    ...parts,
  };
}
