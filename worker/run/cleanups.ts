import { messageOf } from '../../protocol/errors.ts';

/** What a run has taken, and gives back in the opposite order, whatever becomes of the rest. */
export class Cleanups {
  readonly #works: { readonly what: string; readonly work: () => void | Promise<void> }[] = [];
  readonly #log: (text: string) => void;

  constructor(log: (text: string) => void) {
    this.#log = log;
  }

  /** `what` as in "The sandbox". */
  add(what: string, work: () => void | Promise<void>): void {
    this.#works.push({ what, work });
  }

  async run(): Promise<void> {
    for (let next = this.#works.pop(); next; next = this.#works.pop()) {
      try {
        await next.work();
      } catch (error) {
        this.#log(`${next.what} did not close: ${messageOf(error)}`);
      }
    }
  }
}
