import { sendBack } from '../../worker/review/review.ts';
import { command, connected } from '../base/command.ts';
import { folderOption, sessionWord } from '../base/common.ts';
import { reviewContext } from '../session/context.ts';
import { queuedText } from '../session/queuedText.ts';
import { sessionNamed } from '../base/names.ts';
import { textSource, wordsOrPipe } from '../base/texts.ts';

export const back = command({
  words: [sessionWord, { name: 'TEXT', says: `what should change; ${textSource}`, optional: true, many: true }],
  options: { text: { value: 'TEXT', says: 'the same as an option' }, ...folderOption },
  examples: [['back BUG-1/2 "Please with a test."', 'queue a follow-up in the same working folder']],
  json: 'Session: the follow-up',
  run: connected(async (connection, { args: [word = '', ...words], options, output }) => {
    const session = await sessionNamed(connection.api, word);
    const note = await wordsOrPipe(options.text === undefined ? words : [options.text, ...words], 'What should change?');
    const context = await reviewContext(connection, options.folder);
    const followUp = await sendBack(context, session, note);
    output.answer(followUp, await queuedText(connection.api, followUp, context.folderOf, 'Queued the follow-up'));
    return 0;
  }),
});
