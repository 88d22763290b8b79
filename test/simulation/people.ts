/** What people do meanwhile: they queue sessions, cancel, answer, say something, queue again what is stale, and read. */
import { isBelayError } from '../../protocol/errors.ts';
import type { WorkspaceEvent } from '../../protocol/events.ts';
import type { World } from './world.ts';

export interface Made {
  readonly localAgent: string;
  readonly cloudAgent: string;
  readonly repositoryId: string;
}

const lookMs = 6_000;
const patienceMs = 2_500;

/** Refusals are part of life: somebody else was quicker. */
async function tolerant(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isBelayError(error)) throw error;
  }
}

/** Over a bad line, at one replica or another, until an answer comes. */
function insist<T>(world: World, who: string, work: () => Promise<T>, heard: (value: T) => void): void {
  const { random, clock, faults } = world;
  let answered = false;
  const attempt = (): void => {
    if (answered) return;
    const replica = random.pick(world.replicas);
    for (let copies = random.chance(faults.repeat) ? 2 : 1; copies > 0; copies--) {
      const there = world.leg(who, replica);
      if (there === null) continue;
      replica.receive(there, async () => {
        const value = await work();
        const back = world.leg(who, replica);
        if (back === null) return;
        clock.after(back, () => {
          if (!answered) heard(value);
          answered = true;
        });
      });
    }
    clock.after(patienceMs, attempt);
  };
  attempt();
}

export function createSessions(world: World, made: Made, count: number): void {
  const { random, store, checker, clock } = world;
  for (let i = 0; i < count; i++) {
    clock.after(random.between(0, 20_000), () => {
      const body = {
        itemId: null,
        title: `work ${i}`,
        agentId: random.chance(0.5) ? made.localAgent : made.cloudAgent,
        mode: 'code' as const,
        repositoryId: random.chance(0.5) ? made.repositoryId : null,
        prompt: { kind: 'sections' as const, sections: [] },
        folder: '',
        maxAttempts: random.between(1, 4),
        notBefore: random.chance(0.2) ? world.call().now + random.between(0, 20_000) : null,
      };
      const create = async (): Promise<string> => {
        const { id } = await store.createSession({ ...world.call(), once: { key: `create ${i}`, hash: String(i) } }, body);
        if (checker.made(`create ${i}`, id)) checker.created(await store.getSession(world.call(), id));
        return id;
      };
      insist(world, 'ann', create, (id) => {
        if (random.chance(0.2)) cancelLater(world, id);
        if (random.chance(0.3)) sayLater(world, id);
        watch(world, id);
      });
    });
  }
}

function cancelLater(world: World, id: string): void {
  const copies = world.random.between(1, 2);
  for (let i = 0; i < copies; i++) {
    world.soon(world.random.between(0, 40_000), () =>
      tolerant(() => world.checker.change('cancel', id, () => world.store.cancelSession(world.call(), id))),
    );
  }
}

function sayLater(world: World, id: string): void {
  const { store, checker, random } = world;
  world.soon(random.between(0, 30_000), () =>
    tolerant(() =>
      checker.change('message', id, () =>
        store.sendMessage({ ...world.call(), once: { key: `say ${id}`, hash: id } }, id, { kind: 'steer', body: 'go on' }),
      ),
    ),
  );
}

/** Reads on, answers what is asked, queues a stale session again. */
function watch(world: World, id: string): void {
  const { random, store, checker } = world;
  world.soon(random.between(lookMs / 2, lookMs), async () => {
    await checker.readOn(id, random.pick([1, 3, 100]));
    if (!checker.unfinished.includes(id)) return;
    const session = checker.known(id);
    for (const input of (await store.listInputs(world.call(), { session: id, state: ['open'] })).entries) {
      if (!random.chance(0.4)) continue;
      const answer = { optionId: 'yes', text: null, actionHash: 'h' };
      await tolerant(() => checker.change('answer', id, () => store.answerInput(world.call(), input.id, answer)));
    }
    // Decided on what was seen, done later: by then it may be another state.
    if (session.state === 'stale' && session.execution === 'local' && random.chance(0.4))
      world.soon(random.between(0, 20_000), () => tolerant(() => checker.change('retry', id, () => store.retrySession(world.call(), id))));
    watch(world, id);
  });
}

/** Follows the workspace's events from where it stands, at one replica after another. */
export function followEvents(world: World, name: string): void {
  const { random, store, checker, clock } = world;
  const at = checker.eventsSeen(name);
  const limit = random.pick([1, 5, 100]);
  insist(
    world,
    name,
    () => store.eventsAfter(world.call(), at, limit),
    (events: readonly WorkspaceEvent[]) => {
      checker.heardEvents(name, events);
      clock.after(random.between(100, 4_000), () => {
        followEvents(world, name);
      });
    },
  );
}
