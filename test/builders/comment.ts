import type { Comment } from '../../protocol/records.ts';

export const aComment = (over: Partial<Comment> = {}): Comment => ({
  id: 'cmt_1',
  itemId: 'item_1',
  authorId: 'mem_1',
  authorName: 'Ann',
  origin: 'person',
  sessionId: null,
  body: 'It happens on Firefox only.',
  createdAt: 1,
  ...over,
});
