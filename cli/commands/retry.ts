import { BelayError } from '../../protocol/errors.ts';
import { sendBack } from '../../worker/review/review.ts';
import { command, connected } from '../base/command.ts';
import { folderOption, sessionWord } from '../base/common.ts';
import { reviewContext } from '../session/context.ts';
import { queuedText } from '../session/queuedText.ts';
import { sessionNamed } from '../base/names.ts';

export const retry = command({
  words: [sessionWord],
  options: folderOption,
  examples: [['retry BUG-1/2', 'a stale session goes back to the queue; one that failed gets a follow-up in its folder']],
  json: 'Session: the one that is queued',
  run: connected(async (connection, { args: [word = ''], options, output }) => {
    const { api } = connection;
    const session = await sessionNamed(api, word);
    if (!['stale', 'error', 'cancelled'].includes(session.state))
      throw new BelayError('invalid_transition', `This session is ${session.state.replaceAll('_', ' ')}: there is nothing to try again.`, {
        hint: `To have its result changed: belay back ${session.id} --text …`,
      });
    const context = await reviewContext(connection, options.folder);
    const isSame = session.state === 'stale';
    const queued = isSame
      ? await api.retrySession({ params: { id: session.id }, body: {} })
      : await sendBack(context, session, 'Try again.');
    output.answer(queued, await queuedText(api, queued, context.folderOf, isSame ? 'Queued again:' : 'Queued the follow-up'));
    return 0;
  }),
});
