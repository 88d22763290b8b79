import type { Input } from '../../protocol/records.ts';
import { oneLine } from '../../protocol/shownText.ts';
import { questionLines } from '../../worker/targets/question.ts';
import { command, connected } from '../base/command.ts';
import { everyEntry, sessionNamed, shortNames } from '../base/names.ts';
import { lines, painted } from '../base/shown.ts';
import { spoken } from '../records/itemTexts.ts';

export const inputs = command({
  words: [{ name: 'SESSION', says: 'of this session only', optional: true }],
  options: { all: { says: 'answered ones as well' } },
  examples: [
    ['inputs', 'what waits for your answer'],
    ['inputs BUG-1/2 --all', 'all that this session asked'],
  ],
  json: 'a list of Input',
  run: connected(async ({ api }, { args: [word], options, output }) => {
    const session = word === undefined ? undefined : (await sessionNamed(api, word)).id;
    const query = { ...(session !== undefined && { session }), ...(!options.all && { state: ['open' as const] }) };
    const found: Input[] = [];
    for await (const input of everyEntry((page) => api.listInputs({ query: { ...query, ...page } }))) found.push(input);
    const names = shortNames(found.map(({ id }) => id));
    const text = found.flatMap((input, at) => [
      ...(at > 0 ? [''] : []),
      painted('bold', `${names[at] ?? input.id}  ${oneLine(input.title)}`),
      ...questionLines(input),
      input.state === 'open'
        ? `Answer: belay answer ${names[at] ?? input.id} ${input.acceptsText ? 'TEXT' : 'NUMBER'}`
        : spoken(input.state),
    ]);
    await output.pages(found, found.length === 0 ? 'Nothing is asked.' : lines(text));
    return 0;
  }),
});
