/** One run: the real store and rules, workers and people around it, and everything that can go wrong between. */
import { leaseProfiles } from '../../protocol/states.ts';
import type { SqlName } from '../../platform/store/sql.ts';
import { openSqliteStore } from '../../platform/store/sqlite.ts';
import type { Call, Store } from '../../platform/store/store.ts';
import type { Caller } from '../../platform/domain/caller.ts';
import { Checker } from './checker.ts';
import { Clock } from './clock.ts';
import { calm, drawFaults, type Faults } from './faults.ts';
import { Random } from './random.ts';

export const profile = leaseProfiles.fast;
/** The platform's clock starts at a time like today's. */
const epoch = 1_800_000_000_000;
export const faultsEndMs = 60_000;

export interface RunSettings {
  readonly seed: number;
  readonly texts?: Readonly<Record<SqlName, string>>;
  readonly keepTrace: boolean;
  /** A platform whose reaper never runs. */
  readonly noReaper?: boolean;
  /** Workers that write before their claim is there. */
  readonly eagerWorkers?: boolean;
}

export class World {
  readonly random: Random;
  readonly clock: Clock;
  readonly store: Store;
  readonly checker: Checker;
  readonly settings: RunSettings;
  faults: Faults;
  /** The platform's clock against the true one. */
  private offset = epoch;
  /** Until then the platform does nothing. */
  asleepUntil = 0;
  /** Requests and replies under way. */
  inFlight = 0;
  /** Everything has ended: nobody asks for work any more. */
  idle = false;
  caller: Caller = { workspaceId: '', memberId: '', memberName: '', role: 'owner' };
  private ids = 0;

  constructor(settings: RunSettings) {
    this.settings = settings;
    this.random = new Random(settings.seed);
    this.clock = new Clock(this.random);
    this.faults = drawFaults(this.random);
    this.store = openSqliteStore({
      file: ':memory:',
      profile,
      newId: (prefix) => `${prefix}${(this.ids += 1)}`,
      chance: () => this.random.next(),
      onWake: () => {},
      ...(settings.texts && { texts: settings.texts }),
    });
    this.checker = new Checker(this.store, () => this.call(), settings.keepTrace);
  }

  call(): Call {
    return { now: this.offset + this.clock.now, caller: this.caller };
  }

  jumpClock(by: number): void {
    this.offset += by;
    this.checker.trace(`the platform's clock jumps by ${by}`);
  }

  endFaults(): void {
    this.faults = calm;
    this.checker.trace('faults end');
  }

  /** How long one leg takes; null: it is lost. */
  leg(): number | null {
    const { random, faults } = this;
    if (random.chance(faults.loss)) return null;
    if (random.chance(faults.longDelay)) return random.between(0, 3 * profile.lease);
    return random.between(1, 80);
  }

  /** Runs `work` on the platform, when it is awake. */
  onPlatform(delay: number, work: () => Promise<void>): void {
    this.clock.after(delay, async () => {
      if (this.clock.now < this.asleepUntil) this.onPlatform(this.asleepUntil - this.clock.now, work);
      else await work();
    });
  }
}
