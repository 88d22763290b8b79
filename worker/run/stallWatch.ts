/** Notices an agent that gives no sign of life, and knows the likely reason: hosts that were refused. */
import { AwakeTime, systemClock, type Clock } from './clock.ts';
import type { ActivitySink } from './sink.ts';

export interface StallOptions {
  /** So long without a sign of life in a turn is a stall, ms. */
  readonly stallMs: number;
  /** The same while a call of a tool is open: a build may be silent for long. */
  readonly callMs: number;
  readonly sink: Pick<ActivitySink, 'lastSign' | 'openCall' | 'touch'>;
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
  /** What was open when the agent was given up. */
  #call: string | null = null;

  constructor(options: StallOptions) {
    this.#options = options;
  }

  start(): void {
    const { stallMs, callMs, sink, turning, waiting, onStall, clock = systemClock } = this.#options;
    const tickMs = Math.min(5000, stallMs / 4, callMs / 4);
    const awake = new AwakeTime(clock, tickMs);
    this.#end = clock.every(tickMs, () => {
      // An agent that slept with the machine begins its time anew.
      if (awake.tick() > 0 || waiting()) sink.touch();
      const limit = sink.openCall === null ? stallMs : Math.max(stallMs, callMs);
      if (!turning() || clock.now() - sink.lastSign <= limit) return;
      this.#call = sink.openCall;
      onStall();
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
    const { stallMs, callMs } = this.#options;
    if (this.#call !== null)
      return {
        code: 'stalled',
        message: `Nothing came from the agent for ${Math.round(Math.max(stallMs, callMs) / 1000)} s, while it waited for ${this.#call || 'a call of a tool'}.`,
        hint: 'Retry: the folder is kept. If that takes so long by nature, raise "limits.callMs" in policy.yaml of this machine.',
      };
    const seconds = Math.round(stallMs / 1000);
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
