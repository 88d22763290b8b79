/** What "needs me" means: the badge, the status bar, the list, the queue and the notifications all count these and nothing else. Pure. */
import type { Input, Session } from '../../protocol/records.ts';
import { isFinal } from '../../protocol/states.ts';

/** A session that waits for a person. */
export interface Need {
  readonly session: Session;
  readonly kind: 'question' | 'result' | 'failure';
  /** Names of what there is to tell, each told once. What a person undoes waits again and is no news. */
  readonly news: readonly string[];
  readonly since: number;
}

const urgency: readonly Need['kind'][] = ['question', 'result', 'failure'];

/** The most urgent first, then what waits longest. `inputs`: open questions by session. */
export function needsOf(sessions: Iterable<Session>, inputs: ReadonlyMap<string, readonly Input[]>): Need[] {
  const all = [...sessions];
  const newest = new Map<string, Session>();
  for (const session of all) {
    const known = newest.get(session.lineId);
    if (!known || session.createdAt > known.createdAt) newest.set(session.lineId, session);
  }
  return all
    .flatMap((session) => {
      // A follow-up speaks for the whole line of work.
      const need = newest.get(session.lineId) === session ? needOf(session, inputs.get(session.id) ?? []) : null;
      return need ? [need] : [];
    })
    .sort((a, b) => urgency.indexOf(a.kind) - urgency.indexOf(b.kind) || a.since - b.since);
}

function needOf(session: Session, inputs: readonly Input[]): Need | null {
  if (session.archivedAt !== null) return null;
  if (!isFinal(session.state)) {
    const open = inputs.filter(({ state }) => state === 'open');
    const since = Math.min(...open.map(({ askedAt }) => askedAt));
    return open.length === 0 ? null : { session, kind: 'question', news: open.map(({ id }) => `question ${id}`), since };
  }
  if (session.state === 'cancelled' || (session.review !== null && session.review !== 'undone')) return null;
  const kind = session.state === 'error' ? 'failure' : 'result';
  return { session, kind, news: [`${kind} ${session.id}`], since: session.finishedAt ?? session.createdAt };
}
