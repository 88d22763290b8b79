import { closeSession } from '../../worker/review/review.ts';
import { command, connected } from '../command.ts';
import { sessionWord } from '../common.ts';
import { state } from '../here.ts';
import { sessionNamed } from '../names.ts';
import { heldBackLines } from '../outcome.ts';

export const close = command({
  words: [sessionWord],
  examples: [['close BUG-1/2', 'it finished without changes, and you have seen so']],
  json: '{}',
  run: connected(async (connection, { args: [word = ''], output }) => {
    const session = await sessionNamed(connection.api, word);
    await closeSession({ api: connection.api, stateDir: state }, session);
    output.answer({}, ['Closed.', ...heldBackLines(session)].join('\n'));
    return 0;
  }),
});
