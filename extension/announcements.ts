/** Which news was told on this machine: every window hears of it, and one tells. */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import * as path from 'node:path';
import { inState } from '../worker/base/stateFolder.ts';

const keptMs = 30 * 24 * 60 * 60_000;

export class Announcements {
  private readonly folder: string;

  constructor(stateDir: string) {
    this.folder = inState(stateDir, 'announced');
  }

  /** True for the first who asks, in whichever window: a file is made once. Where none can be made, better told twice than never. */
  claim(news: string): boolean {
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      closeSync(openSync(path.join(this.folder, createHash('sha256').update(news).digest('hex')), 'wx', 0o600));
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code !== 'EEXIST';
    }
  }

  /** Forgets what is too old to come up again. */
  prune(now: number): void {
    if (!existsSync(this.folder)) return;
    for (const name of readdirSync(this.folder)) {
      const file = path.join(this.folder, name);
      const age = now - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? now);
      if (age > keptMs) rmSync(file, { force: true });
    }
  }
}
