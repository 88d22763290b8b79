/**
 * Events get their numbers after the transaction that they tell of, and every session that a request claims has a place in it, so
 * that two copies of the request cannot both claim. On PostgreSQL, rows of a session's own that nothing but a guarded write of
 * that session makes look it up no more: that cost a tenth of a claim.
 */
import { nothing, type Migration } from './migration.ts';

export const outbox: Migration = {
  both: (t) => `
CREATE TABLE event_outbox (
  id ${t.counted} PRIMARY KEY, workspace_id ${t.text} NOT NULL, type ${t.text} NOT NULL, item_id ${t.text}, session_id ${t.text}, at BIGINT NOT NULL
);
ALTER TABLE claim ADD COLUMN place BIGINT NOT NULL DEFAULT ${t.unique};
UPDATE claim SET place = (SELECT COUNT(*) FROM claim c WHERE c.instance_id = claim.instance_id AND c.request_id = claim.request_id AND c.session_id <= claim.session_id);
CREATE UNIQUE INDEX claim_once ON claim (instance_id, request_id, place);
DROP INDEX claim_request;
`,
  postgres: () => `
ALTER TABLE claim DROP CONSTRAINT claim_session_id_fkey;
ALTER TABLE activity DROP CONSTRAINT activity_session_id_fkey;
ALTER TABLE event DROP CONSTRAINT event_workspace_id_fkey;
`,
  sqlite: nothing,
};
