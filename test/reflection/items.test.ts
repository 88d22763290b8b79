import type * as z from 'zod';
import { fieldOptions } from '../../cli/records/itemFields.ts';
import { migrations } from '../../platform/store/migrations/migrations.ts';
import { sqliteTypes } from '../../platform/store/sqlite/types.ts';
import { panelRequests } from '../../protocol/panel.ts';
import { WorkItem } from '../../protocol/records.ts';
import { PatchItem } from '../../protocol/routes.ts';
import { filesOf, none, textOf } from './support.ts';

type Field = keyof z.infer<typeof PatchItem>;
const fields = Object.keys(PatchItem.shape) as Field[];

/** Where each field of an item that can be changed is changed; null where it is nobody's to change by hand there. */
const changedBy: Readonly<Record<Field, { readonly panel: string | null; readonly terminal: string | null }>> = {
  title: { panel: 'title', terminal: 'title' },
  description: { panel: 'description', terminal: 'description' },
  status: { panel: 'status', terminal: 'status' },
  priority: { panel: 'priority', terminal: 'priority' },
  assigneeIds: { panel: null, terminal: 'assignee' },
  parentId: { panel: null, terminal: 'parent' },
  labels: { panel: null, terminal: 'label' },
  // An item gets its repository from the first work that is sent.
  repositoryId: { panel: null, terminal: null },
  // By a command of its own.
  links: { panel: null, terminal: null },
};

const columnOf = (field: string): string => field.replaceAll(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);

describe('every field of an item', () => {
  it('has its column', () => {
    const table = migrations.map(({ both }) => both(sqliteTypes)).join('\n');
    none(
      Object.keys(WorkItem.shape)
        // Worked out for each reply.
        .filter((field) => field !== 'can')
        .map(columnOf)
        .filter((column) => !new RegExp(`\\b${column}\\b`, 'u').test(table))
        .map((column) => `platform/store/migrations/: the table item has no column ${column}; a new step adds it`),
    );
  });

  /** Those of the columns that no file of the store writes where it does `what`. */
  const unwritten = (what: string, written: (column: string) => string): string[] => {
    const files = filesOf('platform/store/**/*.ts').filter((file) => textOf(file).includes(what));
    const text = files.map(textOf).join('\n');
    return fields
      .map(columnOf)
      .filter((column) => !new RegExp(`\\b${written(column)}`, 'u').test(text))
      .map((column) => `${files.join(', ')}: "${what}" leaves out ${column}`);
  };

  it('is written by a new item and by a change of it', () => {
    none([...unwritten("tx.insert('item'", (column) => `${column}:`), ...unwritten('UPDATE item SET', (column) => `${column} = `)]);
  });

  it('can be changed in the panel and in the terminal, unless this file says why not', () => {
    const inPanel = Object.keys(panelRequests.updateItem.params.shape.patch.shape);
    const inTerminal = ['title', ...Object.keys(fieldOptions)];
    none(
      fields.flatMap((field) => {
        const { panel, terminal } = changedBy[field];
        return [
          ...(panel === null || inPanel.includes(panel) ? [] : [`protocol/panel.ts: itemFields has no ${panel}`]),
          ...(terminal === null || inTerminal.includes(terminal) ? [] : [`cli/records/itemFields.ts: fieldOptions has no ${terminal}`]),
        ];
      }),
    );
  });
});
