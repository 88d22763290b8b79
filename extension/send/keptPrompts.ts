/** What is known of each prompt that is not sent yet: enough to go on with it after the window was loaded anew. */
import { createHash } from 'node:crypto';
import * as path from 'node:path';
import type { Memento } from 'vscode';
import * as z from 'zod';
import { SessionMode } from '../../protocol/records.ts';

const KeptPrompt = z.object({
  /** Of the text that Belay last wrote into the file: any other text there is the person's. */
  hash: z.string(),
  key: z.string(),
  mode: SessionMode,
  target: z.string(),
  way: z.string(),
  folder: z.string(),
  /** Ids of the sections that are switched off. */
  off: z.array(z.string()),
  /** The hand-off of a launch of which nobody can see whether it was taken. */
  handoff: z.string().nullable(),
});
export type KeptPrompt = z.infer<typeof KeptPrompt>;

const slot = (file: string) => `belay.prompt.${path.basename(file)}`;
const hash = (text: string) => createHash('sha256').update(text).digest('hex');

export class KeptPrompts {
  private readonly state: Memento;

  constructor(state: Memento) {
    this.state = state;
  }

  /** Undefined for a file of which Belay keeps nothing: its prompt was sent, and only a target still reads it. */
  get(file: string): KeptPrompt | undefined {
    return KeptPrompt.safeParse(this.state.get(slot(file))).data;
  }

  async keep(file: string, written: string, prompt: Omit<KeptPrompt, 'hash'>): Promise<void> {
    await this.state.update(slot(file), { ...prompt, hash: hash(written) } satisfies KeptPrompt);
  }

  async forget(file: string): Promise<void> {
    await this.state.update(slot(file), undefined);
  }

  isEdited(file: string, text: string): boolean {
    const kept = this.get(file);
    return kept !== undefined && kept.hash !== hash(text);
  }
}
