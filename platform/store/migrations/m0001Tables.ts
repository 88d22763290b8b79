/** The first tables. */
import { nothing, type Migration } from './migration.ts';

export const tables: Migration = {
  both: (t) => `
CREATE TABLE workspace (
  id ${t.text} PRIMARY KEY, name ${t.text} NOT NULL, created_at BIGINT NOT NULL,
  event_counter BIGINT NOT NULL DEFAULT 0, reaped_at BIGINT,
  initiative_counter BIGINT NOT NULL DEFAULT 0, bug_counter BIGINT NOT NULL DEFAULT 0, todo_counter BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE member (
  id ${t.text} PRIMARY KEY, workspace_id ${t.text} NOT NULL REFERENCES workspace(id), name ${t.text} NOT NULL, role ${t.text} NOT NULL, created_at BIGINT NOT NULL
);
CREATE TABLE oauth_app (
  id ${t.text} PRIMARY KEY, workspace_id ${t.text} NOT NULL REFERENCES workspace(id), name ${t.text} NOT NULL, kind ${t.text} NOT NULL,
  created_by ${t.text} NOT NULL REFERENCES member(id), created_at BIGINT NOT NULL
);
CREATE TABLE api_key (
  id ${t.text} PRIMARY KEY, workspace_id ${t.text} NOT NULL REFERENCES workspace(id), name ${t.text} NOT NULL, hash ${t.text} NOT NULL UNIQUE, last_four ${t.text} NOT NULL,
  created_by ${t.text} NOT NULL REFERENCES member(id), created_at BIGINT NOT NULL, revoked_at BIGINT
);
CREATE TABLE repository (
  id ${t.text} PRIMARY KEY, workspace_id ${t.text} NOT NULL REFERENCES workspace(id), name ${t.text} NOT NULL, remote ${t.text}, root_commit ${t.text},
  subdirectory ${t.text} NOT NULL, default_branch ${t.text} NOT NULL, created_at BIGINT NOT NULL
);
CREATE INDEX repository_origin ON repository (workspace_id, root_commit);
CREATE TABLE item (
  id ${t.text} PRIMARY KEY, workspace_id ${t.text} NOT NULL REFERENCES workspace(id), key ${t.text} NOT NULL, kind ${t.text} NOT NULL, title ${t.text} NOT NULL,
  description ${t.text} NOT NULL, status ${t.text} NOT NULL, priority ${t.text} NOT NULL, assignee_ids ${t.text} NOT NULL, parent_id ${t.text} REFERENCES item(id),
  labels ${t.text} NOT NULL, repository_id ${t.text} REFERENCES repository(id), links ${t.text} NOT NULL, source ${t.text}, version BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, UNIQUE (workspace_id, key)
);
CREATE INDEX item_newest ON item (workspace_id, updated_at, id);
CREATE INDEX item_children ON item (parent_id);
CREATE TABLE comment (
  id ${t.text} PRIMARY KEY, item_id ${t.text} NOT NULL REFERENCES item(id), n BIGINT NOT NULL, author_id ${t.text} REFERENCES member(id), author_name ${t.text} NOT NULL,
  origin ${t.text} NOT NULL, session_id ${t.text}, body ${t.text} NOT NULL, created_at BIGINT NOT NULL, UNIQUE (item_id, n)
);
CREATE TABLE document (
  id ${t.text} PRIMARY KEY, item_id ${t.text} NOT NULL REFERENCES item(id), title ${t.text} NOT NULL, body ${t.text} NOT NULL, version BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL
);
CREATE INDEX document_item ON document (item_id);
CREATE TABLE agent (
  id ${t.text} PRIMARY KEY, workspace_id ${t.text} NOT NULL REFERENCES workspace(id), slug ${t.text} NOT NULL, name ${t.text} NOT NULL, execution ${t.text} NOT NULL,
  owner_id ${t.text} REFERENCES member(id), driver ${t.text} NOT NULL, instructions ${t.text} NOT NULL, policy ${t.text} NOT NULL,
  oauth_app_id ${t.text} REFERENCES oauth_app(id), created_at BIGINT NOT NULL
);
CREATE INDEX agent_slug ON agent (workspace_id, slug);
CREATE TABLE worker (
  id ${t.text} PRIMARY KEY, workspace_id ${t.text} NOT NULL REFERENCES workspace(id), owner_id ${t.text} NOT NULL REFERENCES member(id), machine ${t.text} NOT NULL,
  execution ${t.text} NOT NULL, agent_ids ${t.text} NOT NULL, capacity BIGINT NOT NULL, seen_at BIGINT, created_at BIGINT NOT NULL,
  UNIQUE (workspace_id, owner_id, machine, execution)
);
CREATE TABLE instance (
  id ${t.text} PRIMARY KEY, worker_id ${t.text} NOT NULL REFERENCES worker(id), program ${t.text} NOT NULL, version ${t.text} NOT NULL,
  started_at BIGINT NOT NULL, seen_at BIGINT NOT NULL
);
CREATE INDEX instance_worker ON instance (worker_id);
CREATE TABLE session (
  id ${t.text} PRIMARY KEY, workspace_id ${t.text} NOT NULL REFERENCES workspace(id), item_id ${t.text} REFERENCES item(id), title ${t.text} NOT NULL,
  agent_id ${t.text} NOT NULL REFERENCES agent(id), mode ${t.text} NOT NULL, execution ${t.text} NOT NULL, initiator_id ${t.text} NOT NULL REFERENCES member(id),
  owner_id ${t.text} NOT NULL REFERENCES member(id), repository_id ${t.text} REFERENCES repository(id), base_commit ${t.text}, state ${t.text} NOT NULL,
  attempt BIGINT NOT NULL, max_attempts BIGINT NOT NULL, uncounted BIGINT NOT NULL, parent_session_id ${t.text} REFERENCES session(id),
  line_id ${t.text} NOT NULL, worker_id ${t.text} REFERENCES worker(id), prefer_worker_id ${t.text} REFERENCES worker(id), prefer_until BIGINT,
  fence BIGINT NOT NULL, claim_worker_id ${t.text}, claim_instance_id ${t.text}, lease_end BIGINT, last_seq BIGINT NOT NULL,
  plan ${t.text} NOT NULL, urls ${t.text} NOT NULL, sandbox_step ${t.text}, result ${t.text}, usage ${t.text}, error ${t.text}, cancel_requested_at BIGINT,
  not_before BIGINT, stale_until BIGINT, item_changed ${t.text}, created_at BIGINT NOT NULL, queued_at BIGINT, started_at BIGINT,
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
CREATE TABLE session_snapshot (session_id ${t.text} PRIMARY KEY REFERENCES session(id), instructions ${t.text} NOT NULL, context ${t.text} NOT NULL);
CREATE TABLE session_archive (session_id ${t.text} PRIMARY KEY REFERENCES session(id), archived_at BIGINT NOT NULL);
CREATE TABLE claim (
  session_id ${t.text} NOT NULL REFERENCES session(id), fence BIGINT NOT NULL, worker_id ${t.text} NOT NULL, instance_id ${t.text} NOT NULL,
  request_id ${t.text} NOT NULL, claimed_at BIGINT NOT NULL, ended_at BIGINT, ended_by ${t.text}, PRIMARY KEY (session_id, fence)
);
CREATE INDEX claim_request ON claim (instance_id, request_id);
CREATE TABLE activity (
  session_id ${t.text} NOT NULL REFERENCES session(id), seq BIGINT NOT NULL, fence BIGINT NOT NULL, key ${t.text} NOT NULL, at BIGINT NOT NULL,
  received_at BIGINT NOT NULL, kind ${t.text} NOT NULL, body ${t.text} NOT NULL, PRIMARY KEY (session_id, seq), UNIQUE (session_id, key)
);
CREATE TABLE late_activity (
  session_id ${t.text} NOT NULL REFERENCES session(id), n BIGINT NOT NULL, fence BIGINT NOT NULL, key ${t.text} NOT NULL, at BIGINT NOT NULL,
  received_at BIGINT NOT NULL, kind ${t.text} NOT NULL, body ${t.text} NOT NULL, PRIMARY KEY (session_id, n), UNIQUE (session_id, key)
);
CREATE TABLE input (
  id ${t.text} PRIMARY KEY, session_id ${t.text} NOT NULL REFERENCES session(id), key ${t.text} NOT NULL, fence BIGINT NOT NULL, kind ${t.text} NOT NULL,
  action_hash ${t.text} NOT NULL, title ${t.text} NOT NULL, detail ${t.text} NOT NULL, options ${t.text} NOT NULL, accepts_text BIGINT NOT NULL, state ${t.text} NOT NULL,
  answer ${t.text}, answered_by ${t.text} REFERENCES member(id), asked_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, answered_at BIGINT,
  delivered_at BIGINT, UNIQUE (session_id, key)
);
CREATE INDEX input_open ON input (expires_at) WHERE state = 'open';
CREATE TABLE message (
  id ${t.text} PRIMARY KEY, session_id ${t.text} NOT NULL REFERENCES session(id), n BIGINT NOT NULL, author_id ${t.text} NOT NULL REFERENCES member(id),
  kind ${t.text} NOT NULL, body ${t.text} NOT NULL, created_at BIGINT NOT NULL, delivered_at BIGINT, acknowledged_at BIGINT, UNIQUE (session_id, n)
);
CREATE TABLE review (
  id ${t.text} PRIMARY KEY, session_id ${t.text} NOT NULL REFERENCES session(id), n BIGINT NOT NULL, decision ${t.text} NOT NULL,
  by_id ${t.text} NOT NULL REFERENCES member(id), commit_id ${t.text}, note ${t.text} NOT NULL, at BIGINT NOT NULL, UNIQUE (session_id, n)
);
CREATE TABLE handoff (
  id ${t.text} PRIMARY KEY, item_id ${t.text} NOT NULL REFERENCES item(id), target ${t.text} NOT NULL, target_name ${t.text} NOT NULL, mode ${t.text} NOT NULL,
  state ${t.text} NOT NULL, detail ${t.text} NOT NULL, repository_id ${t.text} REFERENCES repository(id), base_commit ${t.text}, result ${t.text},
  by_id ${t.text} NOT NULL REFERENCES member(id), created_at BIGINT NOT NULL, closed_at BIGINT
);
CREATE INDEX handoff_item ON handoff (item_id, created_at);
CREATE TABLE attachment (
  id ${t.text} PRIMARY KEY, session_id ${t.text} REFERENCES session(id), item_id ${t.text} REFERENCES item(id), name ${t.text} NOT NULL, media_type ${t.text} NOT NULL,
  bytes BIGINT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT
);
CREATE TABLE attachment_chunk (
  attachment_id ${t.text} NOT NULL REFERENCES attachment(id), n BIGINT NOT NULL, data ${t.blob} NOT NULL, PRIMARY KEY (attachment_id, n)
);
CREATE TABLE event (
  workspace_id ${t.text} NOT NULL REFERENCES workspace(id), n BIGINT NOT NULL, type ${t.text} NOT NULL, item_id ${t.text}, session_id ${t.text}, at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, n)
);
CREATE TABLE idempotency_key (
  workspace_id ${t.text} NOT NULL REFERENCES workspace(id), member_id ${t.text} NOT NULL, key ${t.text} NOT NULL, hash ${t.text} NOT NULL, reply ${t.text} NOT NULL,
  created_at BIGINT NOT NULL, PRIMARY KEY (workspace_id, member_id, key)
);
CREATE INDEX idempotency_age ON idempotency_key (created_at);
`,
  postgres: nothing,
  sqlite: nothing,
};
