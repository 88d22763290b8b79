/** Plays one seed to its end and gives what was counted; a broken rule is reported, not thrown. */
import { messageOf } from '../../protocol/errors.ts';
import { Violation } from './checker.ts';
import { createSessions, followEvents } from './people.ts';
import { SimWorker } from './worker.ts';
import { faultsEndMs, profile } from './settings.ts';
import { World, type RunSettings } from './world.ts';

export interface RunReport {
  readonly seed: number;
  readonly violation: string | null;
  readonly events: number;
  readonly reclaims: number;
  readonly staleRejected: number;
  readonly traceHash: string;
  readonly trace: readonly string[];
}

/** Long enough for four attempts, their pauses, and the time a lost local session is kept for its machine. */
const livenessMs = 1_500_000;

export async function runSeed(settings: RunSettings): Promise<RunReport> {
  const world = new World(settings);
  let violation: string | null = null;
  try {
    await play(world);
  } catch (error) {
    violation = error instanceof Violation ? error.message : `unexpected: ${messageOf(error)}`;
  } finally {
    await world.store.close();
  }
  const { checker, clock } = world;
  return {
    seed: settings.seed,
    violation,
    events: clock.ran,
    reclaims: checker.reclaims,
    staleRejected: checker.staleRejected,
    traceHash: checker.traceHash,
    trace: checker.lines ?? [],
  };
}

async function play(world: World): Promise<void> {
  const { store, random, clock, checker } = world;
  world.caller = await store.ensureWorkspace(world.call().now, { workspace: 'sim', member: 'ann' });
  const agent = (execution: 'local' | 'cloud') =>
    store.ensureAgent(world.call(), { slug: execution, name: execution, execution, driver: 'sim', instructions: '' });
  const local = await agent('local');
  const cloud = await agent('cloud');
  const repository = await store.ensureRepository(world.call(), {
    name: 'r',
    remote: null,
    rootCommit: 'a'.repeat(40),
    subdirectory: '',
    defaultBranch: 'main',
  });
  const repositoryId = repository.id;
  const workers = [
    new SimWorker(world, { name: 'win1', machine: 'desk', execution: 'local', agentId: local.id, repositoryId, capacity: 2 }),
    new SimWorker(world, { name: 'win2', machine: 'desk', execution: 'local', agentId: local.id, repositoryId, capacity: 1 }),
    new SimWorker(world, { name: 'lap', machine: 'lap', execution: 'local', agentId: local.id, repositoryId: null, capacity: 1 }),
    new SimWorker(world, { name: 'cloud1', machine: 'c1', execution: 'cloud', agentId: cloud.id, repositoryId, capacity: 2 }),
    new SimWorker(world, { name: 'cloud2', machine: 'c2', execution: 'cloud', agentId: cloud.id, repositoryId, capacity: 1 }),
  ];
  for (const worker of workers) await worker.start();
  const sessions = random.between(2, 6);
  createSessions(world, { localAgent: local.id, cloudAgent: cloud.id, repositoryId }, sessions);
  for (const name of ['reader1', 'reader2']) followEvents(world, name);
  for (const replica of world.replicas) replica.start();
  trouble(world);

  while (clock.now < faultsEndMs && !(checker.count === sessions && checker.unfinished.length === 0)) await clock.step();
  // Late copies of writes are still on their way when everything has ended: let them arrive.
  for (const end = clock.now + 3 * profile.lease; clock.now < end;) await clock.step();
  world.endFaults();
  for (const end = clock.now + livenessMs; checker.unfinished.length > 0;) {
    if (clock.now > end) checker.fail('I7', `${checker.unfinished.join(', ')} did not end`);
    await clock.step();
  }
  await checker.atEnd();
}

/** What befalls the database, and the machine all replicas are on. */
function trouble(world: World): void {
  const { random, clock } = world;
  clock.after(1_000, () => {
    if (random.chance(world.faults.clockJump)) world.jumpClock(random.between(-2 * profile.lease, 2 * profile.lease));
    if (random.chance(world.faults.platformSleep)) {
      const ms = random.between(0, 4 * profile.lease);
      for (const replica of world.replicas) replica.standStill(ms);
    }
    trouble(world);
  });
}
