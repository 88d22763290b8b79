import type { Activity, ActivityContent } from '../../protocol/activities.ts';

export const anActivity = (content: ActivityContent, over: Partial<Omit<Activity, keyof ActivityContent>> = {}): Activity => {
  const { seq = 1, at = seq } = over;
  return { sessionId: 'ses_1', seq, fence: 1, key: `k${seq}`, at, receivedAt: at, ...over, ...content };
};
