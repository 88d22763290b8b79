import { command, connected } from '../base/command.ts';
import { keyWord } from '../base/common.ts';
import { itemName } from '../base/names.ts';
import { textSource, wordsOrPipe } from '../base/texts.ts';

export const comment = command({
  words: [keyWord, { name: 'TEXT', says: `Markdown; ${textSource}`, optional: true, many: true }],
  examples: [
    ['comment BUG-1 It also happens in German.', 'your words'],
    ['comment BUG-1 @log.txt', 'what stands in a file'],
  ],
  json: 'Comment',
  run: connected(async ({ api }, { args: [key = '', ...words], output }) => {
    const body = await wordsOrPipe(words, 'A comment needs a text.');
    const written = await api.addComment({ params: { id: itemName(key) }, body: { body } });
    output.answer(written, `Commented on ${itemName(key)}.`);
    return 0;
  }),
});
