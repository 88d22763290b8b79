import { command, connected } from '../base/command.ts';
import { sessionWord } from '../base/common.ts';
import { sessionNamed } from '../base/names.ts';

export const archive = command({
  words: [sessionWord],
  examples: [['archive BUG-1/1', 'take a finished session out of the lists; "belay sessions --archived" still shows it']],
  json: 'Session',
  run: connected(async ({ api }, { args: [word = ''], output }) => {
    const { id } = await sessionNamed(api, word);
    output.answer(await api.archiveSession({ params: { id }, body: {} }), `Archived ${id}.`);
    return 0;
  }),
});
