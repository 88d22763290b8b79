/**
 * A lock that one process holds and that goes when the process goes, however it ends: the operating
 * system's own file lock, taken through an empty SQLite file since Node offers no other.
 */
import type { DatabaseSync } from 'node:sqlite';
import { BelayError } from '../../protocol/errors.ts';

export interface Lock {
  release(): void;
}

/** Takes the lock kept in `file`, or returns null when a living process holds it. Throws when the folder cannot be written. */
export function tryLock(file: string): Lock | null {
  // Asked for at run time: an editor's own Node may not have it, and must say so instead of failing to load.
  const sqlite = process.getBuiltinModule('node:sqlite') as { DatabaseSync: typeof DatabaseSync } | undefined;
  if (!sqlite)
    throw new BelayError('unavailable', `Node ${process.version} has no node:sqlite.`, {
      hint: 'Update the editor, or install Node 22.13 or newer.',
    });
  const database = new sqlite.DatabaseSync(file);
  try {
    database.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
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

function isBusy(error: unknown): boolean {
  const code = (error as { errcode?: number }).errcode;
  // SQLITE_BUSY and SQLITE_LOCKED with their extended forms.
  return code !== undefined && [5, 6].includes(code & 0xff);
}
