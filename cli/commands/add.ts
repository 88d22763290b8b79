import { BelayError } from '../../protocol/errors.ts';
import { oneLine } from '../../protocol/shownText.ts';
import { itemKinds } from '../../protocol/vocabulary.ts';
import { command, connected } from '../command.ts';

export const add = command({
  words: [{ name: 'TITLE', says: 'what is to be done, in a line', many: true }],
  options: {
    kind: { value: 'KIND', choices: itemKinds, says: 'todo if you do not say' },
    description: { value: 'TEXT', says: 'Markdown' },
  },
  examples: [
    ['add Fix the greeting --kind bug', 'a bug'],
    ['add "Say hello" --description "- [ ] in German"', 'a todo with a description'],
  ],
  json: 'Item',
  run: connected(async ({ api, about }, { args, options, output }) => {
    const title = args.join(' ').trim();
    if (title === '') throw new BelayError('bad_request', 'An item needs a title.');
    const item = await api.createItem({
      body: { kind: options.kind ?? 'todo', title, description: options.description ?? '', assigneeIds: [about.memberId] },
    });
    output.answer(item, `${item.key} ${oneLine(item.title)}`);
    return 0;
  }),
});
