/** The rows of the work list, made from items, sessions, hand-offs and open questions. Pure. */
import type { ItemRow, RowActivity } from '../../protocol/panelPages.ts';
import type { Handoff, Input, Session, WorkItem } from '../../protocol/records.ts';
import { needsOf } from './needs.ts';

export interface RowSources {
  readonly items: ReadonlyMap<string, WorkItem>;
  /** Newest first, by item. */
  readonly sessions: ReadonlyMap<string, readonly Session[]>;
  readonly handoffs: ReadonlyMap<string, readonly Handoff[]>;
  /** Open questions by session. */
  readonly inputs: ReadonlyMap<string, readonly Input[]>;
  readonly children: ReadonlyMap<string, readonly WorkItem[]>;
  readonly memberId: string;
  readonly translate: (text: string, ...values: (string | number)[]) => string;
}

export function itemRow(item: WorkItem, sources: RowSources): ItemRow {
  const parent = item.parentId ? sources.items.get(item.parentId) : undefined;
  const children = sources.children.get(item.id) ?? [];
  const sessions = sources.sessions.get(item.id) ?? [];
  return {
    id: item.id,
    key: item.key,
    kind: item.kind,
    title: item.title,
    status: item.status,
    priority: item.priority,
    labels: item.labels.map((label) => label.name),
    assignedToMe: item.assigneeIds.includes(sources.memberId),
    parentKey: parent?.key ?? null,
    parentTitle: parent?.title ?? null,
    children:
      children.length > 0 ? { done: children.filter((child) => child.status === 'completed').length, total: children.length } : null,
    needs: needsOf(sessions, sources.inputs).length,
    activity: itemActivity(sessions, sources.handoffs.get(item.id) ?? [], sources),
    updatedAt: item.updatedAt,
  };
}

/** What needs the person comes first, whichever session it is of. */
const urgency: readonly RowActivity['state'][] = ['needs_me', 'review', 'failed', 'running', 'stale', 'queued', 'handed_off', 'accepted'];

function itemActivity(sessions: readonly Session[], handoffs: readonly Handoff[], sources: RowSources): RowActivity | null {
  const lines = new Set<string>();
  const candidates: RowActivity[] = [];
  for (const session of sessions) {
    // Only the newest session of a line of work speaks for it.
    if (lines.has(session.lineId)) continue;
    lines.add(session.lineId);
    if (session.archivedAt !== null) continue;
    const activity = sessionActivity(session, sources.inputs.get(session.id) ?? [], sources.translate);
    if (activity) candidates.push(activity);
  }
  for (const handoff of handoffs) {
    if (handoff.state === 'open')
      candidates.push({
        sessionId: null,
        state: 'handed_off',
        text: sources.translate('In {0}', handoff.targetName),
        since: handoff.createdAt,
      });
  }
  candidates.sort((a, b) => urgency.indexOf(a.state) - urgency.indexOf(b.state) || b.since - a.since);
  return candidates[0] ?? null;
}

/** One short line about a session; null when there is nothing left to say. */
export function sessionActivity(session: Session, inputs: readonly Input[], translate: RowSources['translate']): RowActivity | null {
  const line = (state: RowActivity['state'], text: string, since: number | null): RowActivity => ({
    sessionId: session.id,
    state,
    text,
    since: since ?? session.createdAt,
  });
  const asked = inputs.find((input) => input.state === 'open');
  if (asked) return line('needs_me', translate('{0} asks: {1}', session.agentName, asked.title), asked.askedAt);
  switch (session.state) {
    case 'active':
    case 'awaiting_input': {
      const done = session.plan.filter((step) => step.status === 'completed').length;
      const text =
        session.cancelRequestedAt !== null
          ? translate('Stopping')
          : session.plan.length > 0
            ? translate('Step {0} of {1}', Math.min(done + 1, session.plan.length), session.plan.length)
            : translate('{0} works on it', session.agentName);
      return line('running', text, session.startedAt);
    }
    case 'queued':
    case 'pending':
      return line('queued', translate('Queued for {0}', session.agentName), session.queuedAt);
    case 'stale':
      return line('stale', translate('Connection to the run was lost'), session.startedAt);
    case 'error':
      return session.review === null ? line('failed', session.error?.message ?? translate('Failed'), session.finishedAt) : null;
    case 'cancelled':
      return null;
    case 'complete':
      return finished(session, line, translate);
  }
}

function finished(
  session: Session,
  line: (state: RowActivity['state'], text: string, since: number | null) => RowActivity,
  translate: RowSources['translate'],
): RowActivity | null {
  const result = session.result;
  if (session.review === 'accepted') return line('accepted', translate('Accepted'), session.finishedAt);
  if ((session.review !== null && session.review !== 'undone') || !result) return null;
  if (result.headCommit)
    return line(
      'review',
      result.files.length === 1
        ? translate('Review: 1 file, +{0} −{1}', result.added, result.deleted)
        : translate('Review: {0} files, +{1} −{2}', result.files.length, result.added, result.deleted),
      session.finishedAt,
    );
  if (result.outcome === 'plan') return line('review', translate('Plan to read'), session.finishedAt);
  if (result.outcome === 'review') return line('review', translate('Findings to read'), session.finishedAt);
  const words = result.heldBack.length > 0 ? translate('Everything was held back') : translate('Finished without changes');
  return line('review', words, session.finishedAt);
}
