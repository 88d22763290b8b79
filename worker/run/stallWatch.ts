/** Notices an agent that gives no sign of life, and knows the likely reason: hosts that were refused. */
import type { ActivitySink } from './sink.ts';

export interface StallOptions {
  /** So long without a sign of life in a turn is a stall, ms. */
  readonly stallMs: number;
  readonly sink: Pick<ActivitySink, 'lastSign' | 'touch'>;
  readonly turning: () => boolean;
  /** A question waits for a person: that is no stall. */
  readonly waiting: () => boolean;
  readonly onStall: () => void;
}

export class StallWatch {
  readonly #options: StallOptions;
  readonly #refused = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: StallOptions) {
    this.#options = options;
  }

  start(): void {
    const { stallMs, sink, turning, waiting, onStall } = this.#options;
    this.#timer = setInterval(
      () => {
        if (waiting()) sink.touch();
        if (turning() && performance.now() - sink.lastSign > stallMs) onStall();
      },
      Math.min(5000, stallMs / 4),
    );
  }

  close(): void {
    clearInterval(this.#timer);
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
