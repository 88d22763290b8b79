/** What is folded away and taken away with time; each workspace remembers how far that has come. */
import { nothing, type Migration } from './migration.ts';

export const history: Migration = {
  both: (t) => `
CREATE TABLE history_chunk (
  session_id ${t.text} NOT NULL, kind ${t.text} NOT NULL, first BIGINT NOT NULL, last BIGINT NOT NULL, data ${t.blob} NOT NULL, PRIMARY KEY (session_id, kind, first)
);
ALTER TABLE workspace ADD COLUMN event_floor BIGINT NOT NULL DEFAULT 0;
ALTER TABLE workspace ADD COLUMN folded_to BIGINT NOT NULL DEFAULT 0;
ALTER TABLE workspace ADD COLUMN forgotten_to BIGINT NOT NULL DEFAULT 0;
CREATE INDEX session_finished ON session (workspace_id, finished_at, id) WHERE finished_at IS NOT NULL;
`,
  postgres: nothing,
  sqlite: nothing,
};
