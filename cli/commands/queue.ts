import { queueSession } from '../../worker/queue/queueSession.ts';
import { promptSections } from '../../prompt/sections.ts';
import { usualMode } from '../../prompt/usualMode.ts';
import { knownAgent } from '../agents.ts';
import { command, connected } from '../command.ts';
import { keyWord, sessionOptions } from '../common.ts';
import { confirmCopy } from '../confirmCopy.ts';
import { itemName } from '../names.ts';
import { placeLine, placeOf } from '../place.ts';
import { textOf } from '../texts.ts';
import { nobodyRuns } from '../workers.ts';
import { bindHere, state } from '../context.ts';

export const queue = command({
  words: [keyWord],
  options: sessionOptions,
  examples: [['queue BUG-1 --agent codex', 'it runs once a worker of this machine claims it']],
  json: 'Session',
  run: connected(async (connection, { args: [key = ''], options, output }) => {
    const { api } = connection;
    const found = await api.getItemBundle({ params: { id: itemName(key) } });
    const repository = await bindHere(connection, options.folder);
    await confirmCopy(repository, options.copy);
    const session = await queueSession({
      api,
      stateDir: state,
      bundle: found,
      agentId: await knownAgent(api, options.agent ?? 'practice'),
      mode: options.mode ?? usualMode(found.item),
      repository,
      sections: promptSections(found, options.note === undefined ? {} : { note: await textOf(options.note) }),
      base: options.base ?? 'head',
      workerId: null,
    });
    const place = placeLine(await placeOf(repository.checkout));
    const warning = (await nobodyRuns(api, session, Date.now())) ?? 'It runs once a worker claims it.';
    output.answer(session, [`Queued ${session.id}.`, place, warning].join('\n'));
    return 0;
  }),
});
