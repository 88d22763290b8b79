/** What a person may decide on a session's result, as data. The platform decides by it; clients ask it for the words of a refusal. Pure. */
import { BelayError } from './errors.ts';
import type { ReviewDecision, SessionAction, StoredSession } from './records.ts';
import { isFinal } from './states.ts';

/** What may follow what was decided last. The same again changes nothing, so it may always be repeated. */
const followers: Readonly<Record<ReviewDecision | 'none', readonly ReviewDecision[]>> = {
  none: ['accepted', 'closed', 'sent_back', 'discarded'],
  accepted: ['undone', 'sent_back'],
  undone: ['accepted', 'closed', 'sent_back', 'discarded'],
  sent_back: ['accepted', 'undone', 'closed', 'discarded'],
  closed: ['sent_back', 'discarded'],
  discarded: [],
};
const words: Readonly<Record<ReviewDecision, string>> = {
  accepted: 'accepted',
  undone: 'undone',
  sent_back: 'sent back',
  closed: 'closed',
  discarded: 'discarded',
};

/** By decision: what a session's `can` calls it. */
export const reviewActions = {
  accepted: 'accept',
  undone: 'undo',
  sent_back: 'send_back',
  closed: 'close',
  discarded: 'discard',
} as const satisfies Record<ReviewDecision, SessionAction>;

/** Why `decision` cannot follow `last`, or null. */
export function refusedAfter(last: ReviewDecision | null, decision: ReviewDecision): BelayError | null {
  if (last === decision || followers[last ?? 'none'].includes(decision)) return null;
  if (last === null) return new BelayError('invalid_transition', 'This result was not accepted, so there is nothing to undo.');
  return new BelayError('invalid_transition', `This result was ${words[last]}: it cannot be ${words[decision]} any more.`, {
    hint:
      last === 'discarded'
        ? 'Queue the item again for a new result.'
        : last === 'accepted'
          ? 'Undo it first.'
          : 'Send it back with a note for a new result.',
  });
}

type Decided = Pick<StoredSession, 'state' | 'review' | 'result' | 'superseded'>;

/** Why this decision cannot be made on this session, or null. */
export function refusedDecision(session: Decided, decision: ReviewDecision): BelayError | null {
  const { state, result } = session;
  if (!isFinal(state))
    return new BelayError('invalid_transition', `A session is reviewed when it has ended; this one is ${state}.`, {
      hint: 'Stop it first.',
    });
  if (session.superseded && decision !== 'undone' && decision !== session.review)
    return new BelayError('invalid_transition', 'A newer session goes on with this work: this result cannot be decided on any more.', {
      hint: 'Decide on the newest session of this work.',
    });
  if (state === 'error' || state === 'cancelled') {
    if (decision === 'accepted' || decision === 'closed')
      return new BelayError(
        'invalid_transition',
        `This session ${state === 'error' ? 'failed' : 'was stopped'}: there is no result to accept.`,
        {
          hint: 'Retry it or send it back with a note: the folder with the work so far is kept.',
        },
      );
  } else if (decision === 'accepted' && result && !result.headCommit && result.outcome !== 'plan' && result.outcome !== 'review')
    return new BelayError('invalid_transition', `${noChangesText(session)}, so there is nothing to accept.`, {
      hint: `Close it${result.heldBack.length > 0 ? ' once you have seen what was held back' : ''}, or send it back with a note.`,
    });
  else if (decision === 'closed' && result?.headCommit)
    return new BelayError('invalid_transition', 'This session has changes that wait for a decision.', {
      hint: 'Accept them, send them back or discard them.',
    });
  else if (decision === 'accepted' && !result) return new BelayError('invalid_transition', 'This session has no result to accept.');
  return refusedAfter(session.review, decision);
}

/** What there is to say of a result of which nothing came out. */
export const noChangesText = ({ result }: Pick<StoredSession, 'result'>): string =>
  result && result.heldBack.length > 0 ? 'Everything was held back' : 'It finished without changes';
