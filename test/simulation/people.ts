/** What people do to the sessions meanwhile. */
import { isBelayError } from '../../protocol/errors.ts';
import type { World } from './world.ts';

export interface Made {
  readonly localAgent: string;
  readonly cloudAgent: string;
  readonly repositoryId: string;
}

const lookMs = 6_000;

/** Refusals are part of life: somebody else was quicker. */
async function tolerant(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isBelayError(error)) throw error;
  }
}

export function createSessions(world: World, made: Made, count: number): void {
  const { random, store, checker } = world;
  for (let i = 0; i < count; i++) {
    world.onPlatform(random.between(0, 20_000), async () => {
      const session = await store.createSession(world.call(), {
        itemId: null,
        title: `work ${i}`,
        agentId: random.chance(0.5) ? made.localAgent : made.cloudAgent,
        mode: 'code',
        repositoryId: random.chance(0.5) ? made.repositoryId : null,
        context: [],
        maxAttempts: random.between(1, 4),
        notBefore: random.chance(0.2) ? world.call().now + random.between(0, 20_000) : null,
      });
      checker.created(await store.getSession(world.call(), session.id));
      checker.trace(`created ${session.id} ${session.execution} ${session.state}`);
      if (random.chance(0.2)) cancelLater(world, session.id);
      watch(world, session.id);
    });
  }
}

function cancelLater(world: World, id: string): void {
  const copies = world.random.between(1, 2);
  for (let i = 0; i < copies; i++) {
    world.onPlatform(world.random.between(0, 40_000), () =>
      tolerant(() => world.checker.change('cancel', id, () => world.store.cancelSession(world.call(), id))),
    );
  }
}

/** Reads on, answers what is asked, queues a stale session again. */
function watch(world: World, id: string): void {
  const { random, store, checker } = world;
  world.onPlatform(random.between(lookMs / 2, lookMs), async () => {
    await checker.readOn(id);
    if (!checker.unfinished.includes(id)) return;
    const session = checker.known(id);
    for (const input of (await store.listInputs(world.call(), { session: id, state: ['open'] })).entries) {
      if (!random.chance(0.4)) continue;
      const answer = { optionId: 'yes', text: null, actionHash: 'h' };
      await tolerant(() => checker.change('answer', id, () => store.answerInput(world.call(), input.id, answer)));
    }
    // Decided on what was seen, done later: by then it may be another state.
    if (session.state === 'stale' && session.execution === 'local' && random.chance(0.4))
      world.onPlatform(random.between(0, 20_000), () =>
        tolerant(() => checker.change('retry', id, () => store.retrySession(world.call(), id))),
      );
    watch(world, id);
  });
}
