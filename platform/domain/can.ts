/** What a caller may do with a record now: the table of permissions and the state of the thing together. */
import type { Permission } from '../../protocol/permissions.ts';
import type {
  Agent,
  AgentAction,
  ItemAction,
  ReviewDecision,
  Session,
  SessionAction,
  StoredAgent,
  StoredItem,
  StoredSession,
  WorkItem,
} from '../../protocol/records.ts';
import { refusedDecision } from '../../protocol/reviews.ts';
import { isFinal } from '../../protocol/states.ts';
import { mayDo } from './authorize.ts';
import type { Caller } from './caller.ts';

const itemPermissions: Readonly<Record<ItemAction, Permission>> = {
  edit: 'item.write',
  comment: 'item.comment',
  hand_off: 'handoff.write',
};
const agentPermissions: Readonly<Record<AgentAction, Permission>> = { delegate: 'session.create' };

const decided =
  (decision: ReviewDecision) =>
  (session: StoredSession): boolean =>
    session.review !== decision && refusedDecision(session, decision) === null;
const goesOn = ({ state }: StoredSession): boolean => !isFinal(state);

const sessionRules: Readonly<Record<SessionAction, readonly [Permission, (session: StoredSession) => boolean]>> = {
  stop: ['session.steer', (session) => goesOn(session) && session.cancelRequestedAt === null],
  retry: ['session.steer', ({ state }) => state === 'stale'],
  archive: ['session.steer', ({ state, archivedAt }) => isFinal(state) && archivedAt === null],
  answer: ['session.answer', ({ openInputs }) => openInputs > 0],
  message: ['session.answer', goesOn],
  accept: ['session.review', decided('accepted')],
  close: ['session.review', decided('closed')],
  undo: ['session.review', decided('undone')],
  send_back: ['session.review', decided('sent_back')],
  discard: ['session.review', decided('discarded')],
};

const allowed = <A extends string>(rules: Readonly<Record<A, unknown>>, test: (action: A) => boolean): A[] =>
  (Object.keys(rules) as A[]).filter(test);

export const seenItem = (caller: Caller, item: StoredItem): WorkItem => ({
  ...item,
  can: allowed(itemPermissions, (action) => mayDo(caller, itemPermissions[action], {})),
});

export const seenAgent = (caller: Caller, agent: StoredAgent): Agent => ({
  ...agent,
  can: allowed(agentPermissions, (action) => mayDo(caller, agentPermissions[action], agent)),
});

export const seenSession = (caller: Caller, session: StoredSession): Session => ({
  ...session,
  can: allowed(sessionRules, (action) => {
    const [permission, fits] = sessionRules[action];
    return fits(session) && mayDo(caller, permission, session);
  }),
});

/** A page of records as `caller` sees them. */
export const seenPage = <T, S, P extends { readonly entries: readonly T[] }>(
  caller: Caller,
  seen: (caller: Caller, record: T) => S,
  page: P,
): Omit<P, 'entries'> & { entries: S[] } => ({ ...page, entries: page.entries.map((record) => seen(caller, record)) });
