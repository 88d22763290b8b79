import { BelayError } from '../../protocol/errors.ts';
import type { WorkItem } from '../../protocol/records.ts';
import { oneLine } from '../../protocol/shownText.ts';
import { command, connected } from '../base/command.ts';
import { keyWord } from '../base/common.ts';
import { changeItem } from '../records/changeItem.ts';
import { fieldOptions, fieldsOf, labelOf, sameLabel } from '../records/itemFields.ts';
import { spoken } from '../records/itemTexts.ts';
import { textOf, textSource } from '../base/texts.ts';

export const edit = command({
  words: [keyWord],
  options: {
    title: { value: 'TEXT', says: textSource },
    ...fieldOptions,
    unlabel: { value: 'GROUP:NAME', says: 'take a label away; may be given several times', many: true },
  },
  examples: [
    ['edit BUG-1 --status in_progress --label component:shop', 'change what you name and nothing else'],
    ['edit BUG-1 --description - --parent none', 'the description from standard input'],
  ],
  json: 'Item',
  run: connected(async (connection, { args: [key = ''], options, output }) => {
    const title = options.title === undefined ? undefined : (await textOf(options.title)).trim();
    if (title === '') throw new BelayError('bad_request', 'An item needs a title.');
    if (title?.includes('\n')) throw new BelayError('bad_request', 'A title is one line.');
    const fields = { ...(title !== undefined && { title }), ...(await fieldsOf(connection, options)) };
    const more = options.label.map(labelOf);
    const less = options.unlabel.map(labelOf);
    if (Object.keys(fields).length + more.length + less.length === 0)
      throw new BelayError('bad_request', 'What should change?', { hint: '"belay help edit" lists the fields.' });
    const item = await changeItem(connection.api, key, (now) => ({ ...fields, ...labelsAfter(now, more, less) }));
    output.answer(item, `${item.key} ${oneLine(item.title)}, ${spoken(item.status)}`);
    return 0;
  }),
});

function labelsAfter(item: WorkItem, more: WorkItem['labels'], less: WorkItem['labels']): Partial<Pick<WorkItem, 'labels'>> {
  if (more.length + less.length === 0) return {};
  const kept = item.labels.filter((label) => ![...more, ...less].some((other) => sameLabel(label, other)));
  return { labels: [...kept, ...more] };
}
