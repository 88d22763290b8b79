import type { WorkItem } from '../../protocol/records.ts';

export const anItem = (over: Partial<WorkItem> = {}): WorkItem => ({
  id: 'item_1',
  workspaceId: 'wsp_1',
  key: 'BUG-1',
  kind: 'bug',
  title: 'A bug',
  description: '',
  status: 'open',
  priority: 'none',
  assigneeIds: [],
  parentId: null,
  labels: [],
  repositoryId: null,
  links: [],
  source: null,
  version: 1,
  createdAt: 1,
  updatedAt: 1,
  can: ['edit', 'comment', 'hand_off'],
  ...over,
});
