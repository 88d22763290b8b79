import { BelayError } from '../../protocol/errors.ts';
import { terminalLine } from '../../worker/base/encode.ts';
import { discardSession } from '../../worker/review/review.ts';
import { command, connected } from '../base/command.ts';
import { folderOption, sessionWord } from '../base/common.ts';
import { reviewContext } from '../session/context.ts';
import { sessionNamed } from '../base/names.ts';

export const discard = command({
  words: [sessionWord],
  options: { yes: { says: 'it deletes the working folder of the session' }, ...folderOption },
  examples: [['discard BUG-1/2 --yes', 'throw the result away']],
  json: '{}',
  run: async (invocation) => {
    if (!invocation.options.yes)
      throw new BelayError('bad_request', 'This deletes the working folder of the session.', { hint: 'Say --yes.' });
    return await discardIt(invocation);
  },
});

const discardIt = connected<{ folder: { value: string; says: string } }>(async (connection, { args: [word = ''], options, output }) => {
  const context = await reviewContext(connection, options.folder, (line) => {
    output.progress(line);
  });
  const session = await sessionNamed(connection.api, word);
  await output.during('Discarding', discardSession(context, session));
  const own = await context.folderOf(session).then(terminalLine, () => 'your own');
  output.answer({}, `Discarded ${session.id}: its working folder is gone, and ${own} is as it was.`);
  return 0;
});
