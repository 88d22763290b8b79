/** Whole snapshots of the panel's pages, put together from the platform's records. */
import type { ItemPage, QueuePage, SessionPage, SessionRow } from '../../protocol/panel.ts';
import type { ReviewDecision, Session, WorkItem } from '../../protocol/records.ts';
import { refusedDecision } from '../../protocol/reviews.ts';
import { isFinal } from '../../protocol/states.ts';
import type { BelayApi } from '../../protocol/typedClient.ts';
import type { WorkModel } from '../items/workModel.ts';

export interface PageContext {
  readonly api: BelayApi;
  readonly model: WorkModel;
  readonly memberId: string;
  readonly memberName: string;
  readonly machine: string;
  readonly holdsSession: (sessionId: string) => boolean;
  readonly sendTarget: () => Promise<{ id: string; name: string } | null>;
  readonly queueAgent: () => string | null;
  /** What reads or changes the repository may be done in this window. */
  readonly isTrusted: boolean;
  /** Why Accept is not possible on this machine now, or null. */
  readonly acceptBlocked: (session: Session) => Promise<string | null>;
}

export async function itemPage(key: string, context: PageContext): Promise<ItemPage> {
  const bundle = await context.api.getItemBundle({ params: { id: key } });
  const { item, parent } = bundle;
  const [sessions, handoffs, repositories, sendTarget] = await Promise.all([
    context.api.listSessions({ query: { item: item.id, limit: 100 } }),
    context.api.listHandoffs({ query: { item: item.id } }),
    context.api.listRepositories({}),
    context.sendTarget(),
  ]);
  return {
    item,
    parent: parent && { key: parent.key, title: parent.title, kind: parent.kind },
    children: bundle.children.map((child) => context.model.rowOf(child)),
    comments: bundle.comments,
    documents: bundle.documents,
    sessions: sessions.entries,
    handoffs: handoffs.entries,
    assignees: item.assigneeIds.map((id) => ({ id, name: id === context.memberId ? context.memberName : id, me: id === context.memberId })),
    repositoryName: repositoryName(item, [...sessions.entries, ...handoffs.entries], repositories.entries),
    sendTarget,
    queueAgent: context.queueAgent(),
    need: needOf(item, context),
    figures: itemFigures(sessions.entries),
  };
}

function needOf(item: WorkItem, { model }: PageContext): ItemPage['need'] {
  const need = model.needs().find(({ session }) => session.itemId === item.id);
  return need
    ? { sessionId: need.session.id, kind: need.kind, hasChanges: need.kind === 'result' && Boolean(need.session.result?.headCommit) }
    : null;
}

function repositoryName(
  item: WorkItem,
  work: readonly { readonly repositoryId: string | null }[],
  repositories: readonly { id: string; name: string }[],
): string | null {
  const id = item.repositoryId ?? work.find((entry) => entry.repositoryId)?.repositoryId;
  return repositories.find((repository) => repository.id === id)?.name ?? null;
}

export function itemFigures(sessions: readonly Session[]): ItemPage['figures'] {
  const sum = (pick: (session: Session) => number) => sessions.reduce((total, session) => total + pick(session), 0);
  const costs = sessions.flatMap((session) => session.usage?.costUsd ?? []);
  return {
    sessions: sessions.length,
    queuedMs: sum((session) => (session.queuedAt !== null && session.startedAt !== null ? session.startedAt - session.queuedAt : 0)),
    runningMs: sum((session) => (session.startedAt !== null && session.finishedAt !== null ? session.finishedAt - session.startedAt : 0)),
    accepted: sum((session) => Number(session.review === 'accepted')),
    sentBack: sum((session) => Number(session.review === 'sent_back')),
    failed: sum((session) => Number(session.state === 'error')),
    totalTokens: sum((session) => session.usage?.totalTokens ?? 0),
    costUsd: costs.length > 0 ? costs.reduce((total, cost) => total + cost, 0) : null,
  };
}

export async function sessionPage(id: string, context: PageContext): Promise<SessionPage> {
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

const finishedShown = 50;

export async function queuePage(context: PageContext): Promise<QueuePage> {
  const workers = await context.api.listWorkers({});
  const agents = new Map((await context.api.listAgents({})).entries.map((agent) => [agent.id, agent.name]));
  const rows = [...context.model.sessions.values()]
    .filter((session) => session.archivedAt === null)
    .sort((a, b) => b.createdAt - a.createdAt);
  const row = (session: Session): SessionRow => ({
    session,
    itemTitle: (session.itemId && context.model.items.get(session.itemId)?.title) || null,
    heldHere: context.holdsSession(session.id),
  });
  const needs = context.model.needs().map(({ session }) => session);
  const asking = new Set(needs.map(({ id }) => id));
  const others = rows.filter(({ id }) => !asking.has(id));
  return {
    needsMe: needs.map(row),
    running: others.filter((session) => session.claim !== null).map(row),
    queued: others.filter((session) => session.claim === null && !isFinal(session.state)).map(row),
    finished: others
      .filter((session) => isFinal(session.state))
      .slice(0, finishedShown)
      .map(row),
    workers: workers.entries.map((worker) => {
      const age = worker.seenAt === null ? Infinity : Date.now() - worker.seenAt;
      return {
        id: worker.id,
        name: worker.machine,
        machine: worker.machine,
        here: worker.machine === context.machine,
        state: age < 60_000 ? 'online' : age < 600_000 ? 'stale' : 'offline',
        agents: worker.agentIds.map((id) => agents.get(id) ?? id),
        running: worker.running,
        capacity: worker.capacity,
        seenAt: worker.seenAt,
      };
    }),
  };
}
