/** Workspace events: numbered by a counter of the workspace, in the transaction of the change itself. */
import type { WorkspaceEvent } from '../../../protocol/events.ts';
import { topics, type Tx } from '../engine.ts';
import { count, eventOf } from '../rows.ts';

interface Subject {
  readonly itemId?: string | null;
  readonly sessionId?: string | null;
}

export async function emit(tx: Tx, now: number, workspaceId: string, type: WorkspaceEvent['type'], subject: Subject): Promise<void> {
  const n = count(await tx.get('nextEvent', [workspaceId]));
  await tx.insert('event', {
    workspace_id: workspaceId,
    n,
    type,
    item_id: subject.itemId ?? null,
    session_id: subject.sessionId ?? null,
    at: now,
  });
  tx.wake(topics.workspace(workspaceId));
}

export async function eventsAfter(tx: Tx, workspaceId: string, after: number, limit: number): Promise<WorkspaceEvent[]> {
  return (await tx.all('eventsAfter', [workspaceId, after, limit])).map(eventOf);
}

export async function lastEvent(tx: Tx, workspaceId: string): Promise<number> {
  return count(await tx.get('lastEvent', [workspaceId]));
}
