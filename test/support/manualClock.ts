import type { Clock } from '../../worker/run/clock.ts';

interface Alarm {
  readonly at: number;
  readonly run: () => void;
}
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A clock that moves when a test says so. */
export class ManualClock implements Clock {
  #now = 0;
  #alarms: Alarm[] = [];

  now(): number {
    return this.#now;
  }

  every(ms: number, tick: () => void): () => void {
    let cancel: () => void;
    const next = () => {
      cancel = this.#set(ms, () => {
        next();
        tick();
      });
    };
    next();
    return () => {
      cancel();
    };
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) {
        resolve();
        return;
      }
      const cancel = this.#set(ms, resolve);
      signal.addEventListener('abort', () => {
        cancel();
        resolve();
      });
    });
  }

  /** Moves on; what falls due happens in its order, with all that it leads to. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const next = this.#alarms.toSorted((a, b) => a.at - b.at)[0];
      if (!next || next.at > end) break;
      this.#alarms = this.#alarms.filter((alarm) => alarm !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = end;
  }

  /** Time goes by and nothing runs, as on a machine that sleeps. */
  jump(ms: number): void {
    this.#now += ms;
  }

  #set(ms: number, run: () => void): () => void {
    const alarm = { at: this.#now + ms, run };
    this.#alarms.push(alarm);
    return () => {
      this.#alarms = this.#alarms.filter((entry) => entry !== alarm);
    };
  }
}
