/** An item with all that belongs to it, as text. */
import type { Connection } from '../../client/connection.ts';
import type { ItemBundle } from '../../protocol/exchange.ts';
import type { Handoff, Session } from '../../protocol/records.ts';
import { barredLines, oneLine } from '../../protocol/shownText.ts';
import { labelText } from './itemFields.ts';
import { itemTable, spoken } from './itemTexts.ts';
import { itemName, sessionsOfItem } from '../base/names.ts';
import type { Output } from '../base/output.ts';
import { sessionTable } from './sessionTexts.ts';
import { beside, lines, painted, type Shown } from '../base/shown.ts';

export async function showItem({ api, about }: Connection, word: string, output: Output): Promise<number> {
  const found = await api.getItemBundle({ params: { id: itemName(word) } });
  const sessions = await sessionsOfItem(api, found.item.id);
  const { entries: handoffs } = await api.listHandoffs({ query: { item: found.item.id, state: ['open'] } });
  await output.pages({ ...found, sessions, handoffs }, itemText(found, sessions, handoffs, about.memberId));
  return 0;
}

function itemText(
  { item, parent, children, comments, documents }: ItemBundle,
  sessions: readonly Session[],
  handoffs: readonly Handoff[],
  me: string,
): Shown {
  const assigned = item.assigneeIds.map((id) => (id === me ? 'you' : id));
  const facts = [
    `${item.kind}, ${spoken(item.status)}, ${item.priority === 'none' ? 'no priority' : item.priority}`,
    assigned.length === 0 ? 'assigned to nobody' : `assigned to ${assigned.join(', ')}`,
    ...(item.labels.length > 0 ? [`Labels: ${item.labels.map(labelText).map(oneLine).join(', ')}`] : []),
    ...(parent ? [`Part of ${parent.key} ${oneLine(parent.title)}`] : []),
    ...item.links.map(({ url, title }) => `Link: ${oneLine([title, url].filter((part) => part !== '').join(' '))}`),
  ];
  const section = (title: string, content: readonly (string | Shown)[]) =>
    content.length === 0 ? [] : ['', painted('bold', title), ...content];
  return lines([
    beside(painted('bold', item.key), ` ${oneLine(item.title)}`),
    ...facts,
    ...(item.description === '' ? [] : ['', ...barredLines(item.description)]),
    ...section('Parts:', children.length > 0 ? [itemTable(children)] : []),
    ...section(
      'Documents:',
      documents.map(({ title }) => oneLine(title)),
    ),
    ...section(
      'Sessions:',
      sessions.length > 0
        ? [
            sessionTable(
              sessions,
              sessions.map((_, at) => `${item.key}/${at + 1}`),
            ),
          ]
        : [],
    ),
    ...section(
      'Open hand-offs:',
      handoffs.map(({ id, targetName, mode }) => `${id} ${oneLine(targetName)}, ${mode}`),
    ),
    ...section(
      'Comments:',
      comments.flatMap((comment) => [`${oneLine(comment.authorName)}:`, ...barredLines(comment.body)]),
    ),
  ]);
}
