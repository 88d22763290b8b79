/**
 * The tables, as steps that only go forward: step n takes a database from version n-1 to n. Times are
 * milliseconds, lists and bodies are JSON text, so that both engines read the same columns.
 */

/** "Bely": tells our files from everybody else's. */
export const applicationId = 0x42656c79;

const first = `
CREATE TABLE workspace (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, created_at BIGINT NOT NULL,
  event_counter BIGINT NOT NULL DEFAULT 0, reaped_at BIGINT,
  initiative_counter BIGINT NOT NULL DEFAULT 0, bug_counter BIGINT NOT NULL DEFAULT 0, todo_counter BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE member (
  id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL REFERENCES workspace(id), name TEXT NOT NULL, role TEXT NOT NULL, created_at BIGINT NOT NULL
);
CREATE TABLE oauth_app (
  id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL REFERENCES workspace(id), name TEXT NOT NULL, kind TEXT NOT NULL,
  created_by TEXT NOT NULL REFERENCES member(id), created_at BIGINT NOT NULL
);
CREATE TABLE api_key (
  id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL REFERENCES workspace(id), name TEXT NOT NULL, hash TEXT NOT NULL UNIQUE, last_four TEXT NOT NULL,
  created_by TEXT NOT NULL REFERENCES member(id), created_at BIGINT NOT NULL, revoked_at BIGINT
);
CREATE TABLE repository (
  id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL REFERENCES workspace(id), name TEXT NOT NULL, remote TEXT, root_commit TEXT,
  subdirectory TEXT NOT NULL, default_branch TEXT NOT NULL, created_at BIGINT NOT NULL
);
CREATE INDEX repository_origin ON repository (workspace_id, root_commit);
CREATE TABLE item (
  id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL REFERENCES workspace(id), key TEXT NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL,
  description TEXT NOT NULL, status TEXT NOT NULL, priority TEXT NOT NULL, assignee_ids TEXT NOT NULL, parent_id TEXT REFERENCES item(id),
  labels TEXT NOT NULL, repository_id TEXT REFERENCES repository(id), links TEXT NOT NULL, source TEXT, version BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, UNIQUE (workspace_id, key)
);
CREATE INDEX item_newest ON item (workspace_id, updated_at, id);
CREATE INDEX item_children ON item (parent_id);
CREATE TABLE comment (
  id TEXT PRIMARY KEY, item_id TEXT NOT NULL REFERENCES item(id), n BIGINT NOT NULL, author_id TEXT REFERENCES member(id), author_name TEXT NOT NULL,
  origin TEXT NOT NULL, session_id TEXT, body TEXT NOT NULL, created_at BIGINT NOT NULL, UNIQUE (item_id, n)
);
CREATE TABLE document (
  id TEXT PRIMARY KEY, item_id TEXT NOT NULL REFERENCES item(id), title TEXT NOT NULL, body TEXT NOT NULL, version BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL
);
CREATE INDEX document_item ON document (item_id);
CREATE TABLE agent (
  id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL REFERENCES workspace(id), slug TEXT NOT NULL, name TEXT NOT NULL, execution TEXT NOT NULL,
  owner_id TEXT REFERENCES member(id), driver TEXT NOT NULL, instructions TEXT NOT NULL, policy TEXT NOT NULL,
  oauth_app_id TEXT REFERENCES oauth_app(id), created_at BIGINT NOT NULL
);
CREATE INDEX agent_slug ON agent (workspace_id, slug);
CREATE TABLE worker (
  id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL REFERENCES workspace(id), owner_id TEXT NOT NULL REFERENCES member(id), machine TEXT NOT NULL,
  execution TEXT NOT NULL, agent_ids TEXT NOT NULL, capacity BIGINT NOT NULL, seen_at BIGINT, created_at BIGINT NOT NULL,
  UNIQUE (workspace_id, owner_id, machine, execution)
);
CREATE TABLE instance (
  id TEXT PRIMARY KEY, worker_id TEXT NOT NULL REFERENCES worker(id), program TEXT NOT NULL, version TEXT NOT NULL,
  started_at BIGINT NOT NULL, seen_at BIGINT NOT NULL
);
CREATE INDEX instance_worker ON instance (worker_id);
CREATE TABLE session (
  id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL REFERENCES workspace(id), item_id TEXT REFERENCES item(id), title TEXT NOT NULL,
  agent_id TEXT NOT NULL REFERENCES agent(id), mode TEXT NOT NULL, execution TEXT NOT NULL, initiator_id TEXT NOT NULL REFERENCES member(id),
  owner_id TEXT NOT NULL REFERENCES member(id), repository_id TEXT REFERENCES repository(id), base_commit TEXT, state TEXT NOT NULL,
  attempt BIGINT NOT NULL, max_attempts BIGINT NOT NULL, uncounted BIGINT NOT NULL, parent_session_id TEXT REFERENCES session(id),
  line_id TEXT NOT NULL, worker_id TEXT REFERENCES worker(id), prefer_worker_id TEXT REFERENCES worker(id), prefer_until BIGINT,
  fence BIGINT NOT NULL, claim_worker_id TEXT, claim_instance_id TEXT, lease_end BIGINT, last_seq BIGINT NOT NULL,
  plan TEXT NOT NULL, urls TEXT NOT NULL, sandbox_step TEXT, result TEXT, usage TEXT, error TEXT, cancel_requested_at BIGINT,
  not_before BIGINT, stale_until BIGINT, item_changed TEXT, created_at BIGINT NOT NULL, queued_at BIGINT, started_at BIGINT,
  finished_at BIGINT, expires_at BIGINT NOT NULL
);
CREATE INDEX session_queue ON session (workspace_id, execution, queued_at, id) WHERE state = 'queued';
CREATE INDEX session_live ON session (lease_end) WHERE lease_end IS NOT NULL;
CREATE INDEX session_stale ON session (stale_until) WHERE state = 'stale';
CREATE INDEX session_pending ON session (not_before) WHERE state = 'pending';
CREATE INDEX session_waiting ON session (expires_at) WHERE state IN ('pending', 'queued');
CREATE INDEX session_parked ON session (id) WHERE state = 'awaiting_input' AND lease_end IS NULL;
CREATE INDEX session_newest ON session (workspace_id, created_at, id);
CREATE INDEX session_item ON session (item_id);
CREATE INDEX session_line ON session (line_id);
CREATE TABLE session_snapshot (session_id TEXT PRIMARY KEY REFERENCES session(id), instructions TEXT NOT NULL, context TEXT NOT NULL);
CREATE TABLE session_archive (session_id TEXT PRIMARY KEY REFERENCES session(id), archived_at BIGINT NOT NULL);
CREATE TABLE claim (
  session_id TEXT NOT NULL REFERENCES session(id), fence BIGINT NOT NULL, worker_id TEXT NOT NULL, instance_id TEXT NOT NULL,
  request_id TEXT NOT NULL, claimed_at BIGINT NOT NULL, ended_at BIGINT, ended_by TEXT, PRIMARY KEY (session_id, fence)
);
CREATE INDEX claim_request ON claim (instance_id, request_id);
CREATE TABLE activity (
  session_id TEXT NOT NULL REFERENCES session(id), seq BIGINT NOT NULL, fence BIGINT NOT NULL, key TEXT NOT NULL, at BIGINT NOT NULL,
  received_at BIGINT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (session_id, seq), UNIQUE (session_id, key)
);
CREATE TABLE late_activity (
  session_id TEXT NOT NULL REFERENCES session(id), n BIGINT NOT NULL, fence BIGINT NOT NULL, key TEXT NOT NULL, at BIGINT NOT NULL,
  received_at BIGINT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (session_id, n), UNIQUE (session_id, key)
);
CREATE TABLE input (
  id TEXT PRIMARY KEY, session_id TEXT NOT NULL REFERENCES session(id), key TEXT NOT NULL, fence BIGINT NOT NULL, kind TEXT NOT NULL,
  action_hash TEXT NOT NULL, title TEXT NOT NULL, detail TEXT NOT NULL, options TEXT NOT NULL, accepts_text BIGINT NOT NULL, state TEXT NOT NULL,
  answer TEXT, answered_by TEXT REFERENCES member(id), asked_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, answered_at BIGINT,
  delivered_at BIGINT, UNIQUE (session_id, key)
);
CREATE INDEX input_open ON input (expires_at) WHERE state = 'open';
CREATE TABLE message (
  id TEXT PRIMARY KEY, session_id TEXT NOT NULL REFERENCES session(id), n BIGINT NOT NULL, author_id TEXT NOT NULL REFERENCES member(id),
  kind TEXT NOT NULL, body TEXT NOT NULL, created_at BIGINT NOT NULL, delivered_at BIGINT, acknowledged_at BIGINT, UNIQUE (session_id, n)
);
CREATE TABLE review (
  id TEXT PRIMARY KEY, session_id TEXT NOT NULL REFERENCES session(id), n BIGINT NOT NULL, decision TEXT NOT NULL,
  by_id TEXT NOT NULL REFERENCES member(id), commit_id TEXT, note TEXT NOT NULL, at BIGINT NOT NULL, UNIQUE (session_id, n)
);
CREATE TABLE handoff (
  id TEXT PRIMARY KEY, item_id TEXT NOT NULL REFERENCES item(id), target TEXT NOT NULL, target_name TEXT NOT NULL, mode TEXT NOT NULL,
  state TEXT NOT NULL, detail TEXT NOT NULL, repository_id TEXT REFERENCES repository(id), base_commit TEXT, result TEXT,
  by_id TEXT NOT NULL REFERENCES member(id), created_at BIGINT NOT NULL, closed_at BIGINT
);
CREATE INDEX handoff_item ON handoff (item_id, created_at);
CREATE TABLE attachment (
  id TEXT PRIMARY KEY, session_id TEXT REFERENCES session(id), item_id TEXT REFERENCES item(id), name TEXT NOT NULL, media_type TEXT NOT NULL,
  bytes BIGINT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT
);
CREATE TABLE attachment_chunk (
  attachment_id TEXT NOT NULL REFERENCES attachment(id), n BIGINT NOT NULL, data {blob} NOT NULL, PRIMARY KEY (attachment_id, n)
);
CREATE TABLE event (
  workspace_id TEXT NOT NULL REFERENCES workspace(id), n BIGINT NOT NULL, type TEXT NOT NULL, item_id TEXT, session_id TEXT, at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, n)
);
CREATE TABLE idempotency_key (
  workspace_id TEXT NOT NULL REFERENCES workspace(id), member_id TEXT NOT NULL, key TEXT NOT NULL, hash TEXT NOT NULL, reply TEXT NOT NULL,
  created_at BIGINT NOT NULL, PRIMARY KEY (workspace_id, member_id, key)
);
CREATE INDEX idempotency_age ON idempotency_key (created_at);
`;

