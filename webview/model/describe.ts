/** Words and icons of states, kinds and the like. The words are English: the views translate them. */
import type { ItemRow, RowActivity } from '../../protocol/panelPages.ts';
import type {
  ItemKind,
  ItemStatus,
  Priority,
  Session,
  SessionMode,
  SandboxStep,
  SessionState,
  ReviewDecision,
} from '../../protocol/records.ts';
import type { RunPhase } from '../../protocol/activities.ts';

/** Colour by meaning, never alone: an icon and a word always say the same. */
export type Tone = 'run' | 'ok' | 'wait' | 'bad' | 'dim';
export interface Look {
  readonly icon: string;
  readonly tone: Tone;
  readonly word: string;
}

export const statusWords: Record<ItemStatus, string> = {
  idea: 'Idea',
  open: 'Open',
  planned: 'Planned',
  in_progress: 'In progress',
  in_review: 'In review',
  blocked: 'Blocked',
  completed: 'Completed',
  cancelled: 'Cancelled',
};
export const kindWords: Record<ItemKind, string> = { initiative: 'Initiative', bug: 'Bug', todo: 'Todo' };
export const kindPlurals: Record<ItemKind, string> = { initiative: 'Initiatives', bug: 'Bugs', todo: 'Todos' };
export const kindIcons: Record<ItemKind, string> = { initiative: 'rocket', bug: 'bug', todo: 'checklist' };
export const priorityWords: Record<Priority, string> = {
  urgent: 'Urgent',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
  none: 'No priority',
};
export const modeWords: Record<SessionMode, string> = { plan: 'Plan', code: 'Code', review: 'Review', fix: 'Fix' };
export const stepWords: Record<SandboxStep, string> = {
  ours: 'our sandbox',
  agent: "agent's own sandbox",
  mediated: 'mediated, read-only',
  none: 'no sandbox',
};
export const phaseWords: Record<RunPhase, string> = {
  bind: 'Repository',
  clone: 'Private clone',
  bootstrap: 'Set-up',
  sandbox: 'Sandbox',
  prompt: 'Prompt',
  agent: 'Agent',
  gate: 'Hand-over check',
  result: 'Result',
};
export const decisionLooks: Record<ReviewDecision, Look> = {
  accepted: { icon: 'pass-filled', tone: 'ok', word: 'Accepted' },
  sent_back: { icon: 'reply', tone: 'wait', word: 'Sent back' },
  discarded: { icon: 'trash', tone: 'dim', word: 'Discarded' },
  undone: { icon: 'discard', tone: 'dim', word: 'Undone' },
  closed: { icon: 'circle-slash', tone: 'dim', word: 'Closed' },
};

const rowLooks: Record<RowActivity['state'], Look> = {
  needs_me: { icon: 'question', tone: 'wait', word: 'Needs me' },
  running: { icon: 'sync', tone: 'run', word: 'Running' },
  queued: { icon: 'watch', tone: 'dim', word: 'Queued' },
  review: { icon: 'git-pull-request-go-to-changes', tone: 'ok', word: 'Review' },
  failed: { icon: 'error', tone: 'bad', word: 'Failed' },
  stale: { icon: 'debug-disconnect', tone: 'wait', word: 'Lost its worker' },
  handed_off: { icon: 'link-external', tone: 'dim', word: 'Handed off' },
  accepted: { icon: 'pass', tone: 'ok', word: 'Accepted' },
};
export function rowLook(activity: NonNullable<ItemRow['activity']>): Look {
  return rowLooks[activity.state];
}

const stateLooks: Record<SessionState, Look> = {
  pending: { icon: 'clock', tone: 'dim', word: 'Waiting' },
  queued: { icon: 'watch', tone: 'dim', word: 'Queued' },
  active: { icon: 'sync', tone: 'run', word: 'Running' },
  awaiting_input: { icon: 'question', tone: 'wait', word: 'Asks you' },
  stale: { icon: 'debug-disconnect', tone: 'wait', word: 'Lost its worker' },
  complete: { icon: 'pass', tone: 'ok', word: 'Done' },
  error: { icon: 'error', tone: 'bad', word: 'Failed' },
  cancelled: { icon: 'circle-slash', tone: 'dim', word: 'Stopped' },
};

/** How a session stands, its review included: finished changes wait for the person. */
export function sessionLook(session: Session): Look {
  if (session.state === 'active' && session.cancelRequestedAt !== null) return { icon: 'sync', tone: 'wait', word: 'Stopping' };
  if (session.state === 'complete') {
    if (session.review !== null && session.review !== 'undone') return decisionLooks[session.review];
    if (session.result?.outcome === 'changes') return { icon: 'git-pull-request-go-to-changes', tone: 'ok', word: 'Ready for review' };
    if (session.result?.outcome === 'no_changes')
      return session.result.heldBack.length > 0
        ? { icon: 'circle-slash', tone: 'wait', word: 'Everything was held back' }
        : { icon: 'circle-large-outline', tone: 'dim', word: 'Finished without changes' };
  }
  return stateLooks[session.state];
}

export function isRunning(session: Session): boolean {
  return session.state === 'active' || (session.state === 'awaiting_input' && session.claim !== null);
}
