import { closeSession } from '../../worker/review/review.ts';
import { command, connected } from '../command.ts';
import { sessionWord } from '../common.ts';
import { state } from '../context.ts';
import { heldBackLines } from '../outcome.ts';

export const close = command({
  words: [sessionWord],
  examples: [['close ses_4f', 'it finished without changes, and you have seen so']],
  json: '{}',
  run: connected(async (connection, { args: [id = ''], output }) => {
    const session = await connection.api.getSession({ params: { id } });
    await closeSession({ api: connection.api, stateDir: state }, session);
    output.answer({}, ['Closed.', ...heldBackLines(session)].join('\n'));
    return 0;
  }),
});
