/** How items are shown. */
import type { ItemStatus, WorkItem } from '../../protocol/records.ts';
import { labelText } from './itemFields.ts';
import { table, type Cell } from '../base/table.ts';
import type { Shown, Style } from '../base/shown.ts';

const styles: Partial<Record<ItemStatus, Style>> = {
  in_progress: 'yellow',
  in_review: 'cyan',
  blocked: 'red',
  completed: 'green',
  cancelled: 'dim',
};

export const spoken = (word: string): string => word.replaceAll('_', ' ');

export function statusCell(status: ItemStatus): string | Cell {
  const style = styles[status];
  return style === undefined ? spoken(status) : { text: spoken(status), style };
}

/** A line an item, with its labels and the item it is a part of where that is in the list as well. */
export function itemTable(items: readonly WorkItem[]): Shown {
  const keys = new Map(items.map((item) => [item.id, item.key]));
  return table(
    items.map((item) => {
      const parent = item.parentId === null ? undefined : keys.get(item.parentId);
      return [
        { text: item.key, style: 'bold' },
        statusCell(item.status),
        item.priority === 'none' ? '' : item.priority,
        [
          item.title,
          ...(parent === undefined ? [] : [`(part of ${parent})`]),
          ...(item.labels.length > 0 ? [`[${item.labels.map(labelText).join(', ')}]`] : []),
        ].join(' '),
      ];
    }),
  );
}
