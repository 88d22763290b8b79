/** The loop of a worker: one exchange after another, a break after each that fails, and a fresh start when something changed. */
import { setTimeout as delay } from 'node:timers/promises';

export interface PollLoopPorts {
  /** One exchange and what comes of it. Returns how long to wait before the next, ms. */
  readonly exchange: (signal: AbortSignal) => Promise<number>;
  /** Before the first exchange after one that failed. */
  readonly comeBack: () => Promise<void>;
  readonly onFailure: (error: unknown) => void;
}

const backoffMs = [1000, 2000, 5000, 10_000] as const;

export class PollLoop {
  readonly #ports: PollLoopPorts;
  #stop = new AbortController();
  #wake = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(ports: PollLoopPorts) {
    this.#ports = ports;
  }

  /** Aborted once the loop is to end. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** After it was stopped it may begin anew. */
  open(): void {
    this.#stop = new AbortController();
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake.abort();
    await this.#running;
  }

  /** Asks anew, with the room there is now. */
  nudge(): void {
    this.#wake.abort();
  }

  async #run(): Promise<void> {
    const { exchange, comeBack, onFailure } = this.#ports;
    const { signal } = this.#stop;
    let failures = 0;
    while (!signal.aborted) {
      try {
        if (failures > 0) await comeBack();
        failures = 0;
        await this.#pause(await exchange(AbortSignal.any([signal, this.#wake.signal])));
      } catch (error) {
        if (signal.aborted) return;
        if (this.#wake.signal.aborted) {
          this.#wake = new AbortController();
          continue;
        }
        onFailure(error);
        await this.#pause(backoffMs[Math.min(failures, backoffMs.length - 1)] ?? 10_000);
        failures += 1;
      }
    }
  }

  async #pause(ms: number): Promise<void> {
    await delay(Math.max(10, ms), undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }
}
