import type { ItemKind, ItemStatus, Priority } from '../../protocol/records.ts';
import { t } from '../base/l10n.ts';
import { kindPlurals, priorityWords, statusWords } from '../model/describe.ts';
import type { GroupEntry, Grouping } from '../model/rows.ts';
import { oneLine } from '../model/text.ts';

export function groupTitle(entry: GroupEntry, grouping: Grouping): string {
  if (entry.id === 'exact') return t('With this key');
  if (entry.id === 'needs_me') return t('Needs me');
  switch (grouping) {
    case 'status':
      return t(statusWords[entry.value as ItemStatus]);
    case 'kind':
      return t(kindPlurals[entry.value as ItemKind]);
    case 'priority':
      return t(priorityWords[entry.value as Priority]);
    case 'parent':
      return entry.value === '' ? t('No initiative') : oneLine(`${entry.value} ${entry.title ?? ''}`);
    case 'none':
      return t('Everything else');
  }
}
