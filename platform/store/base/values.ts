export type Value = string | number | null | Uint8Array;
export type Row = Readonly<Record<string, Value>>;
/** The values of a statement, by name. What it does not take may be among them. */
export type Values = Readonly<Record<string, Value>>;
