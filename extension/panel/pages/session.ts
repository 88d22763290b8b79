import type { Activity } from '../../../protocol/activities.ts';
import type { PageAddress, SessionPage } from '../../../protocol/panelPages.ts';
import type { ReviewDecision } from '../../../protocol/records.ts';
import { refusedDecision } from '../../../protocol/reviews.ts';
import { isFinal } from '../../../protocol/states.ts';
import type { FollowContext, PageContext, PageSource } from './page.ts';

/** How many activities the page gets at once, the newest. */
export const firstActivities = 500;
const batchMs = 30;

export const sessionPage: PageSource<'session'> = {
  build,
  concernedBy: ['session.created', 'session.changed', 'session.input', 'session.review'],
  /** The session itself or another of its line of work. */
  isAbout: ({ sessions }, { id }, model) => {
    const line = model.sessions.get(id)?.lineId;
    return sessions.has(id) || [...sessions].some((other) => model.sessions.get(other)?.lineId === line);
  },
  follow,
};

async function build({ id }: PageAddress<'session'>, context: PageContext): Promise<SessionPage> {
  const params = { id };
  const [session, inputs, reviews, late, messages] = await Promise.all([
    context.api.getSession({ params }),
    context.api.listInputs({ query: { session: id } }),
    context.api.listReviews({ params }),
    context.api.listLateActivities({ params }),
    context.api.listMessages({ params }),
  ]);
  const item = session.itemId ? context.model.items.get(session.itemId) : undefined;
  const final = isFinal(session.state);
  const hasChanges = Boolean(session.result?.headCommit);
  const may = (decision: ReviewDecision): boolean => final && refusedDecision(session, decision) === null && session.review !== decision;
  const newest = !context.model
    .sessionsOf(session.itemId ?? '')
    .some((other) => other.lineId === session.lineId && other.createdAt > session.createdAt);
  const canAccept = newest && may('accepted');
  const isAccepted = session.review === 'accepted' && hasChanges;
  const blocked = hasChanges && (isAccepted || canAccept) ? await context.acceptBlocked(session) : null;
  const held = session.claim !== null;
  return {
    session,
    itemTitle: item?.title ?? null,
    inputs: inputs.entries,
    reviews: reviews.entries,
    late: late.entries,
    undelivered: messages.entries.filter((message) => message.deliveredAt === null),
    heldHere: context.holdsSession(id),
    can: {
      stop: !final && session.cancelRequestedAt === null,
      retry:
        session.state === 'stale' ||
        ((session.state === 'error' || session.state === 'cancelled') && newest && session.review !== 'discarded'),
      message: held,
      openTerminal: context.holdsSession(id) || (final && session.review !== 'discarded'),
      archive: final && session.archivedAt === null,
      review: hasChanges && session.review !== 'discarded',
      accept: canAccept,
      close: newest && may('closed'),
      undo: isAccepted && context.isTrusted,
      commit: isAccepted && blocked === null,
      sendBack: newest && session.state !== 'cancelled' && session.review !== 'accepted' && may('sent_back'),
      discard: newest && may('discarded') && context.isTrusted,
    },
    acceptBlocked: isAccepted ? null : blocked,
  };
}

/** Activities arrive by a stream of their own. */
async function follow({ id }: PageAddress<'session'>, { link, model, post, left }: FollowContext): Promise<void> {
  const connection = await link.connect().catch(() => null);
  if (!connection || left.aborted) return;
  const known = model.sessions.get(id)?.lastSeq ?? 0;
  const after = Math.max(0, known - firstActivities);
  post({ type: 'activities', sessionId: id, reset: true, entries: [] });
  let batch: Activity[] = [];
  let timer: NodeJS.Timeout | undefined;
  await connection.subscribeSession(
    id,
    after,
    (activity) => {
      batch.push(activity);
      // Many in a burst travel together, so that the page paints once.
      timer ??= setTimeout(() => {
        timer = undefined;
        const entries = batch;
        batch = [];
        post({ type: 'activities', sessionId: id, reset: false, entries });
      }, batchMs);
    },
    left,
  );
}
