/** What the broker of a session set out to do and did, kept apart from the agent: one wish is never carried out twice. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { BelayError } from '../../protocol/errors.ts';
import { readPrivate, writePrivate } from '../base/privateFiles.ts';
import { EffectState } from './effect.ts';

const Entry = z.object({
  state: EffectState,
  resource: z.string(),
  /** What the agent was told, or why it failed. */
  words: z.string(),
  /** The agent has its answer: what it asks for from then on is a new wish. */
  told: z.boolean().default(true),
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
  put(key: string, entry: Omit<LedgerEntry, 'at' | 'told'> & { readonly told?: boolean }): void {
    this.#entries = { ...this.#entries, [key]: { told: false, ...entry, at: Date.now() } };
    writePrivate(this.#file, this.#entries);
  }
}
