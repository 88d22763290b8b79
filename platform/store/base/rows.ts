/** Rows to records. */
import type { Activity, LateActivity } from '../../../protocol/activities.ts';
import type { WorkspaceEvent } from '../../../protocol/events.ts';
import type * as r from '../../../protocol/records.ts';
import type { Row } from './engine.ts';

const s = (row: Row, name: string): string => row[name] as string;
const sn = (row: Row, name: string): string | null => (row[name] ?? null) as string | null;
const i = (row: Row, name: string): number => Number(row[name]);
const iN = (row: Row, name: string): number | null => (row[name] === null || row[name] === undefined ? null : Number(row[name]));
const j = <T>(row: Row, name: string): T => JSON.parse(s(row, name)) as T;
const jn = <T>(row: Row, name: string): T | null => (row[name] === null || row[name] === undefined ? null : j<T>(row, name));

export const count = (row: Row | undefined): number => (row ? i(row, 'n') : 0);
export const text = s;
export const integer = i;
export const integerOrNull = iN;
export const jsonOrNull = (value: unknown): string | null => (value === null || value === undefined ? null : JSON.stringify(value));

export const memberOf = (row: Row): r.Member => ({
  id: s(row, 'id'),
  workspaceId: s(row, 'workspace_id'),
  name: s(row, 'name'),
  role: s(row, 'role') as r.Member['role'],
  createdAt: i(row, 'created_at'),
});

export const itemOf = (row: Row): r.StoredItem => ({
  id: s(row, 'id'),
  workspaceId: s(row, 'workspace_id'),
  key: s(row, 'key'),
  kind: s(row, 'kind') as r.ItemKind,
  title: s(row, 'title'),
  description: s(row, 'description'),
  status: s(row, 'status') as r.ItemStatus,
  priority: s(row, 'priority') as r.Priority,
  assigneeIds: j(row, 'assignee_ids'),
  parentId: sn(row, 'parent_id'),
  labels: j(row, 'labels'),
  repositoryId: sn(row, 'repository_id'),
  links: j(row, 'links'),
  source: jn(row, 'source'),
  version: i(row, 'version'),
  createdAt: i(row, 'created_at'),
  updatedAt: i(row, 'updated_at'),
});

export const commentOf = (row: Row): r.Comment => ({
  id: s(row, 'id'),
  itemId: s(row, 'item_id'),
  authorId: sn(row, 'author_id'),
  authorName: s(row, 'author_name'),
  origin: s(row, 'origin') as r.Comment['origin'],
  sessionId: sn(row, 'session_id'),
  body: s(row, 'body'),
  createdAt: i(row, 'created_at'),
});

export const documentOf = (row: Row): r.Document => ({
  id: s(row, 'id'),
  itemId: s(row, 'item_id'),
  title: s(row, 'title'),
  body: s(row, 'body'),
  version: i(row, 'version'),
  createdAt: i(row, 'created_at'),
  updatedAt: i(row, 'updated_at'),
});

export const handoffOf = (row: Row): r.Handoff => ({
  id: s(row, 'id'),
  itemId: s(row, 'item_id'),
  target: s(row, 'target'),
  targetName: s(row, 'target_name'),
  mode: s(row, 'mode') as r.SessionMode,
  state: s(row, 'state') as r.Handoff['state'],
  detail: s(row, 'detail'),
  repositoryId: sn(row, 'repository_id'),
  baseCommit: sn(row, 'base_commit'),
  result: jn(row, 'result'),
  by: s(row, 'by_id'),
  createdAt: i(row, 'created_at'),
  closedAt: iN(row, 'closed_at'),
});

export const repositoryOf = (row: Row): r.Repository => ({
  id: s(row, 'id'),
  workspaceId: s(row, 'workspace_id'),
  name: s(row, 'name'),
  remote: sn(row, 'remote'),
  rootCommit: sn(row, 'root_commit'),
  subdirectory: s(row, 'subdirectory'),
  defaultBranch: s(row, 'default_branch'),
  createdAt: i(row, 'created_at'),
});

/** `as`: what a view put before each of the columns. */
export const agentOf = (row: Row, as = ''): r.StoredAgent => ({
  id: s(row, `${as}id`),
  workspaceId: s(row, `${as}workspace_id`),
  slug: s(row, `${as}slug`),
  name: s(row, `${as}name`),
  execution: s(row, `${as}execution`) as r.Execution,
  ownerId: sn(row, `${as}owner_id`),
  driver: s(row, `${as}driver`),
  instructions: s(row, `${as}instructions`),
  policy: j(row, `${as}policy`),
  oauthAppId: sn(row, `${as}oauth_app_id`),
  createdAt: i(row, `${as}created_at`),
});

export const workerOf = (row: Row): r.Worker => ({
  id: s(row, 'id'),
  workspaceId: s(row, 'workspace_id'),
  ownerId: s(row, 'owner_id'),
  machine: s(row, 'machine'),
  execution: s(row, 'execution') as r.Execution,
  agentIds: j(row, 'agent_ids'),
  seenAt: iN(row, 'seen_at'),
  capacity: i(row, 'capacity'),
  createdAt: i(row, 'created_at'),
});

export const instanceOf = (row: Row): r.Instance => ({
  id: s(row, 'id'),
  workerId: s(row, 'worker_id'),
  program: s(row, 'program'),
  version: s(row, 'version'),
  startedAt: i(row, 'started_at'),
  seenAt: i(row, 'seen_at'),
});

