/** Workspace events: told in the transaction of the change itself, numbered without a gap in the order they were told. */
import type { WorkspaceEvent } from '../../../../protocol/events.ts';
import type { Call } from '../../base/calls.ts';
import { topics, type PendingEvent, type Tx } from '../../base/engine.ts';
import { integer, text } from '../../base/rows.ts';
import type { Row } from '../../base/values.ts';
import { eventOf } from './rows.ts';
import { eventSql } from './sql.ts';

interface Subject {
  readonly itemId?: string | null;
  readonly sessionId?: string | null;
}

export function emit(tx: Tx, now: number, workspaceId: string, type: WorkspaceEvent['type'], subject: Subject): void {
  tx.events.push({ workspaceId, type, itemId: subject.itemId ?? null, sessionId: subject.sessionId ?? null, at: now });
}

export const outboxRow = ({ workspaceId, type, itemId, sessionId, at }: PendingEvent): Row => ({
  workspace_id: workspaceId,
  type,
  item_id: itemId,
  session_id: sessionId,
  at,
});

/** The topics to wake, from the reply of `numberEvents`. */
export const numberedTopics = (rows: readonly Row[]): string[] => rows.map((row) => topics.workspace(text(row, 'id')));

export async function eventsAfter(tx: Tx, { caller }: Call, after: number, limit: number): Promise<WorkspaceEvent[]> {
  return (await tx.all(eventSql.eventsAfter, { workspace: caller.workspaceId, after, limit })).map(eventOf);
}

export async function lastEvent(tx: Tx, { caller }: Call): Promise<number> {
  const row = await tx.get(eventSql.eventRange, { workspace: caller.workspaceId });
  return row ? integer(row, 'newest') : 0;
}

export async function eventFloor(tx: Tx, { caller }: Call): Promise<number> {
  const row = await tx.get(eventSql.eventRange, { workspace: caller.workspaceId });
  return row ? integer(row, 'floor') : 0;
}