/**
 * Events get their numbers after the transaction that they tell of, and every session that a request claims has a
 * place in it, so that two copies of the request cannot both claim.
 */
const outbox = `
CREATE TABLE event_outbox (
  id {counted} PRIMARY KEY, workspace_id TEXT NOT NULL, type TEXT NOT NULL, item_id TEXT, session_id TEXT, at BIGINT NOT NULL
);
ALTER TABLE claim ADD COLUMN place BIGINT NOT NULL DEFAULT {any};
UPDATE claim SET place = (SELECT COUNT(*) FROM claim c WHERE c.instance_id = claim.instance_id AND c.request_id = claim.request_id AND c.session_id <= claim.session_id);
CREATE UNIQUE INDEX claim_once ON claim (instance_id, request_id, place);
DROP INDEX claim_request;
`;

/**
 * Rows of a session's own that nothing but a guarded write of that session makes, and as often as anything: to look the
 * session up again for each of them cost a tenth of a claim.
 */
const looser = `
ALTER TABLE claim DROP CONSTRAINT claim_session_id_fkey;
ALTER TABLE activity DROP CONSTRAINT activity_session_id_fkey;
ALTER TABLE event DROP CONSTRAINT event_workspace_id_fkey;
`;

/** What is folded away and taken away with time; each workspace remembers how far that has come. */
const history = `
CREATE TABLE history_chunk (
  session_id TEXT NOT NULL, kind TEXT NOT NULL, first BIGINT NOT NULL, last BIGINT NOT NULL, data {blob} NOT NULL, PRIMARY KEY (session_id, kind, first)
);
ALTER TABLE workspace ADD COLUMN event_floor BIGINT NOT NULL DEFAULT 0;
ALTER TABLE workspace ADD COLUMN folded_to BIGINT NOT NULL DEFAULT 0;
ALTER TABLE workspace ADD COLUMN forgotten_to BIGINT NOT NULL DEFAULT 0;
CREATE INDEX session_finished ON session (workspace_id, finished_at, id) WHERE finished_at IS NOT NULL;
`;

