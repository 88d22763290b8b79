/** A replica of the platform: it keeps nothing but polls it holds, and forgets those with every restart. */
import { holdLimit } from '../../platform/domain/claims.ts';
import { topics } from '../../platform/store/base/engine.ts';
import type { PollInput, PollOutcome } from '../../platform/store/base/calls.ts';
import { Killed } from './mortal.ts';
import { profile } from './settings.ts';
import type { World } from './world.ts';

interface Held {
  readonly input: PollInput;
  readonly first: PollOutcome;
  readonly answer: (outcome: PollOutcome) => void;
  readonly until: number;
  looking: boolean;
}

const says = (outcome: PollOutcome): boolean =>
  outcome.claims.length + outcome.lost.length + outcome.cancels.length + outcome.answers.length + outcome.messages.length > 0;

export class SimReplica {
  readonly name: string;
  private readonly world: World;
  private life = 0;
  private downUntil = 0;
  private stillUntil = 0;
  private readonly held = new Set<Held>();

  constructor(world: World, name: string) {
    this.world = world;
    this.name = name;
  }

  /** It is there, and does what comes. */
  get standing(): boolean {
    const { now } = this.world.clock;
    return now >= this.downUntil && now >= this.stillUntil;
  }

  start(): void {
    this.reap(0);
    this.trouble();
  }

  /** Does `work` after `delay`, if it is there then and has not been restarted since it took it in. */
  receive(delay: number, work: () => Promise<void>, life?: number): void {
    const { clock } = this.world;
    clock.after(delay, async () => {
      if (clock.now < this.downUntil || (life !== undefined && life !== this.life)) return;
      if (clock.now < this.stillUntil) {
        this.receive(this.stillUntil - clock.now, work, this.life);
        return;
      }
      try {
        await this.world.as(this, work);
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
        this.restart();
      }
    });
  }

  standStill(ms: number): void {
    this.stillUntil = Math.max(this.stillUntil, this.world.clock.now + ms);
    this.world.checker.trace(`${this.name} stands still for ${ms} ms`);
  }

  restart(): void {
    const ms = this.world.random.between(100, 2 * profile.lease);
    this.life += 1;
    this.held.clear();
    this.downUntil = this.world.clock.now + ms;
    this.world.checker.trace(`${this.name} is killed, and back in ${ms} ms`);
    this.reap(ms);
  }

  private trouble(): void {
    const { random, clock } = this.world;
    clock.after(1_000, () => {
      const { replicaRestart, replicaPause } = this.world.faults;
      if (random.chance(replicaRestart)) this.restart();
      if (random.chance(replicaPause)) this.standStill(random.between(100, 2 * profile.lease));
      this.trouble();
    });
  }

  private reap(delay: number): void {
    const { random, checker } = this.world;
    this.receive(
      delay,
      async () => {
        if (!random.chance(this.world.faults.missedTick)) await checker.reap();
        this.reap(profile.reap);
      },
      this.life,
    );
  }

  /** Answers at once when there is something to say, else when there is, or after `waitMs`. Gives the way to tell that nobody waits. */
  async poll(input: PollInput, waitMs: number, answer: (outcome: PollOutcome) => void): Promise<() => void> {
    const { clock, checker } = this.world;
    const first = await checker.poll(input);
    const ms = holdLimit(waitMs, input.renewals.length > 0, profile);
    if (says(first) || ms === 0) {
      answer(first);
      return () => {};
    }
    const held: Held = { input, first, answer, until: clock.now + ms, looking: false };
    this.held.add(held);
    this.receive(ms, () => this.look(held), this.life);
    return () => this.held.delete(held);
  }

  private async look(held: Held): Promise<void> {
    const { clock, checker } = this.world;
    held.looking = false;
    if (!this.held.has(held)) return;
    const { input, first } = held;
    const outcome = await checker.poll({ ...input, reclaim: [], renewals: [], watch: input.renewals });
    if (!says(outcome) && clock.now < held.until) return;
    this.held.delete(held);
    held.answer({ ...outcome, renewed: first.renewed });
  }

  /** What was changed here, or somewhere else: then it comes as a hint, or not at all. */
  hear(woken: ReadonlySet<string>, here: boolean): void {
    const { random, faults, caller } = this.world;
    if (!here && random.chance(faults.lostHint)) return;
    for (const held of this.held) {
      const wanted = [topics.queue(caller.workspaceId), topics.instance(held.input.instanceId)];
      if (held.looking || !wanted.some((topic) => woken.has(topic))) continue;
      held.looking = true;
      this.receive(here ? 0 : random.between(1, 50), () => this.look(held), this.life);
    }
  }
}
