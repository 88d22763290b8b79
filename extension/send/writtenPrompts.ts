/** What Belay last wrote into the file of each prompt that is not sent yet: any other text there is the person's. */
import { createHash } from 'node:crypto';
import * as path from 'node:path';
import type { Memento } from 'vscode';

const slot = (file: string) => `belay.prompt.${path.basename(file)}`;
const hash = (text: string) => createHash('sha256').update(text).digest('hex');

export class WrittenPrompts {
  private readonly state: Memento;

  constructor(state: Memento) {
    this.state = state;
  }

  async keep(file: string, text: string): Promise<void> {
    await this.state.update(slot(file), hash(text));
  }

  async forget(file: string): Promise<void> {
    await this.state.update(slot(file), undefined);
  }

  /** False for a file that Belay keeps nothing of: its prompt was sent, and only a target still reads it. */
  isEdited(file: string, text: string): boolean {
    const written = this.state.get<string>(slot(file));
    return written !== undefined && written !== hash(text);
  }
}
