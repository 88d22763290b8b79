/** Pages of lists: a cursor is the sort key of the last entry of a page. */
import { BelayError } from '../../../protocol/errors.ts';
import type { Row } from '../base/engine.ts';
import { integer } from '../base/rows.ts';
import type { Slice } from '../base/store.ts';

export const defaultPage = 100;
/** Of lists that are short as a rule: one page holds all of most of them. */
export const longPage = 500;

/** Where a list is sorted by a number (a time, a counter) or a name, and then by an id where that is not unique. */
type Key = readonly [number, string] | readonly [string, string];
type Place<K> = K | readonly [null, null];

export const cursorOf = (...key: Key): string => Buffer.from(JSON.stringify(key)).toString('base64url');

function read(cursor: string): unknown[] {
  try {
    const key = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown;
    return Array.isArray(key) ? key : [];
  } catch {
    return [];
  }
}
const unknown = (): BelayError =>
  new BelayError('bad_request', 'This cursor was not given by the platform.', { hint: 'Start again from the first page.' });

/** [number, id] of the entry before the page, or nulls for the first page. */
export function readCursor(cursor: string | undefined): Place<readonly [number, string]> {
  if (cursor === undefined) return [null, null];
  const [at, id, ...more] = read(cursor);
  if (!Number.isSafeInteger(at) || typeof id !== 'string' || more.length > 0) throw unknown();
  return [at as number, id];
}

/** [name, id] of the entry before the page, or nulls for the first page. */
export function readNameCursor(cursor: string | undefined): Place<readonly [string, string]> {
  if (cursor === undefined) return [null, null];
  const [name, id, ...more] = read(cursor);
  if (typeof name !== 'string' || typeof id !== 'string' || more.length > 0) throw unknown();
  return [name, id];
}

/** The page made of `rows`, of which one more than `limit` was asked for. */
export function sliceOf<T>(rows: readonly Row[], limit: number, record: (row: Row) => T, key: (row: Row) => Key): Slice<T> {
  const last = rows[limit - 1];
  return { entries: rows.slice(0, limit).map((row) => record(row)), next: rows.length > limit && last ? cursorOf(...key(last)) : null };
}

/** The key of lists that count their entries from 1 on. */
export const byNumber = (row: Row): Key => [integer(row, 'n'), ''];