/**
 * What lists walk: where a session stands among others, which never changes. An index of the session's own gets an entry
 * with each of its changes; one of this table gets one in all.
 */
const sessionPlace = (session: string): string => `INSERT INTO session_place (session_id, workspace_id, created_at, item_id, line_id)
  SELECT ${['id', 'workspace_id', 'created_at', 'item_id', 'line_id'].map((column) => `${session}.${column}`).join(', ')}`;
/** The indexes go first: in PostgreSQL that locks the table, and no lock has to grow while others hold theirs. Nobody asks for what is parked. */
const places = `
DROP INDEX session_newest;
DROP INDEX session_item;
DROP INDEX session_line;
DROP INDEX session_parked;
CREATE TABLE session_place (
  session_id TEXT PRIMARY KEY REFERENCES session(id) ON DELETE CASCADE, workspace_id TEXT NOT NULL, created_at BIGINT NOT NULL,
  item_id TEXT, line_id TEXT NOT NULL
);
${sessionPlace('s')} FROM session s;
CREATE INDEX session_place_newest ON session_place (workspace_id, created_at, session_id);
CREATE INDEX session_place_item ON session_place (item_id, created_at, session_id) WHERE item_id IS NOT NULL;
CREATE INDEX session_place_line ON session_place (line_id, created_at, session_id);
`;
/** By a trigger, because a program that does not know of the table makes sessions too. */
const placed = {
  sqlite: `CREATE TRIGGER session_placed AFTER INSERT ON session BEGIN ${sessionPlace('NEW')}; END;`,
  // Whoever inserts may have another search path.
  postgres: `CREATE FUNCTION session_placed() RETURNS TRIGGER LANGUAGE plpgsql SET search_path FROM CURRENT
    AS $$ BEGIN ${sessionPlace('NEW')}; RETURN NULL; END $$;
    CREATE TRIGGER session_placed AFTER INSERT ON session FOR EACH ROW EXECUTE FUNCTION session_placed();`,
};

/** What one engine needs beside `both` has its twin for the other, be it empty. */
type Migration = { readonly both: string } & (
  { readonly postgres: string; readonly sqlite: string } | { readonly postgres?: undefined; readonly sqlite?: undefined }
);

/**
 * `{blob}` is the engine's type for bytes, `{counted}` a number that grows by itself, `{any}` one that nobody else has:
 * what a program writes that does not know of the column.
 */
export const migrations: readonly Migration[] = [
  { both: first },
  { both: outbox, postgres: looser, sqlite: '' },
  { both: history },
  { both: places, ...placed },
];
export const schemaVersion = migrations.length;

/** In the order in which rows may be put back. Keys and their hashes stay behind; places of sessions come with the sessions. */
export const exportedTables = [
  'workspace',
  'member',
  'oauth_app',
  'repository',
  'item',
  'comment',
  'document',
  'agent',
  'worker',
  'instance',
  'session',
  'session_snapshot',
  'session_archive',
  'claim',
  'activity',
  'late_activity',
  'input',
  'message',
  'review',
  'handoff',
  'attachment',
  'event',
] as const;
