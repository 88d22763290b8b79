import { knownAgent } from '../session/agents.ts';
import { command, connected } from '../base/command.ts';
import { keyWord, sessionOptions } from '../base/common.ts';
import { prepareSession } from '../session/newSession.ts';
import { nobodyRuns } from '../session/workers.ts';

export const queue = command({
  words: [keyWord],
  options: sessionOptions,
  examples: [['queue BUG-1 --agent codex', 'it runs once a worker of this machine claims it']],
  json: 'Session',
  run: connected(async (connection, { args: [key = ''], options, output }) => {
    const { api } = connection;
    const { place, create } = await prepareSession(connection, key, options);
    const session = await create({ agentId: await knownAgent(api, options.agent ?? 'practice'), workerId: null });
    const prospect = (await nobodyRuns(api, session, Date.now())) ?? 'It runs once a worker claims it.';
    output.answer(session, [`Queued ${session.id}.`, place, prospect].join('\n'));
    return 0;
  }),
});
