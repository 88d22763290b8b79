/** Keeps usage and sandbox step of a session current on the platform, gathered to one write a second. */
import { isBelayError, messageOf } from '../../protocol/errors.ts';
import type { SandboxStep } from '../../protocol/records.ts';
import type { Usage } from '../agents/base/driver.ts';
import type { HeldSession } from '../journal/heldSession.ts';

export interface StandingOptions {
  readonly held: Pick<HeldSession, 'updateStanding'>;
  readonly log: (text: string) => void;
  readonly everyMs?: number;
}
interface Change {
  usage?: Usage;
  sandboxStep?: SandboxStep;
}

export class Standing {
  readonly #options: StandingOptions;
  #change: Change = {};
  #timer: NodeJS.Timeout | null = null;
  #sent: Promise<void> = Promise.resolve();

  constructor(options: StandingOptions) {
    this.#options = options;
  }

  set(change: Change): void {
    Object.assign(this.#change, change);
    this.#timer ??= setTimeout(() => void this.flush(), this.#options.everyMs ?? 300);
  }

  /**
   * Sends what is not sent yet, after what is on its way: the session takes nothing more once its end was told.
   * What fails is sent with the next change, or not at all.
   */
  flush(): Promise<void> {
    this.#sent = this.#sent.then(() => this.#send());
    return this.#sent;
  }

  async #send(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const change = this.#change;
    if (Object.keys(change).length === 0) return;
    this.#change = {};
    try {
      await this.#options.held.updateStanding(change);
    } catch (error) {
      this.#options.log(`The standing was not updated: ${messageOf(error)}`);
      if (isBelayError(error, 'unavailable')) this.#change = { ...change, ...this.#change };
    }
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
  }
}
