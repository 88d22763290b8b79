/**
 * Gives committed events their numbers. Numbered by the transaction that tells them, all transactions of a workspace
 * would wait for each other's commit; numbered before, a reader could pass one that commits late. So it is done
 * afterwards, many at a time, by whichever replica comes first. One that dies in between leaves it to the others.
 */
import { messageOf } from '../../../protocol/errors.ts';

export interface NumberingSettings {
  /** Numbers some events; resolves with the topics to wake and whether more may be waiting. */
  readonly pass: () => Promise<{ readonly topics: readonly string[]; readonly more: boolean }>;
  readonly wake: (topics: ReadonlySet<string>) => void;
  readonly log: (message: string) => void;
}

/** Events that come within this time are numbered together. */
const gatherMs = 10;
/** So often we look for what others left. */
const lookMs = 1_000;

export class Numbering {
  private readonly settings: NumberingSettings;
  private readonly timer: NodeJS.Timeout;
  /** How many commits we were told of, and how many of them are numbered. */
  private told = 0;
  private done = 0;
  private working: Promise<void> | undefined;
  private hurry: (() => void) | undefined;
  private waiting: { readonly upTo: number; readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = [];
  private closed = false;

  constructor(settings: NumberingSettings) {
    this.settings = settings;
    this.timer = setInterval(() => {
      this.committed();
    }, lookMs);
    this.timer.unref();
  }

  /** Something was committed that waits for its number. */
  committed(): void {
    this.told += 1;
    this.start();
  }

  /** Resolves when everything that was committed before has its number. */
  settle(): Promise<void> {
    if (this.closed || this.done === this.told) return Promise.resolve();
    this.start();
    return new Promise((resolve, reject) => {
      this.waiting.push({ upTo: this.told, resolve, reject });
      this.hurry?.();
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    this.hurry?.();
    await this.working;
  }

  private start(): void {
    if (this.closed) return;
    this.working ??= this.work().finally(() => {
      this.working = undefined;
      if (this.done < this.told && this.waiting.length > 0) this.start();
    });
  }

  private async work(): Promise<void> {
    while (this.done < this.told) {
      if (this.waiting.length === 0 && !this.closed) await this.gather();
      const upTo = this.told;
      try {
        for (let more = true; more;) {
          const passed = await this.settings.pass();
          if (passed.topics.length > 0) this.settings.wake(new Set(passed.topics));
          more = passed.more;
        }
      } catch (error) {
        // The timer comes back to it; whoever waits is told.
        this.settings.log(`events could not be numbered: ${messageOf(error)}`);
        for (const one of this.waiting.splice(0)) one.reject(error);
        return;
      }
      this.done = upTo;
      const ready = this.waiting.filter((one) => one.upTo <= upTo);
      this.waiting = this.waiting.filter((one) => one.upTo > upTo);
      for (const one of ready) one.resolve();
    }
  }

  private async gather(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.hurry = resolve;
      timer = setTimeout(resolve, gatherMs);
    });
    clearTimeout(timer);
    this.hurry = undefined;
  }
}
