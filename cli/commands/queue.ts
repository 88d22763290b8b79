import { knownAgent } from '../session/agents.ts';
import { command, connected } from '../base/command.ts';
import { keyWord, sessionOptions } from '../base/common.ts';
import { prepareSession } from '../session/newSession.ts';
import { queuedText } from '../session/queuedText.ts';

export const queue = command({
  words: [keyWord],
  options: sessionOptions,
  examples: [['queue BUG-1 --agent codex', 'it runs once a worker of this machine claims it']],
  json: 'Session',
  run: connected(async (connection, { args: [key = ''], options, output }) => {
    const { api } = connection;
    const { folder, create } = await prepareSession(connection, key, options);
    const session = await create({ agentId: await knownAgent(api, options.agent ?? 'practice'), workerId: null });
    output.answer(session, await queuedText(api, session, () => Promise.resolve(folder)));
    return 0;
  }),
});
