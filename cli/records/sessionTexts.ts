/** How sessions are shown. */
import type { Session } from '../../protocol/records.ts';
import { spoken } from './itemTexts.ts';
import type { Shown, Style } from '../base/shown.ts';
import { table, type Cell } from '../base/table.ts';

const styles: Partial<Record<Session['state'], Style>> = {
  active: 'yellow',
  awaiting_input: 'cyan',
  complete: 'green',
  error: 'red',
  stale: 'red',
  cancelled: 'dim',
};

/** What a session waits for, in a word or two. */
export function stateCell({ state, review, openInputs }: Session): string | Cell {
  const text = review ? spoken(review) : openInputs > 0 ? 'asks you' : spoken(state);
  const style = review ? 'dim' : styles[state];
  return style === undefined ? text : { text, style };
}

/** A line a session, each under the name that stands beside it. */
export function sessionTable(sessions: readonly Session[], names: readonly string[]): Shown {
  return table(
    sessions.map((session, at) => [
      { text: names[at] ?? session.id, style: 'bold' },
      session.itemKey ?? '',
      session.mode,
      stateCell(session),
      session.agentName,
      session.title,
    ]),
  );
}
