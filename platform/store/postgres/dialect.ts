/** SQL as PostgreSQL has it. */
import type { Dialect } from '../base/dialect.ts';

/** NO KEY UPDATE is what an UPDATE of ours takes itself; it lets rows that only refer to a locked one come in. */
export const postgresDialect: Dialect = {
  among: (column, place) => `${column} = ANY(${place}::text[])`,
  empty: (place) => `CARDINALITY(${place}::text[]) = 0`,
  has: (column, place) => `POSITION(CAST(TO_JSON(CAST(${place} AS TEXT)) AS TEXT) IN ${column}) > 0`,
  lock: 'FOR NO KEY UPDATE',
  lockFree: 'FOR NO KEY UPDATE SKIP LOCKED',
  lockOf: (relation) => `FOR NO KEY UPDATE OF ${relation}`,
  alone: (place) => `pg_advisory_xact_lock(hashtextextended(${place}, 0))`,
  picked: (query) => `= ANY(ARRAY(${query}))`,
  now: (place) => `COALESCE(CAST(${place} AS BIGINT), (EXTRACT(EPOCH FROM statement_timestamp()) * 1000)::BIGINT)`,
  folded: (text) => `LOWER(NORMALIZE(${text}, NFKD))`,
  pairs: (place) => `(SELECT e ->> 0 AS id, CAST(e ->> 1 AS BIGINT) AS fence FROM json_array_elements(CAST(${place} AS JSON)) e)`,
};
