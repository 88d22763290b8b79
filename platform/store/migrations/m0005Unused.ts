/** Tables that nobody ever read or wrote. What named one of them, without ever naming a row, names it no more. */
import type { Migration } from './migration.ts';

const unused = 'DROP TABLE attachment_chunk; DROP TABLE attachment; DROP TABLE api_key; DROP TABLE oauth_app;';
const columns = 'id, workspace_id, slug, name, execution, owner_id, driver, instructions, policy, oauth_app_id, created_at';

export const unusedTables: Migration = {
  both: () => '',
  postgres: () => `ALTER TABLE agent DROP CONSTRAINT agent_oauth_app_id_fkey; ${unused}`,
  // A column that refers to a table can only go with its own table.
  sqlite: ({ text }) => `
CREATE TABLE agent_kept (
  id ${text} PRIMARY KEY, workspace_id ${text} NOT NULL REFERENCES workspace(id), slug ${text} NOT NULL, name ${text} NOT NULL, execution ${text} NOT NULL,
  owner_id ${text} REFERENCES member(id), driver ${text} NOT NULL, instructions ${text} NOT NULL, policy ${text} NOT NULL,
  oauth_app_id ${text}, created_at BIGINT NOT NULL
);
INSERT INTO agent_kept (${columns}) SELECT ${columns} FROM agent;
DROP TABLE agent;
ALTER TABLE agent_kept RENAME TO agent;
CREATE INDEX agent_slug ON agent (workspace_id, slug);
${unused}`,
};
