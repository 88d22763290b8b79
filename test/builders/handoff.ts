import type { Handoff } from '../../protocol/records.ts';

export const aHandoff = (over: Partial<Handoff> = {}): Handoff => ({
  id: 'hnd_1',
  itemId: 'item_1',
  target: 'tool',
  targetName: 'Tool',
  mode: 'code',
  state: 'open',
  detail: '',
  repositoryId: null,
  baseCommit: null,
  result: null,
  by: 'mem_1',
  createdAt: 1,
  closedAt: null,
  ...over,
});
