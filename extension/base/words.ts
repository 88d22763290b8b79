import { t } from './l10n.ts';

/** "1 file", "3 files". */
export function fileCount(count: number): string {
  return count === 1 ? t('1 file') : t('{0} files', count);
}

/** "1 needs you", "3 need you". */
export function needYouText(count: number): string {
  return count === 1 ? t('1 needs you') : t('{0} need you', count);
}

/** "1 uncommitted file", "3 uncommitted files". */
export function uncommittedFiles(count: number): string {
  return count === 1 ? t('1 uncommitted file') : t('{0} uncommitted files', count);
}
