import type { ItemPage, PageAddress } from '../../../protocol/panelPages.ts';
import type { Session, WorkItem } from '../../../protocol/records.ts';
import type { PageContext, PageSource } from './page.ts';

export const itemPage: PageSource<'item'> = {
  build,
  concernedBy: [
    'item.created',
    'item.updated',
    'comment.created',
    'handoff.changed',
    'session.created',
    'session.changed',
    'session.input',
    'session.review',
  ],
  /** The item itself or one of its children. */
  isAbout: ({ items }, { key }, model) => {
    const item = model.itemByKey(key);
    return item === undefined || items.has(item.id) || [...items].some((id) => model.items.get(id)?.parentId === item.id);
  },
};

async function build({ key }: PageAddress<'item'>, context: PageContext): Promise<ItemPage> {
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
