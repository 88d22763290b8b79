import { command, connected } from '../base/command.ts';
import { sessionWord } from '../base/common.ts';
import { sessionNamed } from '../base/names.ts';
import { textSource, wordsOrPipe } from '../base/texts.ts';

export const message = command({
  words: [sessionWord, { name: 'TEXT', says: `what to say; ${textSource}`, optional: true, many: true }],
  options: { now: { says: 'while it works, where the agent can take that; else after what it does now' } },
  examples: [['message BUG-1/2 "Please leave the tests alone."', 'to a session that runs or waits']],
  json: 'Message',
  run: connected(async ({ api }, { args: [word = '', ...words], options, output }) => {
    const session = await sessionNamed(api, word);
    const body = await wordsOrPipe(words, 'What should be said?');
    const sent = await api.sendMessage({ params: { id: session.id }, body: { kind: options.now ? 'steer' : 'follow_up', body } });
    output.answer(sent, `Sent to ${session.id}.`);
    return 0;
  }),
});