/** From the `sessionView` statements, which add names and what stands beside a session. */
export function sessionOf(row: Row): r.StoredSession {
  const leaseEnd = iN(row, 'lease_end');
  const id = s(row, 'id');
  return {
    id,
    workspaceId: s(row, 'workspace_id'),
    itemId: sn(row, 'item_id'),
    itemKey: sn(row, 'item_key'),
    title: s(row, 'title'),
    agentId: s(row, 'agent_id'),
    agentName: s(row, 'agent_name'),
    mode: s(row, 'mode') as r.SessionMode,
    execution: s(row, 'execution') as r.Execution,
    initiatorId: s(row, 'initiator_id'),
    ownerId: s(row, 'owner_id'),
    repositoryId: sn(row, 'repository_id'),
    baseCommit: sn(row, 'base_commit'),
    state: s(row, 'state') as r.SessionState,
    attempt: i(row, 'attempt'),
    maxAttempts: i(row, 'max_attempts'),
    parentSessionId: sn(row, 'parent_session_id'),
    lineId: s(row, 'line_id'),
    claim:
      leaseEnd === null
        ? null
        : {
            sessionId: id,
            workerId: s(row, 'claim_worker_id'),
            instanceId: s(row, 'claim_instance_id'),
            fence: i(row, 'fence'),
            leaseEnd,
          },
    fence: i(row, 'fence'),
    lastSeq: i(row, 'last_seq'),
    plan: j(row, 'plan'),
    urls: j(row, 'urls'),
    sandboxStep: sn(row, 'sandbox_step') as r.SandboxStep | null,
    result: jn(row, 'result'),
    usage: jn(row, 'usage'),
    error: jn(row, 'error'),
    cancelRequestedAt: iN(row, 'cancel_requested_at'),
    notBefore: iN(row, 'not_before'),
    itemChanged: sn(row, 'item_changed') as r.StoredSession['itemChanged'],
    openInputs: i(row, 'open_inputs'),
    review: sn(row, 'review') as r.ReviewDecision | null,
    superseded: i(row, 'superseded') > 0,
    createdAt: i(row, 'created_at'),
    queuedAt: iN(row, 'queued_at'),
    startedAt: iN(row, 'started_at'),
    finishedAt: iN(row, 'finished_at'),
    expiresAt: i(row, 'expires_at'),
    archivedAt: iN(row, 'archived_at'),
  };
}

export const snapshotOf = (row: Row): Pick<r.SessionDetail, 'instructions' | 'context'> => ({
  instructions: j(row, 'instructions'),
  context: j(row, 'context'),
});

export const activityOf = (row: Row): Activity =>
  ({
    sessionId: s(row, 'session_id'),
    seq: i(row, 'seq'),
    fence: i(row, 'fence'),
    key: s(row, 'key'),
    at: i(row, 'at'),
    receivedAt: i(row, 'received_at'),
    kind: s(row, 'kind'),
    body: j(row, 'body'),
  }) as Activity;

export const lateActivityOf = (row: Row): LateActivity =>
  ({
    sessionId: s(row, 'session_id'),
    fence: i(row, 'fence'),
    key: s(row, 'key'),
    at: i(row, 'at'),
    receivedAt: i(row, 'received_at'),
    kind: s(row, 'kind'),
    body: j(row, 'body'),
  }) as LateActivity;

export const inputOf = (row: Row): r.Input => ({
  id: s(row, 'id'),
  sessionId: s(row, 'session_id'),
  fence: i(row, 'fence'),
  kind: s(row, 'kind') as r.Input['kind'],
  actionHash: s(row, 'action_hash'),
  title: s(row, 'title'),
  detail: s(row, 'detail'),
  options: j(row, 'options'),
  acceptsText: i(row, 'accepts_text') === 1,
  state: s(row, 'state') as r.Input['state'],
  answer: jn(row, 'answer'),
  answeredBy: sn(row, 'answered_by'),
  askedAt: i(row, 'asked_at'),
  expiresAt: i(row, 'expires_at'),
  answeredAt: iN(row, 'answered_at'),
  deliveredAt: iN(row, 'delivered_at'),
});

export const messageOf = (row: Row): r.Message => ({
  id: s(row, 'id'),
  sessionId: s(row, 'session_id'),
  authorId: s(row, 'author_id'),
  kind: s(row, 'kind') as r.Message['kind'],
  body: s(row, 'body'),
  createdAt: i(row, 'created_at'),
  deliveredAt: iN(row, 'delivered_at'),
  acknowledgedAt: iN(row, 'acknowledged_at'),
});

export const reviewOf = (row: Row): r.Review => ({
  id: s(row, 'id'),
  sessionId: s(row, 'session_id'),
  decision: s(row, 'decision') as r.ReviewDecision,
  by: s(row, 'by_id'),
  commit: sn(row, 'commit_id'),
  note: s(row, 'note'),
  at: i(row, 'at'),
});

export const eventOf = (row: Row): WorkspaceEvent => ({
  n: i(row, 'n'),
  type: s(row, 'type') as WorkspaceEvent['type'],
  itemId: sn(row, 'item_id'),
  sessionId: sn(row, 'session_id'),
  at: i(row, 'at'),
});
