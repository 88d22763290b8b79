/** Options that are fields of an item, for who adds one or changes one. */
import type { CallInput } from '../../protocol/typedClient.ts';
import { BelayError } from '../../protocol/errors.ts';
import type { Label } from '../../protocol/records.ts';
import { oneLine } from '../../protocol/shownText.ts';
import { itemStatuses, priorities } from '../../protocol/vocabulary.ts';
import type { Connection } from '../../client/connection.ts';
import type { Values } from '../base/command.ts';
import { itemName } from '../base/names.ts';
import { textOf, textSource } from '../base/texts.ts';

const none = 'none';

export const fieldOptions = {
  description: { value: 'TEXT', says: `Markdown; ${textSource}` },
  status: { value: 'STATUS', choices: itemStatuses, says: 'where it stands' },
  priority: { value: 'PRIORITY', choices: priorities, says: 'how soon' },
  parent: { value: 'KEY', says: 'the item it is a part of; none: of no other' },
  label: { value: 'GROUP:NAME', says: 'a label, as in component:shop; may be given several times', many: true },
  assignee: { value: 'WHO', says: 'me, none, or the id of a member; may be given several times', many: true },
} as const;

type Fields = NonNullable<CallInput<'patchItem'>['body']>;

/** What of the options says a field, but labels. */
export async function fieldsOf({ api, about }: Connection, options: Values<typeof fieldOptions>): Promise<Omit<Fields, 'labels'>> {
  const { description, status, priority, parent, assignee } = options;
  return {
    ...(description !== undefined && { description: await textOf(description) }),
    ...(status !== undefined && { status }),
    ...(priority !== undefined && { priority }),
    ...(parent !== undefined && { parentId: parent === none ? null : (await api.getItem({ params: { id: itemName(parent) } })).id }),
    ...(assignee.length > 0 && {
      assigneeIds: [...new Set(assignee.filter((who) => who !== none).map((who) => (who === 'me' ? about.memberId : who)))],
    }),
  };
}

/** Throws `bad_request` for what is no label. */
export function labelOf(text: string): Label {
  const [, group, name] = /^\s*([^:]+?)\s*:\s*(.+?)\s*$/u.exec(text) ?? [];
  if (group === undefined || name === undefined)
    throw new BelayError('bad_request', `"${oneLine(text)}" is no label.`, { hint: 'A label is GROUP:NAME, as in component:shop.' });
  return { group, name };
}

export const labelText = ({ group, name }: Label): string => `${group}:${name}`;
/** Labels are the same however they are written. */
export const sameLabel = (a: Label, b: Label): boolean => labelText(a).toLowerCase() === labelText(b).toLowerCase();
