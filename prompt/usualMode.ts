import type { SessionMode, WorkItem } from '../protocol/records.ts';

/** What is done with an item when nobody says otherwise. */
export function usualMode(item: Pick<WorkItem, 'status' | 'kind'>): SessionMode {
  if (item.status === 'completed' || item.status === 'in_review') return 'review';
  if (item.kind === 'bug') return 'fix';
  return item.kind === 'initiative' ? 'plan' : 'code';
}
