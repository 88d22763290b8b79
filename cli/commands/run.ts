import { agentOf } from '../session/agents.ts';
import { claimAgain } from '../session/claimAgain.ts';
import { command, connected } from '../base/command.ts';
import { keyWord, sessionOptions, yesOption } from '../base/common.ts';
import { startWorker } from '../session/context.ts';
import { follow } from '../session/follow.ts';
import { prepareSession } from '../session/newSession.ts';
import { placeAt, placeLine } from '../session/place.ts';
import { outcomeText } from '../records/outcome.ts';

export const run = command({
  words: [keyWord],
  options: { ...sessionOptions, ...yesOption },
  examples: [
    ['run BUG-1', 'with the practice agent, which changes one file'],
    ['run BUG-1 --agent codex --note "Keep the old name."', 'with an agent of this machine'],
  ],
  json: 'Session, once it has ended; what happens goes to standard error',
  run: connected(async (connection, { args: [key = ''], options, output }) => {
    const { folder, create } = await prepareSession(connection, key, options);
    output.progress(placeLine(await placeAt(folder)));
    const worker = await startWorker(connection, 0, () => undefined);
    try {
      const session = await create({ agentId: agentOf(worker.agentIds, options.agent), workerId: worker.id });
      await worker.claimNow(session.id);
      const ended = await follow(connection, session.id, {
        yes: options.yes,
        output,
        onInterrupt: 'cancel',
        onSession: claimAgain(connection.api, worker),
      });
      output.answer(ended, outcomeText(ended));
      return ended.state === 'complete' ? 0 : 1;
    } finally {
      await worker.stop('finish');
    }
  }),
});
