/** A parked session goes back to the queue when nothing it asked is open any more. */
import { preferenceMs } from '../../../domain/claims.ts';
import { expiryMs } from '../../../domain/reaper.ts';
import type { Tx } from '../../base/engine.ts';
import { count } from '../../base/rows.ts';
import type { Row } from '../../base/values.ts';
import { peopleSql } from './sql.ts';

/** The session's row when it was queued again, else undefined. */
export async function unparkIfAnswered(tx: Tx, now: number, sessionId: string): Promise<Row | undefined> {
  if (count(await tx.get(peopleSql.openInputs, { session: sessionId })) > 0) return undefined;
  return tx.get(peopleSql.unpark, { session: sessionId, now, expires: now + expiryMs, preferUntil: now + preferenceMs });
}
