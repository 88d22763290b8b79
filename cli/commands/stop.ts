import { command, connected } from '../command.ts';
import { sessionWord } from '../common.ts';

export const stop = command({
  words: [sessionWord],
  examples: [['stop ses_4f', 'cancel it, or ask its run to end']],
  json: 'Session',
  run: connected(async ({ api }, { args: [id = ''], output }) => {
    const session = await api.cancelSession({ params: { id }, body: {} });
    output.answer(session, session.state === 'cancelled' ? 'Cancelled.' : 'Asked the run to stop.');
    return 0;
  }),
});
