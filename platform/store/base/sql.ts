/**
 * Every statement, named. `$1` places are read by both engines; what differs is in the dialect.
 * Steps of the state table become SQL here, so a statement cannot move a session where the table does not.
 */
import { stateTable, type SessionEventName } from '../../../protocol/states.ts';

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
  /** After an expression: equals one of what `query` picks, or the first of it. The query runs once, however the statement is planned. */
  readonly picked: (query: string) => string;
  /** The time of the operation: what is bound at `place`, or the database's own where that decides. */
  readonly now: (place: string) => string;
  /** `lock` for one of the relations of a join. */
  readonly lockOf: (relation: string) => string;
  /** A text as `folded` of the domain makes it. */
  readonly folded: (text: string) => string;
  /** A relation with the columns `id` and `fence`, from a JSON list of such pairs. */
  readonly pairs: (place: string) => string;
}

/**
 * One change and what goes with it. Each part may read the rows that the first one changed, as `{moved}`, and they
 * share their places. An engine that can runs all of it as one statement; nothing but `first` decides what happens.
 */
export interface Chain {
  /** What `first` changes. */
  readonly table: 'session' | 'workspace';
  readonly first: SqlName;
  readonly then: readonly SqlName[];
  /** What comes back. */
  readonly view: SqlName;
}

/** The places of a claim's statements. */
export const claimPlaces = [
  'worker',
  'instance',
  'leaseMs',
  'now',
  'workspace',
  'execution',
  'agents',
  'owner',
  'repositories',
  'session',
  'namedFirstMs',
  'request',
  'most',
  'from',
  'place',
] as const;
/** The places of an ending's statements. */
export const endPlaces = [
  'session',
  'fence',
  'instance',
  'now',
  'endedBy',
  'saidKind',
  'saidBody',
  'result',
  'usage',
  'error',
  'delayMs',
  'expiryMs',
  'toReview',
] as const;

/** A planner that sees the condition of a partial index would take that index for the primary key, while it looks small. */
const hidden = (column: string): string => `${column} || ''`;
const isHeld = 'COALESCE(lease_end, 0) <> 0';

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
    return states.length === 0 ? [] : [`(${hidden('state')} IN (${states.join(', ')}) AND ${live ? isHeld : 'lease_end IS NULL'})`];
  };
  const keepsClaim = rows.every((row) => row.holds);
  return {
    where: `(${[...part(true), ...part(false)].join(' OR ')})`,
    set: keepsClaim ? `state = '${target}'` : `state = '${target}', lease_end = NULL`,
  };
}

/** The guard of every worker write: session, fence, instance, and a claim that still lives. */
export const holder = `id = $1 AND fence = $2 AND claim_instance_id = $3 AND ${isHeld}`;

/** `$1`, `$2`, … under names. */
const placesOf = <N extends string>(names: readonly N[]): Readonly<Record<N, string>> =>
  Object.fromEntries(names.map((name, index) => [name, `$${index + 1}`])) as Record<N, string>;
const c = placesOf(claimPlaces);
const e = placesOf(endPlaces);

const moved = (event: SessionEventName, guard: string, set: string, held?: boolean): string => {
  const { where, set: state } = step(event, held);
  return `UPDATE session SET ${state}${set ? `, ${set}` : ''} WHERE ${guard} AND ${where} RETURNING *`;
};
const requeued = 'queued_at = $2, expires_at = $3, stale_until = NULL, not_before = NULL';

/** Whether a newer session of the line goes on with the work, or has: one that failed or was stopped leaves the one before as it was. */
const newerInLine = `(SELECT COUNT(*) FROM session_place l JOIN session n ON n.id = l.session_id
      WHERE l.line_id = s.line_id AND (l.created_at > s.created_at OR n.parent_session_id = s.id) AND n.state NOT IN ('error', 'cancelled'))`;

