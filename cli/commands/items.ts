import { BelayError } from '../../protocol/errors.ts';
import { ItemKind, ItemStatus, type WorkItem } from '../../protocol/records.ts';
import { barred, oneLine } from '../../protocol/shownText.ts';
import { connected, oneOf, text } from '../command.ts';
import { table } from '../output.ts';

export const items = connected(
  'items [KEY] [--all] [--status S]',
  'List your open items, or show one',
  0,
  async ({ api, about }, { args: [key], flags, output }) => {
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
    const status = text(flags, 'status');
    const wanted =
      status === undefined
        ? flags['all'] === true
          ? undefined
          : (['idea', 'open', 'planned', 'in_progress', 'in_review', 'blocked'] as const)
        : [oneOf(ItemStatus, status, 'open', 'status')];
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
  },
);

export const add = connected(
  'add TITLE … [--kind bug|todo|initiative] [--description TEXT]',
  'Add an item, assigned to you',
  1,
  async ({ api, about }, { args, flags, output }) => {
    const title = args.join(' ').trim();
    if (title === '') throw new BelayError('bad_request', 'An item needs a title.');
    const item = await api.createItem({
      body: {
        kind: oneOf(ItemKind, text(flags, 'kind'), 'todo', 'kind'),
        title,
        description: text(flags, 'description') ?? '',
        assigneeIds: [about.memberId],
      },
    });
    output.answer(item, `${item.key} ${oneLine(item.title)}`);
    return 0;
  },
);

function describeItem(item: WorkItem, comments: readonly string[]): string {
  return [
    `${item.key} ${oneLine(item.title)}`,
    `${item.kind}, ${item.status.replaceAll('_', ' ')}, ${item.priority}`,
    '',
    ...(item.description === '' ? [] : barred(item.description)),
    ...(comments.length > 0 ? ['', 'Comments:', ...comments] : []),
  ].join('\n');
}
