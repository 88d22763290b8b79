import type { Activity } from '../../../protocol/activities.ts';
import type { PageAddress, SessionPage } from '../../../protocol/panelPages.ts';
import type { SessionAction } from '../../../protocol/records.ts';
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
  const may = (action: SessionAction): boolean => session.can.includes(action);
  const canAccept = may('accept');
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
      stop: may('stop'),
      retry: may('retry') || ((session.state === 'error' || session.state === 'cancelled') && may('send_back')),
      answer: may('answer'),
      message: held && may('message'),
      openTerminal: context.holdsSession(id) || (final && session.review !== 'discarded'),
      archive: may('archive'),
      review: hasChanges && session.review !== 'discarded',
      accept: canAccept,
      close: may('close'),
      undo: hasChanges && may('undo') && context.isTrusted,
      commit: isAccepted && blocked === null,
      sendBack: session.state !== 'cancelled' && session.review !== 'accepted' && may('send_back'),
      discard: may('discard') && context.isTrusted,
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
