import type { Review } from '../../protocol/records.ts';

export const aReview = (over: Partial<Review> = {}): Review => ({
  id: 'rev_1',
  sessionId: 'ses_1',
  decision: 'accepted',
  by: 'mem_1',
  commit: null,
  note: '',
  at: 1,
  ...over,
});
