/** Values on their way to PostgreSQL and back. Its TEXT holds everything but U+0000, so that character travels under another name. */
import { escapeLiteral, types } from 'pg';
import type { PendingEvent, Row, Value } from '../engine.ts';

/** From a private plane; where it stands in a text itself, it is marked as well. */
const mark = '\u{F0000}';
const special = /\0|\u{F0000}/gu;

export const encodeText = (text: string): string =>
  text.includes('\0') || text.includes(mark) ? text.replace(special, (char) => mark + (char === '\0' ? '0' : '1')) : text;
export const decodeText = (text: string): string =>
  text.includes(mark) ? text.replace(/\u{F0000}([01])/gu, (_, which: string) => (which === '0' ? '\0' : mark)) : text;

const encode = (value: Value): Value => (typeof value === 'string' ? encodeText(value) : value);

/** Places whose value is a list, sent to the store as JSON text and to the database as an array. */
export function listPlaces(sql: string): ReadonlySet<number> {
  return new Set([...sql.matchAll(/\$(\d+)::text\[\]/g)].map((match) => Number(match[1]) - 1));
}

export const encodeAll = (params: readonly Value[], lists: ReadonlySet<number>): (Value | string[])[] =>
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

/** One statement a workspace: moves its counter on and stores the events under the numbers it passed. */
export function eventInserts(events: readonly PendingEvent[]): string[] {
  return [...new Set(events.map((event) => event.workspaceId))].map((workspaceId) => {
    const own = events.filter((event) => event.workspaceId === workspaceId);
    const rows = own.map(
      ({ type, itemId, sessionId, at }, index) => `(${[index + 1, ...[type, itemId, sessionId].map(literal), at].join(', ')})`,
    );
    return `WITH counter AS (
        UPDATE workspace SET event_counter = event_counter + ${own.length} WHERE id = ${literal(workspaceId)}
        RETURNING id, event_counter - ${own.length} AS before)
      INSERT INTO event (workspace_id, n, type, item_id, session_id, at)
      SELECT counter.id, counter.before + e.place, e.type, e.item_id, e.session_id, e.at
      FROM counter, (VALUES ${rows.join(', ')}) AS e (place, type, item_id, session_id, at)`;
  });
}

const [int8, text] = [20, 25];
/** Numbers stay below 2^53 here: times in milliseconds and counters. */
export const parsers = {
  getTypeParser: (oid: number, format?: 'text' | 'binary'): unknown =>
    oid === int8 ? Number : oid === text ? decodeText : types.getTypeParser(oid, format as 'text'),
};
