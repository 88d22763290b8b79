/** Statements: each has a name, and its values stand in it by theirs, as in `:session`. Both engines read the same text. */
import type { Dialect } from './dialect.ts';
import type { Value, Values } from './values.ts';

export interface Sql {
  readonly name: string;
  readonly text: (d: Dialect) => string;
}
/** An area's statements, under the names they have there. */
export function sqlOf<const T extends Readonly<Record<string, string | ((d: Dialect) => string)>>>(
  texts: T,
): { readonly [N in keyof T]: Sql } {
  const entries = Object.entries(texts).map(([name, text]) => [name, { name, text: typeof text === 'string' ? () => text : text }]);
  return Object.fromEntries(entries) as { readonly [N in keyof T]: Sql };
}

/** A cast, as in `:kinds::text[]`, is no name. */
const place = /(?<![:\w]):([a-zA-Z]\w*)/g;

/** The names of the values that a text takes, each once. */
export const namesIn = (text: string): string[] => [...new Set([...text.matchAll(place)].map(([, name = '']) => name))];

/** The text with `$1`, `$2`, … in place of names, for an engine that counts. */
export function numbered(text: string): { readonly text: string; readonly names: readonly string[] } {
  const names = namesIn(text);
  return { text: text.replace(place, (_, name: string) => `$${names.indexOf(name) + 1}`), names };
}

/** The values that stand at `names`. Throws for one that nobody gave: NULL is said. */
export function valuesAt(name: string, names: readonly string[], values: Values): Value[] {
  return names.map((wanted) => {
    const value = values[wanted];
    if (value === undefined) throw new Error(`The statement "${name}" takes ":${wanted}".`);
    return value;
  });
}

export const baseSql = sqlOf({
  /** Waits until nobody else holds the name, and holds it to the end of the transaction. */
  alone: (d) => `SELECT ${d.alone(':name')} AS alone`,
});
