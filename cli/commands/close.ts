import { closeSession } from '../../worker/review/review.ts';
import { command, connected } from '../base/command.ts';
import { sessionWord } from '../base/common.ts';
import { state } from '../base/here.ts';
import { sessionNamed } from '../base/names.ts';
import { heldBackLines } from '../records/outcome.ts';

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
