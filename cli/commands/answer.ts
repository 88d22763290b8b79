import { BelayError } from '../../protocol/errors.ts';
import type { Input } from '../../protocol/records.ts';
import { oneLine } from '../../protocol/shownText.ts';
import { replyOf, type Reply } from '../../worker/targets/question.ts';
import { command, connected } from '../base/command.ts';
import { inputNamed } from '../base/names.ts';
import { textOf, textSource } from '../base/texts.ts';
import { Questions } from '../session/questions.ts';

export const answer = command({
  words: [
    { name: 'QUESTION', says: 'the beginning of its id, or its session' },
    {
      name: 'ANSWER',
      says: `the number of an option, its words, or your own; ${textSource}; without one you are asked`,
      optional: true,
      many: true,
    },
  ],
  examples: [
    ['answer BUG-1/2 1', 'the first option of the only open question of that session'],
    ['answer inp_019a2b3c allow', 'an option by its words'],
    ['answer BUG-1/2 The one in Frankfurt', 'in words, where the question takes them'],
  ],
  json: 'Input',
  run: connected(async ({ api }, { args: [word = '', ...words], output }) => {
    const input = await inputNamed(api, word);
    const reply =
      words.length > 0 ? replyFrom(input, words.length === 1 ? await textOf(words[0] ?? '') : words.join(' ')) : await asked(input);
    const answered = await api.answerInput({ params: { id: input.id }, body: { ...reply, actionHash: input.actionHash } });
    const chosen = input.options.find(({ id }) => id === reply.optionId);
    output.answer(answered, `${oneLine(input.title)}: ${oneLine(chosen?.label ?? reply.text ?? '')}`);
    return 0;
  }),
});

const plain = (text: string): string => text.trim().toLowerCase();

/** By number, by the words of an option, or in words of one's own. */
function replyFrom(input: Input, typed: string): Reply {
  const named = input.options.filter(({ id, label }) => plain(label) === plain(typed) || plain(id) === plain(typed));
  const reply = named[0] && named.length === 1 ? { optionId: named[0].id, text: null } : replyOf(input, typed.trim());
  if (reply) return reply;
  throw new BelayError('bad_request', `"${oneLine(typed)}" is no answer to "${oneLine(input.title)}".`, {
    hint: `It takes ${[...input.options.map(({ label }, at) => `${at + 1} (${oneLine(label)})`), ...(input.acceptsText ? ['your own words'] : [])].join(', ')}.`,
  });
}

async function asked(input: Input): Promise<Reply> {
  if (!process.stdin.isTTY) throw new BelayError('bad_request', 'Which answer?', { hint: '"belay inputs" shows the options.' });
  const reply = await new Questions({ input: process.stdin, output: process.stderr }, () => undefined).ask(input);
  if (typeof reply === 'string') throw new BelayError('bad_request', 'The question was not answered.');
  return reply;
}
