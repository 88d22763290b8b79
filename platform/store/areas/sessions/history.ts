/** What a session did long ago: folded into compressed chunks, read back as if it had not been. */
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Tx } from '../../base/engine.ts';
import { integer, text } from '../../base/rows.ts';
import type { Row, Value } from '../../base/values.ts';
import { sessionSql } from './sql.ts';

export type HistoryKind = 'activity' | 'late' | 'claim' | 'snapshot';

const pack = (rows: readonly Row[]): Uint8Array => gzipSync(JSON.stringify(rows));
const unpack = (data: Value | undefined): Row[] => JSON.parse(gunzipSync(data as Uint8Array).toString('utf8')) as Row[];

/** Rows of one kind, numbered from `first` to `last` without a gap. */
export async function fold(tx: Tx, sessionId: string, kind: HistoryKind, first: number, last: number, rows: readonly Row[]): Promise<void> {
  await tx.insert('history_chunk', { session_id: sessionId, kind, first, last, data: pack(rows) });
}

/** Rows of `kind` with numbers above `after`, in order: at least `enough` of them where there are so many. */
export async function unfold(tx: Tx, sessionId: string, kind: HistoryKind, after: number, enough: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (let at = after; rows.length < enough;) {
    const chunk = await tx.get(sessionSql.historyAfter, { session: sessionId, kind, after: at });
    if (!chunk) break;
    rows.push(...unpack(chunk.data).slice(Math.max(0, at + 1 - integer(chunk, 'first'))));
    at = integer(chunk, 'last');
  }
  return rows;
}

const tables = { activity: 'activity', late: 'late_activity', claim: 'claim', snapshot: 'session_snapshot' } as const satisfies Record<
  HistoryKind,
  string
>;

/** Every folded row, under the table it came from. */
export async function unfoldAll(tx: Tx): Promise<Map<string, Row[]>> {
  const found = new Map<string, Row[]>();
  for (const chunk of await tx.dump('history_chunk')) {
    const table = tables[text(chunk, 'kind') as HistoryKind];
    found.set(table, [...(found.get(table) ?? []), ...unpack(chunk.data)]);
  }
  return found;
}
