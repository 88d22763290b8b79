import { connected } from '../command.ts';
import { follow, outcomeText } from '../follow.ts';
import { isFinal } from '../../protocol/states.ts';
import { table } from '../output.ts';

export const sessions = connected('sessions [KEY]', 'List sessions, newest first', 0, async ({ api }, { args: [key], output }) => {
  const item = key === undefined ? null : await api.getItem({ params: { id: key } });
  const { entries } = await api.listSessions({ query: { limit: 100, ...(item && { item: item.id }) } });
  output.answer(
    entries,
    entries.length === 0
      ? 'No sessions.'
      : table(
          entries.map((session) => [
            session.id,
            session.itemKey ?? '',
            session.mode,
            session.state.replaceAll('_', ' '),
            session.review ?? '',
            session.agentName,
          ]),
        ),
  );
  return 0;
});

/** The exit code of a program that Ctrl+C ended. */
const interrupted = 130;

export const watch = connected(
  'watch SESSION [--yes]',
  'Follow a session to its end; Ctrl+C leaves it running',
  1,
  async (connection, { args: [id = ''], flags, output }) => {
    const session = await follow(connection, id, { yes: flags['yes'] === true, output, onInterrupt: 'leave' });
    output.answer(session, outcomeText(session));
    return session.state === 'complete' ? 0 : isFinal(session.state) ? 1 : interrupted;
  },
);

export const stop = connected('stop SESSION', 'Cancel a session', 1, async ({ api }, { args: [id = ''], output }) => {
  const session = await api.cancelSession({ params: { id }, body: {} });
  output.answer(session, session.state === 'cancelled' ? 'Cancelled.' : 'Asked the run to stop.');
  return 0;
});
