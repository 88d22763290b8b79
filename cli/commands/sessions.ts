import { command, connected } from '../command.ts';
import { table } from '../output.ts';

export const sessions = command({
  words: [{ name: 'KEY', says: 'of this item only', optional: true }],
  examples: [
    ['sessions', 'the newest'],
    ['sessions BUG-1', 'those of one item'],
  ],
  json: 'a list of Session',
  run: connected(async ({ api }, { args: [key], output }) => {
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
  }),
});