const sessionView = (from: string): string => `
  SELECT s.*, a.name AS agent_name, i.key AS item_key, ar.archived_at AS archived_at,
    (SELECT COUNT(*) FROM input q WHERE q.session_id = s.id AND ${hidden('q.state')} = 'open') AS open_inputs,
    (SELECT r.decision FROM review r WHERE r.session_id = s.id ORDER BY r.n DESC LIMIT 1) AS review,
    ${newerInLine} AS superseded
  FROM ${from} JOIN agent a ON a.id = s.agent_id
    LEFT JOIN item i ON i.id = s.item_id LEFT JOIN session_archive ar ON ar.session_id = s.id`;

/** What a grant says of its agent. */
const agentColumns = [
  'id',
  'workspace_id',
  'slug',
  'name',
  'execution',
  'owner_id',
  'driver',
  'instructions',
  'policy',
  'oauth_app_id',
  'created_at',
];
/** What follows the entry named by $2 and $3 in a list sorted by `column` and id. */
const afterName = (column: string): string => `(CAST($2 AS TEXT) IS NULL OR ${column} > $2 OR (${column} = $2 AND id > $3))`;

export function sqlTexts(d: Dialect) {
  const itemFilter = `workspace_id = $1
    AND (CAST($2 AS TEXT) IS NULL OR ${d.has('assignee_ids', '$2')})
    AND (${d.empty('$3')} OR ${d.among('kind', '$3')}) AND (${d.empty('$4')} OR ${d.among('status', '$4')})
    AND (CAST($5 AS TEXT) IS NULL OR parent_id = $5)`;
  const itemHas = (like: string): string =>
    `(${['key', 'title', 'description'].map((column) => `${d.folded(column)} LIKE ${like} ESCAPE '\\'`).join(' OR ')})`;
  /** An item whose key was typed stands before all that only hold it: as if it had been changed last. */
  const itemPlace = (key: string): string => `(updated_at + CASE WHEN ${d.folded('key')} = ${key} THEN ${2 ** 52} ELSE 0 END)`;
  /**
   * Each walks an index of its own, in the order of the list. A condition that may be left out looks so rare to a planner
   * that it would rather sort; and the workspace's index must not be taken for those of an item or a line.
   */
  const ofWorkspace = 'p.workspace_id = $1';
  const ofItem = `p.item_id = $2 AND ${hidden('p.workspace_id')} = $1`;
  const ofLine = `p.line_id = $4 AND ${hidden('p.workspace_id')} = $1 AND (CAST($2 AS TEXT) IS NULL OR p.item_id = $2)`;
  const sessionFilter = `($5 = 'any' OR ($5 = 'yes' AND ar.session_id IS NOT NULL) OR ($5 = 'no' AND ar.session_id IS NULL))`;
  const sessionList = (places: string): string => `${sessionView('session_place p JOIN session s ON s.id = p.session_id')}
    WHERE ${places} AND ${sessionFilter} AND (${d.empty('$3')} OR ${d.among('s.state', '$3')})
      AND (CAST($6 AS BIGINT) IS NULL OR p.created_at < $6 OR (p.created_at = $6 AND p.session_id < $7))
    ORDER BY p.created_at DESC, p.session_id DESC LIMIT $8`;
  /** The session itself is only looked at where its state matters; as a value, because of a condition all sessions there are would be read at once. */
  const sessionCount = (places: string): string => `SELECT COUNT(*) AS n
    FROM session_place p LEFT JOIN session_archive ar ON ar.session_id = p.session_id WHERE ${places} AND ${sessionFilter}
      AND (${d.empty('$3')} OR ${d.among('(SELECT s.state FROM session s WHERE s.id = p.session_id)', '$3')})`;
  const at = d.now(c.now);
  const claimedBy = (
    instance: string,
  ): string => `fence = fence + 1, attempt = attempt + 1 - uncounted, uncounted = 0, claim_worker_id = ${c.worker}, claim_instance_id = ${instance},
    lease_end = ${at} + ${c.leaseMs}, started_at = COALESCE(started_at, ${at}), stale_until = NULL`;
  const claimed = claimedBy(c.instance);
  /** What this request has claimed so far: a repeated one claims nothing more. Two at the same time meet in the index claim_once. */
  const answered = `(SELECT COUNT(*) FROM claim k WHERE k.instance_id = ${c.instance} AND k.request_id = ${c.request})`;
  const claimable = `SELECT s.id FROM session s WHERE s.workspace_id = ${c.workspace} AND s.execution = ${c.execution} AND s.state = 'queued' AND s.queued_at >= ${c.from}
          AND ${d.among('s.agent_id', c.agents)} AND (s.execution = 'cloud' OR s.owner_id = ${c.owner})
          AND (s.worker_id IS NULL OR (s.worker_id = ${c.worker} AND (s.id = ${c.session} OR s.queued_at <= ${at} - ${c.namedFirstMs})))
          AND (s.repository_id IS NULL OR ${d.among('s.repository_id', c.repositories)})
          AND (s.prefer_worker_id IS NULL OR s.prefer_worker_id = ${c.worker} OR s.prefer_until IS NULL OR s.prefer_until <= ${at})
          AND (CAST(${c.session} AS TEXT) IS NULL OR s.id = ${c.session})`;
  const inTurn = 'ORDER BY s.queued_at, s.id LIMIT';
  const end = d.now(e.now);
  /**
   * Whether the holder has reported its end itself, from the newest activity back. Asked for as a value, here and below: for EXISTS
   * a planner reads the whole table into a hash table once it expects several rows to ask, however few there are.
   */
  const unsaid = (session: string, fence: string): string => `(SELECT v.seq FROM activity v
    WHERE v.session_id = ${session} AND v.fence = ${fence} AND v.kind = ${e.saidKind} ORDER BY v.seq DESC LIMIT 1) IS NULL`;
  const saysEnd = `last_seq = last_seq + CASE WHEN ${unsaid(e.session, e.fence)} THEN 1 ELSE 0 END`;
  const finished = `finished_at = ${end}, result = ${e.result}, usage = COALESCE(${e.usage}, usage), ${saysEnd}`;
  /** Of the `$1` oldest. */
  const due = (outbox: string): string => `${outbox}.id <= (SELECT MAX(f.id) FROM (SELECT id FROM event_outbox ORDER BY id LIMIT $1) f)`;
  return {
    // What a transaction takes before it looks, so that nobody changes it between the look and the write
    lockSession: `SELECT id FROM session WHERE id = $1 ${d.lock}`,
    lockItem: `SELECT id FROM item WHERE workspace_id = $1 AND id = $2 ${d.lock}`,
    alone: `SELECT ${d.alone('$1')} AS alone`,

    // Workspace and members
    firstWorkspace: 'SELECT * FROM workspace ORDER BY created_at, id LIMIT 1',
    memberById: 'SELECT id FROM member WHERE workspace_id = $1 AND id = $2',
    workspaceOwner: "SELECT * FROM member WHERE workspace_id = $1 AND role = 'owner' ORDER BY created_at, id LIMIT 1",
    /** Events up to `floor` are gone. */
    eventRange: 'SELECT event_counter AS newest, event_floor AS floor FROM workspace WHERE id = $1',
    eventsAfter: 'SELECT * FROM event WHERE workspace_id = $1 AND n > $2 ORDER BY n LIMIT $3',
    /** How many events wait for a number, as far as `$1`. */
    outboxCount: 'SELECT COUNT(*) AS n FROM (SELECT id FROM event_outbox ORDER BY id LIMIT $1) o',
    /** Takes as many numbers as there are events waiting for one. */
    eventsCount: `UPDATE workspace SET event_counter = event_counter + (SELECT COUNT(*) FROM event_outbox o WHERE o.workspace_id = workspace.id AND ${due('o')})
      WHERE id IN (SELECT DISTINCT o.workspace_id FROM event_outbox o WHERE ${due('o')}) RETURNING *`,
    eventsNumber: `INSERT INTO event (workspace_id, n, type, item_id, session_id, at)
      SELECT o.workspace_id, w.event_counter - COUNT(*) OVER (PARTITION BY o.workspace_id) + ROW_NUMBER() OVER (PARTITION BY o.workspace_id ORDER BY o.id),
        o.type, o.item_id, o.session_id, o.at
      FROM event_outbox o JOIN {moved} w ON w.id = o.workspace_id WHERE ${due('o')}`,
    outboxClear: `DELETE FROM event_outbox WHERE ${due('event_outbox')}`,
    eventsCounted: 'SELECT id FROM {moved} w',
    nextInitiative: 'UPDATE workspace SET initiative_counter = initiative_counter + 1 WHERE id = $1 RETURNING initiative_counter AS n',
    nextBug: 'UPDATE workspace SET bug_counter = bug_counter + 1 WHERE id = $1 RETURNING bug_counter AS n',
    nextTodo: 'UPDATE workspace SET todo_counter = todo_counter + 1 WHERE id = $1 RETURNING todo_counter AS n',
    onceReply: 'SELECT hash, reply FROM idempotency_key WHERE workspace_id = $1 AND member_id = $2 AND key = $3',
    forgetOnce: 'DELETE FROM idempotency_key WHERE created_at < $1',

    // Items
    itemById: 'SELECT * FROM item WHERE workspace_id = $1 AND (id = $2 OR key = $2)',
    itemList: `SELECT * FROM item WHERE ${itemFilter}
      AND (CAST($6 AS BIGINT) IS NULL OR updated_at < $6 OR (updated_at = $6 AND id < $7)) ORDER BY updated_at DESC, id DESC LIMIT $8`,
    itemCount: `SELECT COUNT(*) AS n FROM item WHERE ${itemFilter}`,
    itemSearch: `SELECT *, ${itemPlace('$10')} AS place FROM item WHERE ${itemFilter} AND ${itemHas('$9')}
      AND (CAST($6 AS BIGINT) IS NULL OR ${itemPlace('$10')} < $6 OR (${itemPlace('$10')} = $6 AND id < $7)) ORDER BY place DESC, id DESC LIMIT $8`,
    itemSearchCount: `SELECT COUNT(*) AS n FROM item WHERE ${itemFilter} AND ${itemHas('$6')}`,
    itemChildren: 'SELECT * FROM item WHERE parent_id = $1 ORDER BY created_at, id LIMIT $2',
    itemParent: 'SELECT parent_id FROM item WHERE id = $1',
    itemUpdate: `UPDATE item SET title = $4, description = $5, status = $6, priority = $7, assignee_ids = $8, parent_id = $9, labels = $10,
      repository_id = $11, links = $12, version = $3 + 1, updated_at = $13 WHERE workspace_id = $1 AND id = $2 AND version = $3`,
    itemSessions: `SELECT s.* FROM session_place p JOIN session s ON s.id = p.session_id
      WHERE p.item_id = $1 AND s.state NOT IN ('complete', 'error', 'cancelled') ORDER BY s.id ${d.lockOf('s')}`,
    commentsNewest: 'SELECT * FROM comment WHERE item_id = $1 ORDER BY n DESC LIMIT $2',
    commentList: 'SELECT * FROM comment WHERE item_id = $1 AND n > $2 ORDER BY n LIMIT $3',
    commentById: 'SELECT id FROM comment WHERE id = $1',
    recapOf: "SELECT id FROM comment WHERE item_id = $1 AND session_id = $2 AND origin = 'recap' LIMIT 1",
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
    pollingWorker: `SELECT w.*, n.seen_at AS instance_seen_at FROM worker w JOIN instance n ON n.worker_id = w.id
      WHERE w.workspace_id = $1 AND w.id = $2 AND n.id = $3`,
    instanceAgain: 'UPDATE instance SET program = $2, version = $3, seen_at = $4 WHERE id = $1',
    /** The newest few of each worker. */
    instanceList: `SELECT * FROM (SELECT n.*, ROW_NUMBER() OVER (PARTITION BY n.worker_id ORDER BY n.seen_at DESC, n.id) AS place FROM instance n
      WHERE ${d.among('n.worker_id', '$1')} AND n.seen_at > $2) AS newest WHERE place <= $3 ORDER BY started_at, id`,

    // Sessions as people see them
    sessionRow: 'SELECT * FROM session WHERE id = $1',
    sessionView: `${sessionView('session s')} WHERE s.id = $1`,
    sessionList: sessionList(ofWorkspace),
    sessionListOfItem: sessionList(ofItem),
    sessionListOfLine: sessionList(ofLine),
    sessionCount: sessionCount(ofWorkspace),
    sessionCountOfItem: sessionCount(ofItem),
    sessionCountOfLine: sessionCount(ofLine),
    /** A session of the line, beside this one, that has not ended. */
    lineAtWork: `SELECT s.id FROM session_place l JOIN session s ON s.id = l.session_id
      WHERE l.line_id = $1 AND l.session_id <> $2 AND s.state NOT IN ('complete', 'error', 'cancelled') LIMIT 1`,
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
    claimNext: `UPDATE session SET ${step('claim').set}, ${claimed} WHERE id ${d.picked(`
        ${claimable} AND ${c.place} = ${answered}
        ${inTurn} ${c.most} ${d.lockFree}`)} AND ${step('claim').where} RETURNING *`,
    /** The same for several requests at once, each of which wants one: those that were not answered before, and who gets what. */
    claimAsked: `SELECT u.*, ROW_NUMBER() OVER () AS turn FROM {requests} u WHERE ${c.place} = ${answered}`,
    claimTurns: `WITH next AS MATERIALIZED (SELECT f.id, ROW_NUMBER() OVER () AS turn FROM (
        ${claimable} ${inTurn} (SELECT COUNT(*) FROM {asked}) ${d.lockFree}) f)
      SELECT q.*, n.id AS own_session FROM {asked} q JOIN next n ON n.turn = q.turn`,
    claimEach: `UPDATE session SET ${step('claim').set}, ${claimedBy('(SELECT t.own_instance FROM {turns} t WHERE t.own_session = session.id)')}
      WHERE id ${d.picked('SELECT t.own_session FROM {turns} t')} AND ${step('claim').where} RETURNING *`,
    /** The holder's own re-claim: `requeue` and `claim` in one step, by the worker that has the folder. It is the same attempt. */
    reclaim: `UPDATE session SET ${step('claim').set}, ${claimed.replace('attempt = attempt + 1 - uncounted', 'attempt = attempt')}
      WHERE id = ${c.session} AND claim_worker_id = ${c.worker} AND execution = 'local' AND owner_id = ${c.owner} AND ${c.place} = ${answered} AND ${step('requeue').where} RETURNING *`,
    claimRecord: `INSERT INTO claim (session_id, fence, worker_id, instance_id, request_id, place, claimed_at)
      SELECT m.id, m.fence, m.claim_worker_id, m.claim_instance_id, CAST(${c.request} AS TEXT), ${c.place} + ROW_NUMBER() OVER (PARTITION BY m.claim_instance_id ORDER BY m.queued_at, m.id), ${at} FROM {moved} m`,
    claimTell: `INSERT INTO event_outbox (workspace_id, type, item_id, session_id, at)
      SELECT m.workspace_id, 'session.changed', m.item_id, m.id, ${at} FROM {moved} m`,
    /** All that a holder starts with, but the records of its item and repository. */
    grantView: `SELECT m.*, i.key AS item_key, NULL AS archived_at, NULL AS review, 0 AS superseded,
        (SELECT COUNT(*) FROM input q WHERE q.session_id = m.id AND ${hidden('q.state')} = 'open') AS open_inputs, n.instructions, n.context,
        a.name AS agent_name, ${agentColumns.map((column) => `a.${column} AS agent__${column}`).join(', ')}
      FROM {moved} m JOIN agent a ON a.id = m.agent_id LEFT JOIN item i ON i.id = m.item_id
        LEFT JOIN session_snapshot n ON n.session_id = m.id ORDER BY m.queued_at, m.id`,
    /** The same of a session that is held already. */
    heldGrant: `SELECT * FROM session WHERE ${holder}`,
    queueHead: "SELECT MIN(queued_at) AS n FROM session WHERE workspace_id = $1 AND execution = $2 AND state = 'queued'",
    claimsOfRequest: 'SELECT session_id, fence FROM claim WHERE instance_id = $1 AND request_id = $2 ORDER BY place, session_id',
    /** A claim that ended its session has no end of its own. */
    claimOf: `SELECT COALESCE(k.ended_by, CASE s.state WHEN 'complete' THEN 'complete' WHEN 'error' THEN 'fail' WHEN 'cancelled' THEN 'cancelled' END) AS ended_by
      FROM claim k JOIN session s ON s.id = k.session_id WHERE k.session_id = $1 AND k.fence = $2 AND k.instance_id = $3`,
    lastSetback: `SELECT c.ended_by, (SELECT a.body FROM activity a WHERE a.session_id = c.session_id AND a.fence = c.fence AND a.kind = 'release'
        ORDER BY a.seq DESC LIMIT 1) AS body
      FROM claim c WHERE c.session_id = $1 AND c.fence < $2 AND c.ended_by IN ('lease_ended', 'release') ORDER BY c.fence DESC LIMIT 1`,
    claimEnd: 'UPDATE claim SET ended_at = $3, ended_by = $4 WHERE session_id = $1 AND fence = $2 AND ended_at IS NULL',
    /** Every session in a list of pairs at once, in the order of their names: two such statements never wait for each other in a ring. */
    renew: `UPDATE session SET lease_end = ${d.now('$4')} + $3 WHERE id IN (
        SELECT s.id FROM session s JOIN ${d.pairs('$1')} p ON s.id = p.id AND s.fence = p.fence
        WHERE s.claim_instance_id = $2 AND s.lease_end IS NOT NULL ORDER BY s.id ${d.lockOf('s')}) RETURNING id, fence, lease_end, cancel_requested_at`,
    watched: `SELECT s.id, s.fence, s.cancel_requested_at FROM session s JOIN ${d.pairs('$1')} p ON s.id = p.id AND s.fence = p.fence
      WHERE s.claim_instance_id = $2 AND s.lease_end IS NOT NULL`,
    heldBy: `SELECT * FROM session WHERE ${holder}`,
    answersFor: `SELECT * FROM input WHERE ${d.among('session_id', '$1')} AND state IN ('answered', 'expired') AND delivered_at IS NULL ORDER BY asked_at, id`,
    messagesFor: `SELECT * FROM message WHERE ${d.among('session_id', '$1')} AND delivered_at IS NULL ORDER BY created_at, n`,

    // Writes of a holder
    activityKeys: `SELECT key, seq FROM activity WHERE session_id = $1 AND ${d.among('key', '$2')}`,
    lateKeys: `SELECT key FROM late_activity WHERE session_id = $1 AND ${d.among('key', '$2')}`,
    lateNext: 'SELECT COALESCE(MAX(n), 0) + 1 AS n FROM late_activity WHERE session_id = $1',
    reserveSeqs: `UPDATE session SET last_seq = last_seq + $4, plan = COALESCE($5, plan), urls = COALESCE($6, urls) WHERE ${holder} RETURNING last_seq`,
    ownSeq: 'UPDATE session SET last_seq = last_seq + 1 WHERE id = $1 RETURNING last_seq, fence',
    inputByKey: 'SELECT * FROM input WHERE session_id = $1 AND key = $2',
    ask: moved('ask', holder, ''),
    inputDelivered: 'UPDATE input SET delivered_at = $2 WHERE id = $1 AND delivered_at IS NULL',
    inputWithdraw: "UPDATE input SET state = 'withdrawn', answered_at = $2, delivered_at = $2 WHERE id = $1 AND state = 'open'",
    withdrawAll: `UPDATE input SET state = 'withdrawn', answered_at = $2, delivered_at = $2 WHERE session_id = $1 AND ${hidden('state')} = 'open'`,
    waitingInputs: `SELECT COUNT(*) AS n FROM input WHERE session_id = $1 AND (state = 'open' OR (state IN ('answered', 'expired') AND delivered_at IS NULL))`,
    openInputs: `SELECT COUNT(*) AS n FROM input WHERE session_id = $1 AND ${hidden('state')} = 'open'`,
    answerDelivered: moved('answer_delivered', holder, ''),
    messageDelivered:
      'UPDATE message SET delivered_at = $3, acknowledged_at = $3 WHERE session_id = $1 AND id = $2 AND delivered_at IS NULL',
    messageById: 'SELECT * FROM message WHERE session_id = $1 AND id = $2',
    standing: `UPDATE session SET plan = COALESCE($4, plan), sandbox_step = COALESCE($5, sandbox_step), usage = COALESCE($6, usage) WHERE ${holder} RETURNING *`,
    complete: moved('complete', holder, finished),
    fail: moved('fail', holder, `${finished}, error = ${e.error}`),
    cancelled: moved('cancel_acknowledged', holder, `${finished}, cancel_requested_at = COALESCE(cancel_requested_at, ${end})`),
    release: moved('release', holder, `queued_at = ${end}, expires_at = ${end} + ${e.expiryMs}, uncounted = 1, ${saysEnd}`),
    defer: moved(
      'defer',
      holder,
      `not_before = ${end} + ${e.delayMs}, expires_at = ${end} + ${e.delayMs} + ${e.expiryMs}, uncounted = 1, ${saysEnd}`,
    ),
    park: moved('park', holder, 'uncounted = 1'),
    /** The activity that says how it ended, unless the holder wrote it: nothing follows a final state. */
    endSay: `INSERT INTO activity (session_id, seq, fence, key, at, received_at, kind, body)
      SELECT m.id, m.last_seq, m.fence, 'platform/' || m.last_seq, ${end}, ${end}, CAST(${e.saidKind} AS TEXT), CAST(${e.saidBody} AS TEXT)
      FROM {moved} m WHERE ${unsaid('m.id', 'm.fence')}`,
    endWithdraw: `UPDATE input SET state = 'withdrawn', answered_at = ${end}, delivered_at = ${end}
      WHERE session_id ${d.picked('SELECT m.id FROM {moved} m')} AND ${hidden('state')} = 'open'`,
    endClaim: `UPDATE claim SET ended_at = ${end}, ended_by = ${e.endedBy}
      WHERE session_id = ${e.session} AND fence = ${e.fence} AND ended_at IS NULL AND EXISTS (SELECT 1 FROM {moved} m)`,
    endTell: `INSERT INTO event_outbox (workspace_id, type, item_id, session_id, at)
      SELECT m.workspace_id, t.type, m.item_id, CASE WHEN t.type = 'session.changed' THEN m.id END, ${end}
      FROM {moved} m CROSS JOIN (SELECT 'session.changed' AS type UNION ALL SELECT 'item.updated') t
      WHERE t.type = 'session.changed' OR (${d.among('m.mode', e.toReview)} AND (SELECT i.status FROM item i WHERE i.id = m.item_id) = 'in_progress')`,
    /** Work in progress that has a result waits for a person; whatever else somebody made of the item stays. */
    endToReview: `UPDATE item SET status = 'in_review', version = version + 1, updated_at = ${end}
      WHERE id ${d.picked(`SELECT m.item_id FROM {moved} m WHERE ${d.among('m.mode', e.toReview)}`)} AND status = 'in_progress'`,
    /** A session that just ended has no question open and no review yet; one that is parked waits for its answers. */
    endView: `SELECT m.*, a.name AS agent_name, i.key AS item_key, NULL AS archived_at, NULL AS review, 0 AS superseded,
        CASE WHEN ${e.endedBy} = 'park' THEN (SELECT COUNT(*) FROM input q WHERE q.session_id = m.id AND ${hidden('q.state')} = 'open') ELSE 0 END AS open_inputs
      FROM {moved} m JOIN agent a ON a.id = m.agent_id LEFT JOIN item i ON i.id = m.item_id`,

    // What time takes away. A session's snapshot is folded last: then all of it is.
    retained: 'SELECT event_floor, folded_to, forgotten_to FROM workspace WHERE id = $1',
    oldEvents:
      'SELECT MAX(o.n) AS n FROM (SELECT n, at FROM event WHERE workspace_id = $1 AND n > $2 ORDER BY n LIMIT $3) o WHERE o.at < $4',
    eventsForget: 'DELETE FROM event WHERE workspace_id = $1 AND n > $2 AND n <= $3',
    eventFloor: 'UPDATE workspace SET event_floor = $2 WHERE id = $1',
    foldDue: `SELECT s.id, s.finished_at FROM session s WHERE s.workspace_id = $1 AND s.finished_at >= $2 AND s.finished_at < $3
      AND NOT EXISTS (SELECT 1 FROM history_chunk h WHERE h.session_id = s.id AND h.kind = 'snapshot') ORDER BY s.finished_at, s.id LIMIT 1`,
    foldedTo: 'UPDATE workspace SET folded_to = $2 WHERE id = $1',
    activitiesFolded: 'DELETE FROM activity WHERE session_id = $1 AND seq <= $2',
    lateFolded: 'DELETE FROM late_activity WHERE session_id = $1 AND n <= $2',
    claimList: 'SELECT * FROM claim WHERE session_id = $1 ORDER BY fence',
    claimsFolded: 'DELETE FROM claim WHERE session_id = $1',
    snapshotFolded: 'DELETE FROM session_snapshot WHERE session_id = $1',
    historyAfter: 'SELECT * FROM history_chunk WHERE session_id = $1 AND kind = $2 AND last > $3 ORDER BY first LIMIT 1',
    forgetDue: `SELECT s.id, s.finished_at FROM session s WHERE s.workspace_id = $1 AND s.finished_at >= $2 AND s.finished_at < $3
      AND EXISTS (SELECT 1 FROM history_chunk h WHERE h.session_id = s.id)
      ORDER BY s.finished_at, s.id LIMIT $4`,
    historyForget: `DELETE FROM history_chunk WHERE ${d.among('session_id', '$1')}`,
    forgottenTo: 'UPDATE workspace SET forgotten_to = $2 WHERE id = $1',
    instancesForget: `DELETE FROM instance WHERE seen_at < $2 AND worker_id IN (SELECT id FROM worker WHERE workspace_id = $1)
      AND NOT EXISTS (SELECT 1 FROM session s WHERE s.claim_instance_id = instance.id AND s.lease_end IS NOT NULL)`,

    // The reaper
    reapedAt: 'SELECT reaped_at FROM workspace WHERE id = $1',
    reaped: 'UPDATE workspace SET reaped_at = $2 WHERE id = $1',
    anyLive: 'SELECT id FROM session WHERE lease_end IS NOT NULL LIMIT 1',
    extendLive: 'UPDATE session SET lease_end = $1 WHERE lease_end IS NOT NULL AND lease_end < $2',
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

const ending = (first: SqlName, ...then: SqlName[]): Chain => ({ table: 'session', first, then, view: 'endView' });
const claiming = (first: SqlName): Chain => ({ table: 'session', first, then: ['claimRecord', 'claimTell'], view: 'grantView' });

export const chains = {
  claim: claiming('claimNext'),
  reclaim: claiming('reclaim'),
  /** Nothing changes: the session as its holder got it. */
  held: { table: 'session', first: 'heldGrant', then: [], view: 'grantView' },
  /** It tells of the item before it changes it: by then it is not in progress any more. */
  complete: ending('complete', 'endSay', 'endWithdraw', 'endTell', 'endToReview'),
  fail: ending('fail', 'endSay', 'endWithdraw', 'endTell'),
  cancelled: ending('cancelled', 'endSay', 'endWithdraw', 'endTell'),
  release: ending('release', 'endSay', 'endWithdraw', 'endClaim', 'endTell'),
  defer: ending('defer', 'endSay', 'endWithdraw', 'endClaim', 'endTell'),
  park: ending('park', 'endClaim', 'endTell'),
  numberEvents: { table: 'workspace', first: 'eventsCount', then: ['eventsNumber', 'outboxClear'], view: 'eventsCounted' },
} as const satisfies Record<string, Chain>;
export type ChainName = keyof typeof chains;
