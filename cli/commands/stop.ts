import { command, connected } from '../base/command.ts';
import { sessionWord } from '../base/common.ts';
import { sessionNamed } from '../base/names.ts';

export const stop = command({
  words: [sessionWord],
  examples: [['stop BUG-1/2', 'cancel it, or ask its run to end']],
  json: 'Session',
  run: connected(async ({ api }, { args: [word = ''], output }) => {
    const { id } = await sessionNamed(api, word);
    const session = await api.cancelSession({ params: { id }, body: {} });
    output.answer(session, session.state === 'cancelled' ? 'Cancelled.' : 'Asked the run to stop.');
    return 0;
  }),
});
