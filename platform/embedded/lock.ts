/**
 * At most one platform per state folder. The lock is SQLite's own on a file of its own: the operating
 * system lets go of it however the holder ends, so there is no dead lock to judge and nothing to race for.
 */
import { DatabaseSync } from 'node:sqlite';

/** Held until the returned function is called or the process ends; null when another process holds it. */
export function takeLock(file: string): (() => void) | null {
  const db = new DatabaseSync(file);
  try {
    db.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === busy) return null;
    throw error;
  }
  return () => {
    db.close();
  };
}
const busy = 5;
