/**
 * A step that only goes forward: it takes a database from the version before it to its own. Old programs may be at work while it
 * does, so it may add, loosen or take what nobody reads, and renames nothing. Times are milliseconds, lists and bodies are JSON
 * text, so that both engines read the same columns.
 */
export interface ColumnTypes {
  /** In byte order, independent of the server's locale and its upgrades. */
  readonly text: string;
  readonly blob: string;
  /** A number that grows by itself. */
  readonly counted: string;
  /** A number that nobody else has: what a program writes that does not know of the column. */
  readonly unique: string;
}

export interface Migration {
  readonly both: (t: ColumnTypes) => string;
  /** What one engine needs beside it; each says its half, if only that there is nothing. */
  readonly postgres: (t: ColumnTypes) => string;
  readonly sqlite: (t: ColumnTypes) => string;
}

export const nothing = (): string => '';
