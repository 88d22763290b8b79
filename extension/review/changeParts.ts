/** The changes of a result, in parts of so many files as an editor shows at once. */
import type { ResultFile, SessionResult } from '../../protocol/records.ts';
import { t } from '../base/l10n.ts';

const filesAtOnce = 50;

export interface Changes {
  readonly title: string;
  readonly result: Pick<SessionResult, 'files' | 'baseCommit' | 'headCommit'>;
  /** Where the commits are. */
  readonly objects: string;
}

/** The files from `from` on, under a title that says which they are. The editor adds their number. */
export function partOfChanges(
  { title, result: { files } }: Changes,
  from: number,
): { readonly title: string; readonly files: readonly ResultFile[] } {
  const some = files.slice(from, from + filesAtOnce);
  if (files.length <= filesAtOnce) return { title, files: some };
  return { title: t('{0}: {1} to {2} of {3}', title, from + 1, from + some.length, files.length), files: some };
}

/** Where the part after this one begins, or with -1 the one before; null where there is none. */
export function nextPartStart({ result: { files } }: Changes, from: number, by: 1 | -1): number | null {
  const next = from + by * filesAtOnce;
  return next >= 0 && next < files.length ? next : null;
}
