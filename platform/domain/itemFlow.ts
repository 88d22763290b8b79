/** What happens to the work on an item does to the item itself. Decided in one transaction with its cause. */
import type { ItemStatus, ReviewDecision, SessionMode, SessionResult } from '../../protocol/records.ts';

/** Nobody has begun with it. */
const waiting: readonly ItemStatus[] = ['idea', 'open', 'planned'];

export type Cause =
  | { readonly kind: 'queued'; readonly mode: SessionMode }
  /** A tool that reports nothing has it. */
  | { readonly kind: 'taken' }
  /** What such a tool did was recorded. */
  | { readonly kind: 'recorded' }
  | { readonly kind: 'reviewed'; readonly decision: ReviewDecision; readonly mode: SessionMode };

/** The modes whose result is what the item asked for. */
const finishing: readonly SessionMode[] = ['code', 'fix'];

/** What the item's status becomes; null where it stays. */
export function statusAfter(status: ItemStatus, cause: Cause): ItemStatus | null {
  switch (cause.kind) {
    case 'queued':
      return finishing.includes(cause.mode) && waiting.includes(status) ? 'in_progress' : null;
    case 'taken':
      return waiting.includes(status) ? 'in_progress' : null;
    case 'recorded':
      return waiting.includes(status) || status === 'in_progress' ? 'in_review' : null;
    case 'reviewed':
      return afterReview(status, cause);
  }
}

function afterReview(status: ItemStatus, { decision, mode }: { decision: ReviewDecision; mode: SessionMode }): ItemStatus | null {
  switch (decision) {
    case 'accepted':
      return finishing.includes(mode) && status !== 'cancelled' && status !== 'completed' ? 'completed' : null;
    case 'undone':
      return finishing.includes(mode) && status === 'completed' ? 'in_review' : null;
    case 'sent_back':
      return status === 'in_review' || status === 'completed' ? 'in_progress' : null;
    case 'discarded':
      return status === 'in_review' ? 'planned' : null;
    case 'closed':
      return null;
  }
}

/** Whether it may end the work on the item. */
export const finishes = (cause: Cause): boolean => cause.kind === 'reviewed' && cause.decision === 'accepted';

/** The modes in which a session with this result leaves its item for a person to review. */
export const modesForReview = (result: SessionResult): readonly SessionMode[] => (result.outcome === 'changes' ? finishing : []);
