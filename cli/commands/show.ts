import { isFinal } from '../../protocol/states.ts';
import { oneLine, quotedName } from '../../protocol/shownText.ts';
import type { Session } from '../../protocol/records.ts';
import { command, connected } from '../base/command.ts';
import { sessionNamed } from '../base/names.ts';
import { outcomeText } from '../records/outcome.ts';
import { showItem } from '../records/showItem.ts';
import { spoken } from '../records/itemTexts.ts';
import { lines, painted, type Shown } from '../base/shown.ts';

const isItem = (word: string): boolean => /^(?:[a-z]+-\d+|itm_\w+)$/iu.test(word);

export const show = command({
  words: [{ name: 'WHAT', says: 'an item, as in BUG-1, or a session, as in BUG-1/2' }],
  examples: [
    ['show bug-1', 'the item with its parts, labels, sessions and comments'],
    ['show BUG-1/2', 'what its second session did'],
  ],
  json: 'ItemBundle with sessions and handoffs, or a Session',
  run: connected(async (connection, { args: [word = ''], output }) => {
    if (isItem(word)) return await showItem(connection, word, output);
    const session = await sessionNamed(connection.api, word);
    await output.pages(session, sessionText(session));
    return 0;
  }),
});

function sessionText(session: Session): Shown {
  const marks = { completed: '✓', in_progress: '▸', pending: '○' } as const;
  return lines([
    painted('bold', `${session.itemKey ?? ''} ${oneLine(session.title)}`.trim()),
    `${session.id}: ${session.mode} by ${oneLine(session.agentName)}, ${session.review ? spoken(session.review) : spoken(session.state)}`,
    ...(session.sandboxStep ? [`Confined by: ${session.sandboxStep}`] : []),
    ...session.plan.map((step) => `${marks[step.status]} ${oneLine(step.title)}`),
    ...session.urls.map(({ title, url }) => `→ ${oneLine(title)}: ${oneLine(url)}`),
    ...(session.result?.checks ?? []).map((check) => `$ ${quotedName(oneLine(check.command))} (${check.exitCode ?? '?'})`),
    ...(session.openInputs > 0 ? ['It asks you something: belay inputs'] : []),
    ...(isFinal(session.state) ? ['', outcomeText(session)] : []),
  ]);
}
