/**
 * A lock that one process holds and that goes when the process goes, however it ends: the operating
 * system's own file lock, taken through an empty SQLite file since Node offers no other.
 */
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { BelayError } from '../../protocol/errors.ts';

const retryMs = 20;

export interface Lock {
  release(): void;
}

/**
 * Takes the lock kept in `file`, or returns null when a living process holds it. Blocks for up to `blockMs`, for
 * holders that need only a moment. Throws when the folder cannot be written.
 */
export function tryLock(file: string, blockMs = 0): Lock | null {
  // Asked for at run time: an editor's own Node may not have it, and must say so instead of failing to load.
  const sqlite = process.getBuiltinModule('node:sqlite') as { DatabaseSync: typeof DatabaseSync } | undefined;
  if (!sqlite)
    throw new BelayError('unavailable', `Node ${process.version} has no node:sqlite.`, {
      hint: 'Update the editor, or install Node 22.13 or newer.',
    });
  const database = new sqlite.DatabaseSync(file);
  try {
    database.exec(`PRAGMA busy_timeout = ${blockMs}; BEGIN EXCLUSIVE`);
  } catch (error) {
    database.close();
    if (isBusy(error)) return null;
    throw error;
  }
  return {
    release() {
      database.close();
    },
  };
}

/** Does `work` under the lock kept in `file`. Throws `conflict` with `busy` when another holds it for longer than `waitMs`. */
export async function withLock<T>(file: string, waitMs: number, busy: string, work: () => Promise<T>): Promise<T> {
  const until = performance.now() + waitMs;
  let lock = tryLock(file);
  while (!lock) {
    if (performance.now() > until) throw new BelayError('conflict', busy, { hint: 'Try again when it has finished.' });
    await delay(retryMs);
    lock = tryLock(file);
  }
  try {
    return await work();
  } finally {
    lock.release();
  }
}

function isBusy(error: unknown): boolean {
  const code = (error as { errcode?: number }).errcode;
  // SQLITE_BUSY and SQLITE_LOCKED with their extended forms.
  return code !== undefined && [5, 6].includes(code & 0xff);
}
