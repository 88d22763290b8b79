/** Cursors: the sort key of the last entry of a page. */
import { BelayError } from '../../../protocol/errors.ts';

export const defaultPage = 100;

export function cursorOf(at: number, id: string): string {
  return Buffer.from(JSON.stringify([at, id])).toString('base64url');
}

/** [time, id] of the entry before the page, or nulls for the first page. */
export function readCursor(cursor: string | undefined): readonly [number, string] | readonly [null, null] {
  if (cursor === undefined) return [null, null];
  try {
    const [at, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    if (typeof at === 'number' && typeof id === 'string') return [at, id];
  } catch {
    // Told below.
  }
  throw new BelayError('bad_request', 'This cursor was not given by the platform.', { hint: 'Start again from the first page.' });
}
