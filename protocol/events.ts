/**
 * Server-sent events. A workspace stream is numbered by a per-workspace counter written in the
 * same transaction as the change; a session stream by the activity's own gapless number.
 */
import * as z from 'zod';
import { Activity } from './activities.ts';
import { Id } from './records.ts';

export const workspaceEventTypes = [
  'item.created',
  'item.updated',
  'comment.created',
  'handoff.changed',
  'session.created',
  'session.changed',
  'session.input',
  'session.review',
  'worker.changed',
  'agent.changed',
] as const;
export type WorkspaceEventType = (typeof workspaceEventTypes)[number];
/** Says what changed, never how it looks now: a reader fetches that, so a repeated event is harmless. */
export const WorkspaceEvent = z.object({
  n: z.int(),
  type: z.enum(workspaceEventTypes),
  itemId: Id.nullable(),
  sessionId: Id.nullable(),
  at: z.int(),
});
export type WorkspaceEvent = z.infer<typeof WorkspaceEvent>;

export const SessionStreamEvent = Activity;
