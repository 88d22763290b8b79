/** Workspace events: numbered by a counter of the workspace, in the transaction of the change itself. */
import type { WorkspaceEvent } from '../../../protocol/events.ts';
import { topics, type Tx } from '../engine.ts';
import { count, eventOf } from '../rows.ts';

interface Subject {
  readonly itemId?: string | null;
  readonly sessionId?: string | null;
}

export function emit(tx: Tx, now: number, workspaceId: string, type: WorkspaceEvent['type'], subject: Subject): void {
  tx.events.push({ workspaceId, type, itemId: subject.itemId ?? null, sessionId: subject.sessionId ?? null, at: now });
  tx.wake(topics.workspace(workspaceId));
}

/** Numbers and writes what the transaction emitted: its last statements. */
export async function writeEvents(tx: Tx): Promise<void> {
  for (const workspaceId of new Set(tx.events.map((event) => event.workspaceId))) {
    const events = tx.events.filter((event) => event.workspaceId === workspaceId);
    const first = count(await tx.get('nextEvents', [workspaceId, events.length])) - events.length + 1;
    const rows = events.map((event, index) => ({
      workspace_id: workspaceId,
      n: first + index,
      type: event.type,
      item_id: event.itemId,
      session_id: event.sessionId,
      at: event.at,
    }));
    await tx.insert('event', ...rows);
  }
}

export async function eventsAfter(tx: Tx, workspaceId: string, after: number, limit: number): Promise<WorkspaceEvent[]> {
  return (await tx.all('eventsAfter', [workspaceId, after, limit])).map(eventOf);
}

export async function lastEvent(tx: Tx, workspaceId: string): Promise<number> {
  return count(await tx.get('lastEvent', [workspaceId]));
}
