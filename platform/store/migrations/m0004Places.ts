/**
 * What lists walk: where a session stands among others, which never changes. An index of the session's own gets an entry with each
 * of its changes; one of this table gets one in all. The old indexes go first: in PostgreSQL that locks the table, and no lock has
 * to grow while others hold theirs. Nobody asks for what is parked. New sessions get their place by a trigger, because a program
 * that does not know of the table makes sessions too; whoever inserts may have another search path.
 */
import { type Migration } from './migration.ts';

const sessionPlace = (session: string): string => `INSERT INTO session_place (session_id, workspace_id, created_at, item_id, line_id)
  SELECT ${['id', 'workspace_id', 'created_at', 'item_id', 'line_id'].map((column) => `${session}.${column}`).join(', ')}`;

export const places: Migration = {
  both: (t) => `
DROP INDEX session_newest;
DROP INDEX session_item;
DROP INDEX session_line;
DROP INDEX session_parked;
CREATE TABLE session_place (
  session_id ${t.text} PRIMARY KEY REFERENCES session(id) ON DELETE CASCADE, workspace_id ${t.text} NOT NULL, created_at BIGINT NOT NULL,
  item_id ${t.text}, line_id ${t.text} NOT NULL
);
${sessionPlace('s')} FROM session s;
CREATE INDEX session_place_newest ON session_place (workspace_id, created_at, session_id);
CREATE INDEX session_place_item ON session_place (item_id, created_at, session_id) WHERE item_id IS NOT NULL;
CREATE INDEX session_place_line ON session_place (line_id, created_at, session_id);
`,
  postgres: () => `CREATE FUNCTION session_placed() RETURNS TRIGGER LANGUAGE plpgsql SET search_path FROM CURRENT
    AS $$ BEGIN ${sessionPlace('NEW')}; RETURN NULL; END $$;
    CREATE TRIGGER session_placed AFTER INSERT ON session FOR EACH ROW EXECUTE FUNCTION session_placed();`,
  sqlite: () => `CREATE TRIGGER session_placed AFTER INSERT ON session BEGIN ${sessionPlace('NEW')}; END;`,
};
