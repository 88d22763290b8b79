/** Pages of lists: a cursor is the sort key of the last entry of a page. */
import { BelayError } from '../../../protocol/errors.ts';
import type { Slice } from './calls.ts';
import { integer } from './rows.ts';
import type { Row } from './values.ts';

export const defaultPage = 100;
/** Of lists that are short as a rule: one page holds all of most of them. */
export const longPage = 500;

/** Where a list is sorted by a number (a time, a counter) or a name, and then by an id where that is not unique. */
type Key = readonly [number, string] | readonly [string, string];

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

/** Number and id of the entry before the page, or nulls for the first page. */
function readCursor(cursor: string | undefined): readonly [number, string] | readonly [null, null] {
  if (cursor === undefined) return [null, null];
  const [at, id, ...more] = read(cursor);
  if (!Number.isSafeInteger(at) || typeof id !== 'string' || more.length > 0) throw unknown();
  return [at as number, id];
}

/** Where a list that begins with the newest goes on. */
export function beforeCursor(cursor: string | undefined): { beforeAt: number | null; beforeId: string | null } {
  const [beforeAt, beforeId] = readCursor(cursor);
  return { beforeAt, beforeId };
}

/** Where a list that begins with the oldest goes on. */
export function afterCursor(cursor: string | undefined): { afterAt: number | null; afterId: string | null } {
  const [afterAt, afterId] = readCursor(cursor);
  return { afterAt, afterId };
}

/** After which number a list that counts its entries goes on. */
export const afterNumber = (cursor: string | undefined): number => readCursor(cursor)[0] ?? 0;

/** Where a list by name goes on. */
export function afterNameCursor(cursor: string | undefined): { afterName: string | null; afterId: string | null } {
  if (cursor === undefined) return { afterName: null, afterId: null };
  const [afterName, afterId, ...more] = read(cursor);
  if (typeof afterName !== 'string' || typeof afterId !== 'string' || more.length > 0) throw unknown();
  return { afterName, afterId };
}

/** The page made of `rows`, of which one more than `limit` was asked for. */
export function sliceOf<T>(rows: readonly Row[], limit: number, record: (row: Row) => T, key: (row: Row) => Key): Slice<T> {
  const last = rows[limit - 1];
  return { entries: rows.slice(0, limit).map((row) => record(row)), next: rows.length > limit && last ? cursorOf(...key(last)) : null };
}

/** The key of lists that count their entries from 1 on. */
export const byNumber = (row: Row): Key => [integer(row, 'n'), ''];
