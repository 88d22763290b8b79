import type { Activity, LateActivity } from '../../../../protocol/activities.ts';
import type * as r from '../../../../protocol/records.ts';
import { text, textOrNull, integer, integerOrNull, parsed, parsedOrNull } from '../../base/rows.ts';
import type { Row } from '../../base/values.ts';

/** From the `sessionView` statements, which add names and what stands beside a session. */
export function sessionOf(row: Row): r.StoredSession {
  const leaseEnd = integerOrNull(row, 'lease_end');
  const id = text(row, 'id');
  return {
    id,
    workspaceId: text(row, 'workspace_id'),
    itemId: textOrNull(row, 'item_id'),
    itemKey: textOrNull(row, 'item_key'),
    title: text(row, 'title'),
    agentId: text(row, 'agent_id'),
    agentName: text(row, 'agent_name'),
    mode: text(row, 'mode') as r.SessionMode,
    execution: text(row, 'execution') as r.Execution,
    initiatorId: text(row, 'initiator_id'),
    ownerId: text(row, 'owner_id'),
    repositoryId: textOrNull(row, 'repository_id'),
    baseCommit: textOrNull(row, 'base_commit'),
    state: text(row, 'state') as r.SessionState,
    attempt: integer(row, 'attempt'),
    maxAttempts: integer(row, 'max_attempts'),
    parentSessionId: textOrNull(row, 'parent_session_id'),
    lineId: text(row, 'line_id'),
    claim:
      leaseEnd === null
        ? null
        : {
            sessionId: id,
            workerId: text(row, 'claim_worker_id'),
            instanceId: text(row, 'claim_instance_id'),
            fence: integer(row, 'fence'),
            leaseEnd,
          },
    fence: integer(row, 'fence'),
    lastSeq: integer(row, 'last_seq'),
    plan: parsed(row, 'plan'),
    urls: parsed(row, 'urls'),
    sandboxStep: textOrNull(row, 'sandbox_step') as r.SandboxStep | null,
    result: parsedOrNull(row, 'result'),
    usage: parsedOrNull(row, 'usage'),
    error: parsedOrNull(row, 'error'),
    cancelRequestedAt: integerOrNull(row, 'cancel_requested_at'),
    notBefore: integerOrNull(row, 'not_before'),
    itemChanged: textOrNull(row, 'item_changed') as r.StoredSession['itemChanged'],
    openInputs: integer(row, 'open_inputs'),
    review: textOrNull(row, 'review') as r.ReviewDecision | null,
    superseded: integer(row, 'superseded') > 0,
    createdAt: integer(row, 'created_at'),
    queuedAt: integerOrNull(row, 'queued_at'),
    startedAt: integerOrNull(row, 'started_at'),
    finishedAt: integerOrNull(row, 'finished_at'),
    expiresAt: integer(row, 'expires_at'),
    archivedAt: integerOrNull(row, 'archived_at'),
  };
}

export const snapshotOf = (row: Row): Pick<r.SessionDetail, 'instructions' | 'context'> => ({
  instructions: parsed(row, 'instructions'),
  context: parsed(row, 'context'),
});

export const activityOf = (row: Row): Activity =>
  ({
    sessionId: text(row, 'session_id'),
    seq: integer(row, 'seq'),
    fence: integer(row, 'fence'),
    key: text(row, 'key'),
    at: integer(row, 'at'),
    receivedAt: integer(row, 'received_at'),
    kind: text(row, 'kind'),
    body: parsed(row, 'body'),
  }) as Activity;

export const lateActivityOf = (row: Row): LateActivity =>
  ({
    sessionId: text(row, 'session_id'),
    fence: integer(row, 'fence'),
    key: text(row, 'key'),
    at: integer(row, 'at'),
    receivedAt: integer(row, 'received_at'),
    kind: text(row, 'kind'),
    body: parsed(row, 'body'),
  }) as LateActivity;
