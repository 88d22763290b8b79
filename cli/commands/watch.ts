import { isFinal } from '../../protocol/states.ts';
import { command, connected } from '../command.ts';
import { sessionWord } from '../common.ts';
import { follow } from '../follow.ts';
import { outcomeText } from '../outcome.ts';

/** The exit code of a program that Ctrl+C ended. */
const interrupted = 130;

export const watch = command({
  words: [sessionWord],
  options: { yes: { says: 'give the first answer that allows to each question' } },
  examples: [['watch ses_4f', 'what happens, and its questions']],
  json: 'Session, once it has ended or you left; what happens goes to standard error',
  exitCodes: { [interrupted]: 'you left it running' },
  run: connected(async (connection, { args: [id = ''], options, output }) => {
    const session = await follow(connection, id, { yes: options.yes, output, onInterrupt: 'leave' });
    output.answer(session, outcomeText(session));
    return session.state === 'complete' ? 0 : isFinal(session.state) ? 1 : interrupted;
  }),
});
