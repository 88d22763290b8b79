/** What the broker of a session set out to do and did, kept apart from the agent: an effect is never done twice. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { BelayError } from '../../protocol/errors.ts';
import { readPrivate, writePrivate } from '../run/files.ts';

const Entry = z.object({
  state: z.enum(['begun', 'done', 'failed']),
  resource: z.string(),
  /** What the agent was told, or why it failed. */
  words: z.string(),
  at: z.int(),
});
export type LedgerEntry = z.infer<typeof Entry>;
const Ledger = z.record(z.string(), Entry);

export class EffectLedger {
  readonly #file: string;
  #entries: Record<string, LedgerEntry>;

  /** `folder` belongs to the line of work and is closed to its agent. */
  constructor(folder: string, sessionId: string) {
    this.#file = path.join(folder, `effects-${sessionId}.json`);
    const read = readPrivate(this.#file, Ledger);
    // Without its ledger a run would do effects again.
    if (read === null && existsSync(this.#file))
      throw new BelayError('conflict', `The list of what this session did outside cannot be read: ${this.#file}`, {
        hint: 'Look at what was pushed or sent, then move the file away.',
      });
    this.#entries = read ?? {};
  }

  get(key: string): LedgerEntry | undefined {
    return this.#entries[key];
  }

  /** Outlives a kill once this returns. */
  put(key: string, entry: Omit<LedgerEntry, 'at'>): void {
    this.#entries = { ...this.#entries, [key]: { ...entry, at: Date.now() } };
    writePrivate(this.#file, this.#entries);
  }
}
