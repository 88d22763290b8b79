/** SQL as SQLite has it. */
import type { Chain, Scope } from '../base/chain.ts';
import type { Dialect } from '../base/dialect.ts';

export const sqliteDialect: Dialect = {
  among: (column, place) => `${column} IN (SELECT value FROM json_each(${place}))`,
  empty: (place) => `${place} = '[]'`,
  has: (column, place) => `EXISTS (SELECT 1 FROM json_each(${column}) WHERE value = ${place})`,
  // One transaction at a time: nothing to wait for.
  lock: '',
  lockFree: '',
  lockOf: () => '',
  alone: (place) => `${place} IS NULL`,
  // The first of them: a list costs twenty times as much here, and asking again costs nothing.
  picked: (query) => `= (${query})`,
  now: (place) => place,
  folded: (text) => `folded(${text})`,
  pairs: (place) => `(SELECT value ->> 0 AS id, value ->> 1 AS fence FROM json_each(${place}))`,
};

/** What the parts of a chain are written into: here the rows that the first one changed are found again by `:movedIds`. */
export const scopeOf = ({ table }: Chain): Scope => ({
  at: (name) => `:${name}`,
  moved: `(SELECT * FROM ${table} WHERE id IN (SELECT value FROM json_each(:movedIds))) m`,
});
