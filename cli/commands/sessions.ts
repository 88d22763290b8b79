import { sessionStates } from '../../protocol/states.ts';
import type { Session } from '../../protocol/records.ts';
import { command, connected } from '../base/command.ts';
import { limitOf, limitOption, listed } from '../base/listed.ts';
import { itemName, sessionsOfItem, shortNames } from '../base/names.ts';
import { sessionTable } from '../records/sessionTexts.ts';

export const sessions = command({
  words: [{ name: 'KEY', says: 'of this item only', optional: true }],
  options: {
    state: { value: 'STATE', choices: sessionStates, says: 'in this state; may be given several times', many: true },
    review: { says: 'only those whose result waits for your decision' },
    archived: { says: 'archived ones as well' },
    ...limitOption,
  },
  examples: [
    ['sessions', 'the newest'],
    ['sessions BUG-1', 'those of one item, as BUG-1/1, BUG-1/2 …'],
    ['sessions --state active --state awaiting_input', 'what is under way'],
    ['sessions --review', 'what waits for your decision'],
  ],
  json: 'a list of Session',
  run: connected(async ({ api }, { args: [key], options, output }) => {
    const limit = limitOf(options.limit, output.json);
    const item = key === undefined ? null : await api.getItem({ params: { id: itemName(key) } });
    const query = {
      ...(item && { item: item.id }),
      ...(options.state.length > 0 && { state: [...options.state] }),
      ...(!options.archived && { archived: 'no' as const }),
    };
    const { found, more } = await listed<Session>(
      limit,
      (page) => api.listSessions({ query: { ...query, ...page } }),
      options.review ? ({ state, review }) => state === 'complete' && review === null : undefined,
    );
    const names = item ? ordinals(item.key, await sessionsOfItem(api, item.id), found) : shortNames(found.map(({ id }) => id));
    await output.pages(found, found.length === 0 ? 'No sessions.' : sessionTable(found, names), more);
    return 0;
  }),
});

const ordinals = (key: string, all: readonly Session[], found: readonly Session[]): string[] =>
  found.map(({ id }) => `${key}/${all.findIndex((session) => session.id === id) + 1}`);
