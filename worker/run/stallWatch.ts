/** Notices an agent that gives no sign of life, and knows the likely reason: hosts that were refused. */
import { AwakeTime, systemClock, type Clock } from './clock.ts';
import type { ActivitySink } from './sink.ts';

export interface StallOptions {
  /** So long without a sign of life in a turn is a stall, ms. */
  readonly stallMs: number;
  readonly sink: Pick<ActivitySink, 'lastSign' | 'touch'>;
  readonly turning: () => boolean;
  /** A question waits for a person: that is no stall. */
  readonly waiting: () => boolean;
  readonly onStall: () => void;
  readonly clock?: Clock;
}

export class StallWatch {
  readonly #options: StallOptions;
  readonly #refused = new Set<string>();
  #end: () => void = () => undefined;

  constructor(options: StallOptions) {
    this.#options = options;
  }

  start(): void {
    const { stallMs, sink, turning, waiting, onStall, clock = systemClock } = this.#options;
    const tickMs = Math.min(5000, stallMs / 4);
    const awake = new AwakeTime(clock, tickMs);
    this.#end = clock.every(tickMs, () => {
      // An agent that slept with the machine begins its time anew.
      if (awake.tick() > 0 || waiting()) sink.touch();
      if (turning() && clock.now() - sink.lastSign > stallMs) onStall();
    });
  }

  close(): void {
    this.#end();
  }

  noteRefused(host: string): void {
    this.#refused.add(host);
  }

  /** What a stall is told as. */
  get error(): { code: string; message: string; hint: string } {
    const seconds = Math.round(this.#options.stallMs / 1000);
    const hosts = [...this.#refused];
    if (hosts.length === 0)
      return {
        code: 'stalled',
        message: `Nothing came from the agent for ${seconds} s.`,
        hint: 'Retry: the folder is kept. If it happens again, start the agent by hand and see whether it waits for something.',
      };
    return {
      code: 'stalled',
      message: `Nothing came from the agent for ${seconds} s. It could not reach ${hosts.join(', ')}: not in the list of allowed hosts.`,
      hint: `If that is the agent's model, add ${hosts[0] ?? 'it'} to the worker's allowed hosts and retry.`,
    };
  }
}
