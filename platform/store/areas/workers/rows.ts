import type * as r from '../../../../protocol/records.ts';
import { text, textOrNull, integer, integerOrNull, parsed } from '../../base/rows.ts';
import type { Row } from '../../base/values.ts';

export const repositoryOf = (row: Row): r.Repository => ({
  id: text(row, 'id'),
  workspaceId: text(row, 'workspace_id'),
  name: text(row, 'name'),
  remote: textOrNull(row, 'remote'),
  rootCommit: textOrNull(row, 'root_commit'),
  subdirectory: text(row, 'subdirectory'),
  defaultBranch: text(row, 'default_branch'),
  createdAt: integer(row, 'created_at'),
});

/** `as`: what a view put before each of the columns. */
export const agentOf = (row: Row, as = ''): r.StoredAgent => ({
  id: text(row, `${as}id`),
  workspaceId: text(row, `${as}workspace_id`),
  slug: text(row, `${as}slug`),
  name: text(row, `${as}name`),
  execution: text(row, `${as}execution`) as r.Execution,
  ownerId: textOrNull(row, `${as}owner_id`),
  driver: text(row, `${as}driver`),
  instructions: text(row, `${as}instructions`),
  policy: parsed(row, `${as}policy`),
  createdAt: integer(row, `${as}created_at`),
});

export const workerOf = (row: Row): r.Worker => ({
  id: text(row, 'id'),
  workspaceId: text(row, 'workspace_id'),
  ownerId: text(row, 'owner_id'),
  machine: text(row, 'machine'),
  execution: text(row, 'execution') as r.Execution,
  agentIds: parsed(row, 'agent_ids'),
  seenAt: integerOrNull(row, 'seen_at'),
  capacity: integer(row, 'capacity'),
  createdAt: integer(row, 'created_at'),
});

export const instanceOf = (row: Row): r.Instance => ({
  id: text(row, 'id'),
  workerId: text(row, 'worker_id'),
  program: text(row, 'program'),
  version: text(row, 'version'),
  startedAt: integer(row, 'started_at'),
  seenAt: integer(row, 'seen_at'),
});
