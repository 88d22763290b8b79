import { BelayError } from '../../protocol/errors.ts';
import { sendBack } from '../../worker/review/review.ts';
import { command, connected } from '../command.ts';
import { folderOption, sessionWord } from '../common.ts';
import { reviewContext } from '../context.ts';

export const back = command({
  words: [sessionWord],
  options: { text: { value: 'TEXT', says: 'what should change' }, ...folderOption },
  examples: [['back ses_4f --text "Please with a test."', 'queue a follow-up in the same working folder']],
  json: 'Session: the follow-up',
  run: connected(async (connection, { args: [id = ''], options, output }) => {
    if (!options.text) throw new BelayError('bad_request', 'What should change? Say it with --text.');
    const context = await reviewContext(connection, options.folder);
    const session = await sendBack(context, await connection.api.getSession({ params: { id } }), options.text);
    output.answer(session, `Queued the follow-up ${session.id}.`);
    return 0;
  }),
});
