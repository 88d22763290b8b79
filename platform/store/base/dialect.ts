/** What SQL says differently in each engine. A place is the name of a value, as in `:session`. */
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
