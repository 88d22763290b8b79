/**
 * A lock that one process holds until it releases it, and that goes when the process goes, however it ends: the operating
 * system's own file lock, taken through an empty SQLite file since Node offers no other.
 */
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { BelayError } from '../../protocol/errors.ts';

export interface Lock {
  release(): void;
}

/** Open until released: a database that is collected as garbage is closed, and its lock would go with it unseen. */
const held = new Set<DatabaseSync>();

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
  held.add(database);
  return {
    release() {
      held.delete(database);
      database.close();
    },
  };
}

/**
 * Tries every `retryMs` until it has the lock kept in `file`. `onBusy` hears of each try that failed, and gives up by throwing.
 * Rejects when `signal` is aborted.
 */
export async function waitForLock(file: string, retryMs: number, onBusy: (first: boolean) => void, signal?: AbortSignal): Promise<Lock> {
  for (let first = true; ; first = false) {
    const lock = tryLock(file);
    if (lock) return lock;
    onBusy(first);
    await delay(retryMs, undefined, signal && { signal });
  }
}

/** Does `work` under the lock kept in `file`. Throws `conflict` with `busy` when another holds it for longer than `waitMs`. */
export async function withLock<T>(file: string, waitMs: number, busy: string, work: () => Promise<T>): Promise<T> {
  const until = performance.now() + waitMs;
  const lock = await waitForLock(file, 20, () => {
    if (performance.now() > until) throw new BelayError('conflict', busy, { hint: 'Try again when it has finished.' });
  });
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
