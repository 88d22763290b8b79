/** How much of a list that may be very long is fetched and shown. */
import { BelayError } from '../../protocol/errors.ts';

/** More than a person reads in one go, and few enough to be there at once. */
const usual = 200;
const pageSize = 500;

export const limitOption = {
  limit: { value: 'N', says: `no more than so many, or "all": ${usual}, and all with --json` },
} as const;

/** Programs get what they asked for; what a person would have to scroll through for long is said to be there. */
export function limitOf(given: string | undefined, isJson: boolean): number {
  if (given === undefined) return isJson ? Infinity : usual;
  if (given.toLowerCase() === 'all') return Infinity;
  const limit = Number(given);
  if (!/^\d+$/u.test(given) || limit < 1) throw new BelayError('bad_request', '--limit takes a whole number above 0, or "all".');
  return limit;
}

export interface CountedPage<T> {
  readonly entries: readonly T[];
  readonly next: string | null;
  readonly total: number;
}
export interface Listed<T> {
  readonly found: readonly T[];
  /** What was left out, in words; null where nothing was. */
  readonly more: string | null;
}

const hint = '--limit N shows more, --limit all everything.';

/** The first `limit` entries. `keep` says which of them are meant, where the platform cannot. */
export async function listed<T>(
  limit: number,
  read: (page: { readonly limit: number; readonly cursor?: string }) => Promise<CountedPage<T>>,
  keep?: (entry: T) => boolean,
): Promise<Listed<T>> {
  const found: T[] = [];
  for (let cursor: string | null = null; ;) {
    const page: CountedPage<T> = await read({ limit: Math.min(pageSize, limit), ...(cursor !== null && { cursor }) });
    const meant = keep ? page.entries.filter(keep) : page.entries;
    found.push(...meant.slice(0, limit - found.length));
    const isCut = meant.length > 0 && found.at(-1) !== meant.at(-1);
    if (isCut || (found.length === limit && page.next !== null))
      return { found, more: keep ? `… and there may be more: ${hint}` : `… ${page.total - found.length} more: ${hint}` };
    if (page.next === null) return { found, more: null };
    cursor = page.next;
  }
}
