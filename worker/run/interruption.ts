import { Halted, type Halt } from './halt.ts';

/** Whether a run was interrupted, by what, and who has to know. */
export class Interruption {
  readonly #stop = new AbortController();
  #halt: Halt | null = null;

  get halt(): Halt | null {
    return this.#halt;
  }
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Throws once the run was interrupted. */
  check(): void {
    if (this.#halt !== null) throw new Halted(this.#halt);
  }

  /** The first reason counts. */
  interrupt(halt: Halt): void {
    if (this.#halt !== null) return;
    this.#halt = halt;
    this.#stop.abort();
  }

  onInterrupt(work: () => void): void {
    if (this.#halt !== null) work();
    else this.#stop.signal.addEventListener('abort', work, { once: true });
  }
}
