import { itemStatuses } from '../../protocol/vocabulary.ts';
import type { WorkItem } from '../../protocol/records.ts';
import { barred, oneLine } from '../../protocol/shownText.ts';
import { command, connected } from '../command.ts';
import { table } from '../output.ts';

export const items = command({
  words: [{ name: 'KEY', says: 'the item to show', optional: true }],
  options: {
    all: { says: 'closed ones as well' },
    status: { value: 'STATUS', choices: itemStatuses, says: 'those with this status' },
  },
  examples: [
    ['items', 'your open items'],
    ['items BUG-1', 'one item with its comments'],
  ],
  json: 'a list of Item, or with KEY an ItemBundle',
  run: connected(async ({ api, about }, { args: [key], options, output }) => {
    if (key !== undefined) {
      const found = await api.getItemBundle({ params: { id: key } });
      output.answer(
        found,
        describeItem(
          found.item,
          found.comments.flatMap((comment) => [`${oneLine(comment.authorName)}:`, ...barred(comment.body)]),
        ),
      );
      return 0;
    }
    const open = ['idea', 'open', 'planned', 'in_progress', 'in_review', 'blocked'] as const;
    const wanted = options.status !== undefined ? [options.status] : options.all ? undefined : open;
    const entries: WorkItem[] = [];
    for (let cursor: string | null = null, first = true; first || cursor !== null; first = false) {
      const page: { entries: WorkItem[]; next: string | null } = await api.listItems({
        query: { assignee: about.memberId, limit: 500, ...(wanted && { status: [...wanted] }), ...(cursor !== null && { cursor }) },
      });
      entries.push(...page.entries);
      cursor = page.next;
    }
    output.answer(
      entries,
      entries.length === 0
        ? 'No items.'
        : table(entries.map((item) => [item.key, item.status.replaceAll('_', ' '), item.priority, item.title])),
    );
    return 0;
  }),
});

function describeItem(item: WorkItem, comments: readonly string[]): string {
  return [
    `${item.key} ${oneLine(item.title)}`,
    `${item.kind}, ${item.status.replaceAll('_', ' ')}, ${item.priority}`,
    '',
    ...(item.description === '' ? [] : barred(item.description)),
    ...(comments.length > 0 ? ['', 'Comments:', ...comments] : []),
  ].join('\n');
}
