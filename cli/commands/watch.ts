import { isFinal } from '../../protocol/states.ts';
import { command, connected } from '../base/command.ts';
import { sessionWord, yesOption } from '../base/common.ts';
import { sessionNamed } from '../base/names.ts';
import { nobodyRuns } from '../session/workers.ts';
import { follow } from '../session/follow.ts';
import { outcomeText } from '../records/outcome.ts';

/** The exit code of a program that Ctrl+C ended. */
const interrupted = 130;

export const watch = command({
  words: [sessionWord],
  options: yesOption,
  examples: [['watch BUG-1/2', 'what happens, and its questions']],
  json: 'Session, once it has ended or you left; what happens goes to standard error',
  exitCodes: { [interrupted]: 'you left it running' },
  run: connected(async (connection, { args: [word = ''], options, output }) => {
    const now = await sessionNamed(connection.api, word);
    const warning = await nobodyRuns(connection.api, now, Date.now());
    if (warning !== null) output.progress(warning);
    const session = await follow(connection, now.id, { yes: options.yes, output, onInterrupt: 'leave' });
    output.answer(session, outcomeText(session));
    return session.state === 'complete' ? 0 : isFinal(session.state) ? 1 : interrupted;
  }),
});
