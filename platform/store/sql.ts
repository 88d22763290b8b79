/**
 * Every statement, named. `$1` places are read by both engines; what differs is in the dialect.
 * Steps of the state table become SQL here, so a statement cannot move a session where the table does not.
 */
import { stateTable, type SessionEventName } from '../../protocol/states.ts';

export interface Dialect {
  /** True when `column` is one of a list that is sent as JSON text. */
  readonly among: (column: string, place: string) => string;
  /** True when that list is empty. */
  readonly empty: (place: string) => string;
  /** True when the JSON list in `column` holds the text `place`. */
  readonly has: (column: string, place: string) => string;
  /** After a SELECT: its rows are ours until the transaction ends; we wait for those that others have. */
  readonly lock: string;
  /** The same without waiting: rows that others have are left out. */
  readonly lockFree: string;
  /** An expression that waits until no other transaction holds the name at `place`, and holds it to the end of this one. */
  readonly alone: (place: string) => string;
}

/**
 * `where`: the standings from which `event` is legal (`held`: only those with, or without, a live claim).
 * `set`: the state it leads to; a claim that ends clears the lease.
 */
function step(event: SessionEventName, held?: boolean): { readonly where: string; readonly set: string } {
  const rows = stateTable.filter((row) => row.on === event && (held === undefined || row.held === held));
  const [target, ...others] = new Set(rows.map((row) => row.to));
  if (target === undefined || others.length > 0) throw new Error(`"${event}" does not lead to one state.`);
  const part = (live: boolean): string[] => {
    const states = rows.filter((row) => row.held === live).map((row) => `'${row.from}'`);
    return states.length === 0 ? [] : [`(state IN (${states.join(', ')}) AND lease_end IS ${live ? 'NOT NULL' : 'NULL'})`];
  };
  const keepsClaim = rows.every((row) => row.holds);
  return {
    where: `(${[...part(true), ...part(false)].join(' OR ')})`,
    set: keepsClaim ? `state = '${target}'` : `state = '${target}', lease_end = NULL`,
  };
}

/** The guard of every worker write: session, fence, instance, and a claim that still lives. */
const holder = 'id = $1 AND fence = $2 AND claim_instance_id = $3 AND lease_end IS NOT NULL';

const moved = (event: SessionEventName, guard: string, set: string, held?: boolean): string => {
  const { where, set: state } = step(event, held);
  return `UPDATE session SET ${state}${set ? `, ${set}` : ''} WHERE ${guard} AND ${where} RETURNING *`;
};
const requeued = 'queued_at = $2, expires_at = $3, stale_until = NULL, not_before = NULL';

const sessionView = `
  SELECT s.*, a.name AS agent_name, i.key AS item_key, ar.archived_at AS archived_at,
    (SELECT COUNT(*) FROM input q WHERE q.session_id = s.id AND q.state = 'open') AS open_inputs,
    (SELECT r.decision FROM review r WHERE r.session_id = s.id ORDER BY r.n DESC LIMIT 1) AS review
  FROM session s JOIN agent a ON a.id = s.agent_id
    LEFT JOIN item i ON i.id = s.item_id LEFT JOIN session_archive ar ON ar.session_id = s.id`;

/** What follows the entry named by $2 and $3 in a list sorted by `column` and id. */
const afterName = (column: string): string => `(CAST($2 AS TEXT) IS NULL OR ${column} > $2 OR (${column} = $2 AND id > $3))`;

