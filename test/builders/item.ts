import type { StoredItem, WorkItem } from '../../protocol/records.ts';

export const aStoredItem = (over: Partial<StoredItem> = {}): StoredItem => ({
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
  ...over,
});

/** As a reply has it: with what the caller may do. */
export const anItem = ({ can = ['edit', 'comment', 'hand_off'], ...over }: Partial<WorkItem> = {}): WorkItem => ({
  ...aStoredItem(over),
  can,
});
