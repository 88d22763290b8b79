/** Values on their way to PostgreSQL and back. Its TEXT holds everything but U+0000, so that character travels under another name. */
import { escapeLiteral, types } from 'pg';
import type { Row, Value } from '../base/values.ts';

/** From a private plane; where it stands in a text itself, it is marked as well. */
const mark = '\u{F0000}';
const special = /\0|\u{F0000}/gu;

export const encodeText = (text: string): string =>
  text.includes('\0') || text.includes(mark) ? text.replace(special, (char) => mark + (char === '\0' ? '0' : '1')) : text;
export const decodeText = (text: string): string =>
  text.includes(mark) ? text.replace(/\u{F0000}([01])/gu, (_, which: string) => (which === '0' ? '\0' : mark)) : text;

const decodeJson = (json: string): unknown =>
  json.includes(mark) ? JSON.parse(json, (_, value: unknown) => (typeof value === 'string' ? decodeText(value) : value)) : JSON.parse(json);

const encode = (value: Value): Value => (typeof value === 'string' ? encodeText(value) : value);

/** Places whose value is a list, sent to the store as JSON text and to the database as an array. */
export function listPlaces(sql: string): ReadonlySet<number> {
  return new Set([...sql.matchAll(/\$(\d+)::text\[\]/g)].map((match) => Number(match[1]) - 1));
}

/** A value on its way to the database. */
export type Encoded = Value | string[];

export const encodeAll = (params: readonly Value[], lists: ReadonlySet<number>): Encoded[] =>
  params.map((value, place) => (lists.has(place) ? (JSON.parse(value as string) as string[]).map(encodeText) : encode(value)));

/** One row as values; many as one array a column, so that the statement stays the same for any number of them. */
export function insertOf(
  table: string,
  columns: readonly string[],
  rows: readonly Row[],
): { readonly text: string; readonly values: (Value | Value[])[] } {
  const into = `INSERT INTO ${table} (${columns.join(', ')})`;
  const of = (column: string): Value[] => rows.map((row) => encode(row[column] ?? null));
  if (rows.length === 1)
    return { text: `${into} VALUES (${columns.map((_, index) => `$${index + 1}`).join(', ')})`, values: columns.flatMap(of) };
  const values = columns.map(of);
  const places = values.map((list, index) => `$${index + 1}::${list.some((value) => typeof value === 'number') ? 'bigint' : 'text'}[]`);
  return { text: `${into} SELECT * FROM UNNEST(${places.join(', ')})`, values };
}

const literal = (value: string | number | null): string =>
  value === null ? 'NULL' : typeof value === 'number' ? String(value) : escapeLiteral(encodeText(value));

/** The rows as one statement with its values in place, so that it can go in one message with others. */
export function valuesOf(table: string, rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const list = rows.map((row) => `(${columns.map((column) => literal((row[column] ?? null) as string | number | null)).join(', ')})`);
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${list.join(', ')}`;
}

const [int8, text, json] = [20, 25, 114];
const ours = new Map<number, unknown>([
  [int8, Number],
  [text, decodeText],
  [json, decodeJson],
]);
/** Numbers stay below 2^53 here: times in milliseconds and counters. */
export const parsers = {
  getTypeParser: (oid: number, format?: 'text' | 'binary'): unknown => ours.get(oid) ?? types.getTypeParser(oid, format as 'text'),
};
