import { knownAgent } from '../agents.ts';
import { command, connected } from '../command.ts';
import { keyWord, sessionOptions } from '../common.ts';
import { prepareSession } from '../newSession.ts';
import { nobodyRuns } from '../workers.ts';

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
