/** One run: the real store and rules, replicas, workers and people around it, and everything that can go wrong between. */
import { openSqliteStore } from '../../platform/store/sqlite/open.ts';
import type { Call } from '../../platform/store/base/calls.ts';
import type { Store } from '../../platform/store/createStore.ts';
import type { Caller } from '../../platform/domain/caller.ts';
import { Checker } from './checker.ts';
import { Clock } from './clock.ts';
import { Draws } from './draws.ts';
import { calm, drawFaults, type Faults } from './faults.ts';
import { asHolders } from '../support/asHolders.ts';
import { Killed, mortal } from './mortal.ts';
import { Random } from '../support/random.ts';
import { SimReplica } from './replica.ts';
import { epoch, profile } from './settings.ts';

export interface RunSettings {
  readonly seed: number;
  readonly keepTrace: boolean;
  /** Sees every operation of the store: for a replay elsewhere. */
  readonly around?: (store: Store, draws: Draws) => Store;
}

export class World {
  readonly random: Random;
  readonly clock: Clock;
  readonly store: Store;
  readonly checker: Checker;
  readonly replicas: readonly SimReplica[];
  faults: Faults;
  /** The database's clock against the true one. */
  private offset = epoch;
  private readonly cuts = new Map<string, number>();
  /** Who does what is done right now. */
  acting: SimReplica | null = null;
  caller: Caller = { kind: 'person', workspaceId: '', memberId: '', memberName: '', role: 'owner', credential: '' };

  constructor(settings: RunSettings) {
    this.random = new Random(settings.seed);
    this.clock = new Clock(this.random);
    this.faults = drawFaults(this.random);
    const draws = new Draws(settings.seed);
    const store = openSqliteStore({
      file: ':memory:',
      profile,
      newId: draws.newId,
      chance: draws.chance,
      onWake: (topics) => {
        for (const replica of this.replicas) replica.hear(topics, replica === this.acting);
      },
    });
    const killsNow = (): boolean => this.acting !== null && this.random.chance(this.faults.killedInside);
    const killed = mortal(store, killsNow);
    this.store = asHolders(settings.around?.(killed, draws) ?? killed);
    this.checker = new Checker(this.store, () => this.call(), {
      keepLines: settings.keepTrace,
      clock: () => this.clock.now,
      actor: () => this.acting?.name ?? '--',
    });
    this.replicas = [new SimReplica(this, 'r1'), new SimReplica(this, 'r2')];
  }

  call(): Call {
    return { now: this.offset + this.clock.now, caller: this.caller };
  }

  jumpClock(by: number): void {
    this.offset += by;
    this.checker.trace(`the database's clock jumps by ${by} ms`);
  }

  endFaults(): void {
    this.faults = calm;
    this.cuts.clear();
    this.checker.trace('faults end');
  }

  /** `who` cannot reach `replica`, nor hear from it, for `ms`. */
  cut(who: string, replica: SimReplica, ms: number): void {
    this.cuts.set(`${who} ${replica.name}`, this.clock.now + ms);
    this.checker.trace(`${who} and ${replica.name} are cut off for ${ms} ms`);
  }

  /** How long one leg between `who` and `replica` takes; null: it is lost. */
  leg(who: string, replica: SimReplica): number | null {
    const { random, faults } = this;
    if ((this.cuts.get(`${who} ${replica.name}`) ?? 0) > this.clock.now) return null;
    if (random.chance(faults.loss)) return null;
    if (random.chance(faults.longDelay)) return random.between(0, 3 * profile.lease);
    return random.between(1, 80);
  }

  async as(replica: SimReplica, work: () => Promise<void>): Promise<void> {
    this.acting = replica;
    try {
      await work();
    } finally {
      this.acting = null;
    }
  }

  /** Does `work` at one replica or another once it is there to do it. */
  soon(delay: number, work: () => Promise<void>): void {
    this.clock.after(delay, async () => {
      const replica = this.replicas.find(({ standing }) => standing);
      if (!replica) {
        this.soon(profile.retry, work);
        return;
      }
      try {
        await this.as(replica, work);
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
        replica.restart();
        this.soon(profile.retry, work);
      }
    });
  }
}
