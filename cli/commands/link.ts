import { BelayError } from '../../protocol/errors.ts';
import { oneLine } from '../../protocol/shownText.ts';
import { changeItem } from '../records/changeItem.ts';
import { command, connected } from '../base/command.ts';
import { keyWord } from '../base/common.ts';

export const link = command({
  words: [keyWord, { name: 'URL', says: 'where it leads' }],
  options: { title: { value: 'TEXT', says: 'what it is called' }, remove: { says: 'take it away again' } },
  examples: [
    ['link BUG-1 https://example.com/report --title "The report"', 'a link on the item'],
    ['link BUG-1 https://example.com/report --remove', 'without it'],
  ],
  json: 'Item',
  run: connected(async ({ api }, { args: [key = '', url = ''], options, output }) => {
    if (!URL.canParse(url))
      throw new BelayError('bad_request', `"${oneLine(url)}" is no address.`, { hint: 'As in https://example.com/page.' });
    const item = await changeItem(api, key, ({ links, key: name }) => {
      const others = links.filter((other) => other.url !== url);
      if (options.remove && others.length === links.length) throw new BelayError('not_found', `${name} has no link to ${oneLine(url)}.`);
      return { links: options.remove ? others : [...others, { url, title: options.title ?? '' }] };
    });
    output.answer(item, `${item.key} has ${item.links.length === 1 ? '1 link' : `${item.links.length} links`}.`);
    return 0;
  }),
});