export function sqlTexts(d: Dialect) {
  const itemFilter = `workspace_id = $1
    AND (CAST($2 AS TEXT) IS NULL OR ${d.has('assignee_ids', '$2')})
    AND (${d.empty('$3')} OR ${d.among('kind', '$3')}) AND (${d.empty('$4')} OR ${d.among('status', '$4')})
    AND (CAST($5 AS TEXT) IS NULL OR parent_id = $5)
    AND (CAST($6 AS TEXT) IS NULL OR LOWER(title) LIKE $6 ESCAPE '\\' OR LOWER(key) LIKE $6 ESCAPE '\\' OR LOWER(description) LIKE $6 ESCAPE '\\')`;
  const sessionFilter = `s.workspace_id = $1
    AND (CAST($2 AS TEXT) IS NULL OR s.item_id = $2) AND (${d.empty('$3')} OR ${d.among('s.state', '$3')})
    AND (CAST($4 AS TEXT) IS NULL OR s.line_id = $4)
    AND ($5 = 'any' OR ($5 = 'yes' AND ar.session_id IS NOT NULL) OR ($5 = 'no' AND ar.session_id IS NULL))`;
  const claimed = `fence = fence + 1, attempt = attempt + 1 - uncounted, uncounted = 0, claim_worker_id = $1, claim_instance_id = $2,
    lease_end = $3, started_at = COALESCE(started_at, $4), stale_until = NULL`;
  return {
    // What a transaction takes before it looks, so that nobody changes it between the look and the write
    lockSession: `SELECT id FROM session WHERE id = $1 ${d.lock}`,
    lockItem: `SELECT id FROM item WHERE workspace_id = $1 AND id = $2 ${d.lock}`,
    alone: `SELECT ${d.alone('$1')} AS alone`,

    // Workspace and members
    firstWorkspace: 'SELECT * FROM workspace ORDER BY created_at, id LIMIT 1',
    workspaceOwner: "SELECT * FROM member WHERE workspace_id = $1 AND role = 'owner' ORDER BY created_at, id LIMIT 1",
    nextEvents: 'UPDATE workspace SET event_counter = event_counter + $2 WHERE id = $1 RETURNING event_counter AS n',
    lastEvent: 'SELECT event_counter AS n FROM workspace WHERE id = $1',
    eventsAfter: 'SELECT * FROM event WHERE workspace_id = $1 AND n > $2 ORDER BY n LIMIT $3',
    nextInitiative: 'UPDATE workspace SET initiative_counter = initiative_counter + 1 WHERE id = $1 RETURNING initiative_counter AS n',
    nextBug: 'UPDATE workspace SET bug_counter = bug_counter + 1 WHERE id = $1 RETURNING bug_counter AS n',
    nextTodo: 'UPDATE workspace SET todo_counter = todo_counter + 1 WHERE id = $1 RETURNING todo_counter AS n',
    onceReply: 'SELECT hash, reply FROM idempotency_key WHERE workspace_id = $1 AND member_id = $2 AND key = $3',
    forgetOnce: 'DELETE FROM idempotency_key WHERE created_at < $1',

    // Items
    itemToReview: `UPDATE item SET status = 'in_review', version = version + 1, updated_at = $2 WHERE id = $1 AND status = 'in_progress' RETURNING workspace_id`,
    itemById: 'SELECT * FROM item WHERE workspace_id = $1 AND (id = $2 OR key = $2)',
    itemList: `SELECT * FROM item WHERE ${itemFilter}
      AND (CAST($7 AS BIGINT) IS NULL OR updated_at < $7 OR (updated_at = $7 AND id < $8)) ORDER BY updated_at DESC, id DESC LIMIT $9`,
    itemCount: `SELECT COUNT(*) AS n FROM item WHERE ${itemFilter}`,
    itemChildren: 'SELECT * FROM item WHERE parent_id = $1 ORDER BY created_at, id LIMIT $2',
    itemParent: 'SELECT parent_id FROM item WHERE id = $1',
    itemUpdate: `UPDATE item SET title = $4, description = $5, status = $6, priority = $7, assignee_ids = $8, parent_id = $9, labels = $10,
      repository_id = $11, links = $12, version = $3 + 1, updated_at = $13 WHERE workspace_id = $1 AND id = $2 AND version = $3`,
    itemSessions: `SELECT * FROM session WHERE item_id = $1 AND state NOT IN ('complete', 'error', 'cancelled') ORDER BY id ${d.lock}`,
    commentsNewest: 'SELECT * FROM comment WHERE item_id = $1 ORDER BY n DESC LIMIT $2',
    commentList: 'SELECT * FROM comment WHERE item_id = $1 AND n > $2 ORDER BY n LIMIT $3',
    commentNext: 'SELECT COALESCE(MAX(n), 0) + 1 AS n FROM comment WHERE item_id = $1',
    documentList: 'SELECT * FROM document WHERE item_id = $1 ORDER BY created_at, id',
    documentCount: 'SELECT COUNT(*) AS n FROM document WHERE item_id = $1',
    handoffById: 'SELECT h.* FROM handoff h JOIN item i ON i.id = h.item_id WHERE i.workspace_id = $1 AND h.id = $2',
    handoffList: `SELECT h.* FROM handoff h JOIN item i ON i.id = h.item_id WHERE i.workspace_id = $1
      AND (CAST($2 AS TEXT) IS NULL OR h.item_id = $2) AND (${d.empty('$3')} OR ${d.among('h.state', '$3')})
      AND (CAST($4 AS BIGINT) IS NULL OR h.created_at < $4 OR (h.created_at = $4 AND h.id < $5)) ORDER BY h.created_at DESC, h.id DESC LIMIT $6`,
    handoffClose: "UPDATE handoff SET state = $2, result = $3, closed_at = $4 WHERE id = $1 AND state = 'open'",

    // Repositories, agents, workers
    repositoryById: 'SELECT * FROM repository WHERE workspace_id = $1 AND id = $2',
    repositoryList: `SELECT * FROM repository WHERE workspace_id = $1 AND ${afterName('name')} ORDER BY name, id LIMIT $4`,
    repositoryMatch: `SELECT * FROM repository WHERE workspace_id = $1 AND COALESCE(remote, '') = $2 AND COALESCE(root_commit, '') = $3
      AND subdirectory = $4 AND ($2 <> '' OR $3 <> '' OR name = $5)`,
    agentById: 'SELECT * FROM agent WHERE workspace_id = $1 AND id = $2',
    agentBySlug: `SELECT * FROM agent WHERE workspace_id = $1 AND slug = $2 AND execution = $3
      AND (execution = 'cloud' OR owner_id = $4) ORDER BY created_at, id LIMIT 1`,
    agentList: `SELECT * FROM agent WHERE workspace_id = $1 AND ${afterName('name')} ORDER BY name, id LIMIT $4`,
    agentUpdate: 'UPDATE agent SET name = $2, driver = $3, instructions = $4 WHERE id = $1',
    workerById: 'SELECT * FROM worker WHERE workspace_id = $1 AND id = $2',
    workerMatch: 'SELECT * FROM worker WHERE workspace_id = $1 AND owner_id = $2 AND machine = $3 AND execution = $4',
    workerUpdate: 'UPDATE worker SET agent_ids = $2, capacity = $3, seen_at = $4 WHERE id = $1',
    workerSeen: 'UPDATE worker SET seen_at = $2 WHERE id = $1',
    workerList: `SELECT w.*, (SELECT COUNT(*) FROM session s WHERE s.claim_worker_id = w.id AND s.lease_end IS NOT NULL) AS running
      FROM worker w WHERE w.workspace_id = $1 AND ${afterName('machine')} ORDER BY machine, id LIMIT $4`,
    instanceById: 'SELECT * FROM instance WHERE id = $1',
    instanceSeen: 'UPDATE instance SET seen_at = $2 WHERE id = $1',
    /** Polls of one instance come one after another, so that a repeated request finds what the first one claimed. */
    pollingWorker: `SELECT w.*, n.seen_at AS instance_seen_at, ${d.alone('$3')} AS alone FROM worker w JOIN instance n ON n.worker_id = w.id
      WHERE w.workspace_id = $1 AND w.id = $2 AND n.id = $3`,
    instanceAgain: 'UPDATE instance SET program = $2, version = $3, seen_at = $4 WHERE id = $1',
    /** The newest few of each worker. */
    instanceList: `SELECT * FROM (SELECT n.*, ROW_NUMBER() OVER (PARTITION BY n.worker_id ORDER BY n.seen_at DESC, n.id) AS place FROM instance n
      WHERE ${d.among('n.worker_id', '$1')} AND n.seen_at > $2) AS newest WHERE place <= $3 ORDER BY started_at, id`,

    // Sessions as people see them
    sessionRow: 'SELECT * FROM session WHERE id = $1',
    sessionView: `${sessionView} WHERE s.id = $1`,
    sessionList: `${sessionView} WHERE ${sessionFilter}
      AND (CAST($6 AS BIGINT) IS NULL OR s.created_at < $6 OR (s.created_at = $6 AND s.id < $7)) ORDER BY s.created_at DESC, s.id DESC LIMIT $8`,
    sessionCount: `SELECT COUNT(*) AS n FROM session s LEFT JOIN session_archive ar ON ar.session_id = s.id WHERE ${sessionFilter}`,
    sessionSnapshot: 'SELECT instructions, context FROM session_snapshot WHERE session_id = $1',
    sessionCancel: moved('cancel', 'id = $1', 'cancel_requested_at = $2, finished_at = $2', false),
    sessionAskCancel: 'UPDATE session SET cancel_requested_at = $2 WHERE id = $1 AND lease_end IS NOT NULL AND cancel_requested_at IS NULL',
    sessionRequeue: moved('requeue', 'id = $1', requeued),
    /** A person's retry is one more attempt than there were left. */
    sessionRetry: moved(
      'requeue',
      'id = $1',
      `${requeued}, max_attempts = CASE WHEN max_attempts > attempt THEN max_attempts ELSE attempt + 1 END`,
    ),
    sessionFlag: 'UPDATE session SET item_changed = $2 WHERE id = $1',
    sessionArchived: 'SELECT archived_at FROM session_archive WHERE session_id = $1',
    activitiesAfter: 'SELECT * FROM activity WHERE session_id = $1 AND seq > $2 ORDER BY seq LIMIT $3',
    lateList: 'SELECT * FROM late_activity WHERE session_id = $1 AND n > $2 ORDER BY n LIMIT $3',
    inputById: 'SELECT q.* FROM input q JOIN session s ON s.id = q.session_id WHERE s.workspace_id = $1 AND q.id = $2',
    inputList: `SELECT q.* FROM input q JOIN session s ON s.id = q.session_id WHERE s.workspace_id = $1
      AND (CAST($2 AS TEXT) IS NULL OR q.session_id = $2) AND (${d.empty('$3')} OR ${d.among('q.state', '$3')})
      AND (CAST($4 AS BIGINT) IS NULL OR q.asked_at > $4 OR (q.asked_at = $4 AND q.id > $5)) ORDER BY q.asked_at, q.id LIMIT $6`,
    inputAnswer: "UPDATE input SET state = 'answered', answer = $2, answered_by = $3, answered_at = $4 WHERE id = $1 AND state = 'open'",
    messageList: 'SELECT * FROM message WHERE session_id = $1 AND n > $2 ORDER BY n LIMIT $3',
    messageNext: 'SELECT COALESCE(MAX(n), 0) + 1 AS n FROM message WHERE session_id = $1',
    reviewList: 'SELECT * FROM review WHERE session_id = $1 AND n > $2 ORDER BY n LIMIT $3',
    reviewNext: 'SELECT COALESCE(MAX(n), 0) + 1 AS n FROM review WHERE session_id = $1',

    // Claims. The claim is one statement; the index session_queue serves its order.
    claimNext: `UPDATE session SET ${step('claim').set}, ${claimed} WHERE id = (
        SELECT s.id FROM session s WHERE s.workspace_id = $5 AND s.execution = $6 AND s.state = 'queued'
          AND ${d.among('s.agent_id', '$7')} AND (s.execution = 'cloud' OR s.owner_id = $8)
          AND (s.worker_id IS NULL OR (s.worker_id = $1 AND (s.id = $10 OR s.queued_at <= $11))) AND (s.repository_id IS NULL OR ${d.among('s.repository_id', '$9')})
          AND (s.prefer_worker_id IS NULL OR s.prefer_worker_id = $1 OR s.prefer_until IS NULL OR s.prefer_until <= $4)
          AND (CAST($10 AS TEXT) IS NULL OR s.id = $10)
        ORDER BY s.queued_at, s.id LIMIT 1 ${d.lockFree}) AND ${step('claim').where} RETURNING *`,
    /** The holder's own re-claim: `requeue` and `claim` in one step, by the worker that has the folder. It is the same attempt. */
    reclaim: `UPDATE session SET ${step('claim').set}, ${claimed.replace('attempt = attempt + 1 - uncounted', 'attempt = attempt')}
      WHERE id = $5 AND claim_worker_id = $1 AND execution = 'local' AND owner_id = $6 AND ${step('requeue').where} RETURNING *`,
    claimsOfRequest: 'SELECT session_id, fence FROM claim WHERE instance_id = $1 AND request_id = $2 ORDER BY claimed_at, session_id',
    claimOf: 'SELECT ended_by FROM claim WHERE session_id = $1 AND fence = $2 AND instance_id = $3',
    lastSetback: `SELECT c.ended_by, (SELECT a.body FROM activity a WHERE a.session_id = c.session_id AND a.fence = c.fence AND a.kind = 'release'
        ORDER BY a.seq DESC LIMIT 1) AS body
      FROM claim c WHERE c.session_id = $1 AND c.fence < $2 AND c.ended_by IN ('lease_ended', 'release') ORDER BY c.fence DESC LIMIT 1`,
    claimEnd: 'UPDATE claim SET ended_at = $3, ended_by = $4 WHERE session_id = $1 AND fence = $2 AND ended_at IS NULL',
    renew: `UPDATE session SET lease_end = $4 WHERE ${holder}`,
    heldBy: `SELECT * FROM session WHERE ${holder}`,
    answersFor: `SELECT * FROM input WHERE ${d.among('session_id', '$1')} AND state IN ('answered', 'expired') AND delivered_at IS NULL ORDER BY asked_at, id`,
    messagesFor: `SELECT * FROM message WHERE ${d.among('session_id', '$1')} AND delivered_at IS NULL ORDER BY created_at, n`,

    // Writes of a holder
    activityKeys: `SELECT key, seq FROM activity WHERE session_id = $1 AND ${d.among('key', '$2')}`,
    lateKeys: `SELECT key FROM late_activity WHERE session_id = $1 AND ${d.among('key', '$2')}`,
    lateNext: 'SELECT COALESCE(MAX(n), 0) + 1 AS n FROM late_activity WHERE session_id = $1',
    reserveSeqs: `UPDATE session SET last_seq = last_seq + $4, plan = COALESCE($5, plan), urls = COALESCE($6, urls) WHERE ${holder} RETURNING last_seq`,
    ownSeq: 'UPDATE session SET last_seq = last_seq + 1 WHERE id = $1 RETURNING last_seq, fence',
    closingActivity: 'SELECT seq FROM activity WHERE session_id = $1 AND fence = $2 AND kind = $3 LIMIT 1',
    inputByKey: 'SELECT * FROM input WHERE session_id = $1 AND key = $2',
    ask: moved('ask', holder, ''),
    inputDelivered: 'UPDATE input SET delivered_at = $2 WHERE id = $1 AND delivered_at IS NULL',
    inputWithdraw: "UPDATE input SET state = 'withdrawn', answered_at = $2, delivered_at = $2 WHERE id = $1 AND state = 'open'",
    withdrawAll: "UPDATE input SET state = 'withdrawn', answered_at = $2, delivered_at = $2 WHERE session_id = $1 AND state = 'open'",
    waitingInputs: `SELECT COUNT(*) AS n FROM input WHERE session_id = $1 AND (state = 'open' OR (state IN ('answered', 'expired') AND delivered_at IS NULL))`,
    openInputs: "SELECT COUNT(*) AS n FROM input WHERE session_id = $1 AND state = 'open'",
    answerDelivered: moved('answer_delivered', holder, ''),
    messageDelivered:
      'UPDATE message SET delivered_at = $3, acknowledged_at = $3 WHERE session_id = $1 AND id = $2 AND delivered_at IS NULL',
    messageById: 'SELECT * FROM message WHERE session_id = $1 AND id = $2',
    standing: `UPDATE session SET plan = COALESCE($4, plan), sandbox_step = COALESCE($5, sandbox_step), usage = COALESCE($6, usage) WHERE ${holder} RETURNING *`,
    complete: moved('complete', holder, 'finished_at = $4, result = $5, usage = COALESCE($6, usage)'),
    fail: moved('fail', holder, 'finished_at = $4, result = $5, usage = COALESCE($6, usage), error = $7'),
    cancelled: moved(
      'cancel_acknowledged',
      holder,
      'finished_at = $4, result = $5, usage = COALESCE($6, usage), cancel_requested_at = COALESCE(cancel_requested_at, $4)',
    ),
    release: moved('release', holder, 'queued_at = $4, expires_at = $5, uncounted = 1'),
    defer: moved('defer', holder, 'not_before = $4, expires_at = $5, uncounted = 1'),
    park: moved('park', holder, 'uncounted = 1'),

    // The reaper
    reapedAt: 'SELECT reaped_at FROM workspace WHERE id = $1',
    reaped: 'UPDATE workspace SET reaped_at = $2 WHERE id = $1',
    anyLive: 'SELECT id FROM session WHERE lease_end IS NOT NULL LIMIT 1',
    extendLive: 'UPDATE session SET lease_end = $1 WHERE lease_end IS NOT NULL AND lease_end < $1',
    /** After the clock went back, no lease may last longer than a fresh one. */
    capLive: 'UPDATE session SET lease_end = $1 WHERE lease_end IS NOT NULL AND lease_end > $1',
    /** Whether a tick has anything to do: most have not. */
    anythingDue: `SELECT EXISTS (SELECT 1 FROM session WHERE lease_end IS NOT NULL AND lease_end < $1) AS overdue,
      EXISTS (SELECT 1 FROM session WHERE state = 'stale' AND stale_until <= $2) AS stale,
      EXISTS (SELECT 1 FROM session WHERE state = 'pending' AND (not_before IS NULL OR not_before <= $2)) AS pending,
      EXISTS (SELECT 1 FROM session WHERE state IN ('pending', 'queued') AND expires_at <= $2) AS expired,
      EXISTS (SELECT 1 FROM input WHERE state = 'open' AND expires_at <= $2) AS inputs`,
    overdue: `SELECT * FROM session WHERE lease_end IS NOT NULL AND lease_end < $1 ORDER BY lease_end, id LIMIT $2 ${d.lockFree}`,
    leaseEnded: moved('lease_ended', 'id = $1 AND fence = $2', 'stale_until = $3'),
    leaseEndedCancelling: moved('lease_ended_cancelling', 'id = $1 AND fence = $2', 'finished_at = $3'),
    staleDue: `SELECT * FROM session WHERE state = 'stale' AND stale_until <= $1 ORDER BY stale_until, id LIMIT $2 ${d.lockFree}`,
    exhausted: moved('attempts_exhausted', 'id = $1', 'finished_at = $2, error = $3'),
    ready: moved('ready', 'id = $1', requeued),
    pendingDue: `SELECT * FROM session WHERE state = 'pending' AND (not_before IS NULL OR not_before <= $1)
      ORDER BY not_before, id LIMIT $2 ${d.lockFree}`,
    expiredSessions: `SELECT * FROM session WHERE state IN ('pending', 'queued') AND expires_at <= $1
      ORDER BY expires_at, id LIMIT $2 ${d.lockFree}`,
    expire: moved('expire', 'id = $1', 'finished_at = $2, error = $3'),
    expiredInputs: "SELECT id, session_id FROM input WHERE state = 'open' AND expires_at <= $1 ORDER BY expires_at, id LIMIT $2",
    inputExpire: "UPDATE input SET state = 'expired', answered_at = $2 WHERE id = $1 AND state = 'open'",
    unpark: moved('unpark', 'id = $1', 'queued_at = $2, expires_at = $3, prefer_worker_id = claim_worker_id, prefer_until = $4'),
  } as const satisfies Record<string, string>;
}

export type SqlTexts = ReturnType<typeof sqlTexts>;
export type SqlName = keyof SqlTexts;
