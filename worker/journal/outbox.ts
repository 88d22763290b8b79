/** Sends a journal's activities to the platform in order, in batches, until each is confirmed. */
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { ActivityDraft } from '../../protocol/activities.ts';
import { isBelayError, messageOf } from '../../protocol/errors.ts';
import { limits } from '../../protocol/records.ts';
import type { HeldSession } from './heldSession.ts';
import type { Journal, JournalLine } from './journal.ts';

export interface OutboxOptions {
  readonly held: Pick<HeldSession, 'append'>;
  readonly journal: Journal;
  readonly log: (text: string) => void;
  /** The platform said that the claim is gone. */
  readonly onLost: () => void;
  /** How long entries are gathered before a batch goes, ms. */
  readonly gatherMs?: number;
  readonly retryMs?: number;
}

export class Outbox {
  readonly #options: OutboxOptions;
  #sending: Promise<void> | null = null;
  #again = false;
  #closed = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Says that there is something to send. */
  wake(): void {
    if (this.#closed) return;
    if (this.#sending) {
      this.#again = true;
      return;
    }
    this.#sending = this.#run().finally(() => {
      this.#sending = null;
      if (this.#again) {
        this.#again = false;
        this.wake();
      }
    });
  }

  /** Waits until everything written so far is confirmed, or `withinMs` is over. True when all is confirmed. */
  async drain(withinMs: number): Promise<boolean> {
    const end = performance.now() + withinMs;
    while (this.#waiting().length > 0 && performance.now() < end) {
      this.wake();
      await Promise.race([this.#sending, delay(Math.max(1, end - performance.now()), undefined, { ref: false })]);
      if (this.#closed) break;
    }
    return this.#waiting().length === 0;
  }

  close(): void {
    this.#closed = true;
  }

  #waiting(): readonly JournalLine[] {
    return this.#options.journal.unsent().filter((line) => line.kind !== 'end');
  }

  async #run(): Promise<void> {
    await delay(this.#options.gatherMs ?? 60);
    let most: number = limits.activityBatch;
    for (;;) {
      const batch = takeBatch(this.#options.journal.unsent(), most);
      const last = batch.at(-1);
      if (last === undefined || this.#closed) return;
      try {
        await this.#send(batch);
        this.#options.journal.markSent(last.n);
        most = limits.activityBatch;
      } catch (error) {
        if (isBelayError(error, 'claim_lost') || isBelayError(error, 'session_final')) {
          // The platform has kept them aside as late; they are not sent again.
          this.#options.journal.markSent(last.n);
          this.#options.onLost();
          return;
        }
        if (
          error instanceof z.ZodError ||
          isBelayError(error, 'invalid_body') ||
          isBelayError(error, 'bad_request') ||
          isBelayError(error, 'too_large')
        ) {
          // One bad entry must not take its neighbours along: they go one by one until it is found.
          if (batch.length > 1) {
            most = 1;
            continue;
          }
          this.#options.log(`The platform refused an activity: ${messageOf(error)}`);
          this.#options.journal.markSent(last.n);
          continue;
        }
        this.#options.log(`Activities wait: ${messageOf(error)}`);
        await delay(this.#options.retryMs ?? 2000);
      }
    }
  }

  async #send(batch: readonly JournalLine[]): Promise<void> {
    const reply = await this.#options.held.append(batch.map(toDraft));
    if (reply.late > 0) this.#options.onLost();
  }
}

/** The activity of a journal line; its key is the line's id. */
export function toDraft(line: JournalLine): ActivityDraft {
  return ActivityDraft.parse({ key: line.id, at: line.at, kind: line.kind, body: line.body });
}

/** The next lines that may travel together, within the protocol's limits. */
function takeBatch(lines: readonly JournalLine[], most: number): JournalLine[] {
  const batch: JournalLine[] = [];
  let bytes = 1024;
  for (const line of lines) {
    if (line.kind === 'end') break;
    bytes += Buffer.byteLength(JSON.stringify(line.body)) + 256;
    if (batch.length > 0 && (batch.length >= most || bytes > limits.activityBatchBytes)) break;
    batch.push(line);
  }
  return batch;
}
