import type { Message } from '../../protocol/records.ts';

export const aMessage = (over: Partial<Message> = {}): Message => ({
  id: 'msg_1',
  sessionId: 'ses_1',
  authorId: 'mem_1',
  kind: 'follow_up',
  body: 'And the tests?',
  createdAt: 1,
  deliveredAt: null,
  acknowledgedAt: null,
  ...over,
});
