import { promptSections } from '../../prompt/sections.ts';
import { queueSession } from '../../worker/queue/queueSession.ts';
import { usualMode } from '../../prompt/usualMode.ts';
import { agentOf } from '../agents.ts';
import { claimAgain } from '../claimAgain.ts';
import { command, connected } from '../command.ts';
import { keyWord, sessionOptions, yesOption } from '../common.ts';
import { confirmCopy } from '../confirmCopy.ts';
import { itemName } from '../names.ts';
import { placeLine, placeOf } from '../place.ts';
import { textOf } from '../texts.ts';
import { bindHere, startWorker, state } from '../context.ts';
import { follow } from '../follow.ts';
import { outcomeText } from '../outcome.ts';

export const run = command({
  words: [keyWord],
  options: { ...sessionOptions, ...yesOption },
  examples: [
    ['run BUG-1', 'with the practice agent, which changes one file'],
    ['run BUG-1 --agent codex --note "Keep the old name."', 'with an agent of this machine'],
  ],
  json: 'Session, once it has ended; what happens goes to standard error',
  run: connected(async (connection, { args: [key = ''], options, output }) => {
    const { api } = connection;
    const found = await api.getItemBundle({ params: { id: itemName(key) } });
    const repository = await bindHere(connection, options.folder);
    await confirmCopy(repository, options.copy);
    output.progress(placeLine(await placeOf(repository.checkout)));
    const worker = await startWorker(connection, 0, () => undefined);
    try {
      const session = await queueSession({
        api,
        stateDir: state,
        bundle: found,
        agentId: agentOf(worker.agentIds, options.agent),
        mode: options.mode ?? usualMode(found.item),
        repository,
        sections: promptSections(found, options.note === undefined ? {} : { note: await textOf(options.note) }),
        base: options.base ?? 'head',
        workerId: worker.id,
      });
      await worker.claimNow(session.id);
      const ended = await follow(connection, session.id, {
        yes: options.yes,
        output,
        onInterrupt: 'cancel',
        onSession: claimAgain(api, worker),
      });
      output.answer(ended, outcomeText(ended));
      return ended.state === 'complete' ? 0 : 1;
    } finally {
      await worker.stop('finish');
    }
  }),
});
