/** The time a run waits by: a parameter wherever waiting decides something. */
import { setTimeout as delay } from 'node:timers/promises';

export interface Clock {
  /** Milliseconds that only grow. */
  now(): number;
  /** Calls `tick` again and again; returns how to stop it. */
  every(ms: number, tick: () => void): () => void;
  /** Resolves after `ms`, or at once when `signal` is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  every: (ms, tick) => {
    const timer = setInterval(tick, ms);
    return () => {
      clearInterval(timer);
    };
  },
  sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
};

/** A gap between two ticks this many times as long as it should be was no load: the machine slept, or this process was stopped. */
const gapShare = 4;

/**
 * The time in which a watch could have seen something. A machine that sleeps and a process that is stopped wait for
 * nobody, so that time is not counted against an agent or a platform.
 */
export class AwakeTime {
  readonly #clock: Clock;
  readonly #tickMs: number;
  #tickedAt: number;
  #asleep = 0;

  constructor(clock: Clock, tickMs: number) {
    this.#clock = clock;
    this.#tickMs = tickMs;
    this.#tickedAt = clock.now();
  }

  /** To be called every `tickMs`. Returns how long was slept since the last call, 0 if not at all. */
  tick(): number {
    const now = this.#clock.now();
    const gap = now - this.#tickedAt;
    this.#tickedAt = now;
    const slept = gap > this.#tickMs * gapShare ? gap - this.#tickMs : 0;
    this.#asleep += slept;
    return slept;
  }

  now(): number {
    return this.#clock.now() - this.#asleep;
  }
}
