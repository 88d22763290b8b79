/** One session's row: found, locked, changed and told of. What every operation on sessions is made of. */
import type { ActivityContent, ActivityDraft } from '../../../../protocol/activities.ts';
import { BelayError } from '../../../../protocol/errors.ts';
import type { StoredSession } from '../../../../protocol/records.ts';
import { isFinal, type SessionStateName } from '../../../../protocol/states.ts';
import type { Call } from '../../base/calls.ts';
import { topics, type Tx } from '../../base/engine.ts';
import { integer, integerOrNull, text } from '../../base/rows.ts';
import type { Row } from '../../base/values.ts';
import { emit } from '../events/events.ts';
import { sessionOf } from './rows.ts';
import { sessionSql } from './sql.ts';

export const stateOf = (row: Row): SessionStateName => text(row, 'state') as SessionStateName;

export async function viewSession(tx: Tx, id: string): Promise<StoredSession> {
  const row = await tx.get(sessionSql.sessionView, { session: id });
  if (!row) throw new BelayError('not_found', `There is no session "${id}".`);
  return sessionOf(row);
}

export async function findSession(tx: Tx, call: Call, id: string): Promise<StoredSession> {
  const session = await viewSession(tx, id);
  if (session.workspaceId !== call.caller.workspaceId) throw new BelayError('not_found', `There is no session "${id}".`);
  return session;
}

/** The session, kept as it is by everybody else until the transaction ends. */
export async function ownSession(tx: Tx, call: Call, id: string): Promise<StoredSession> {
  await tx.get(sessionSql.lockSession, { session: id });
  return findSession(tx, call, id);
}

/** Wakes who holds the session and, when it is queued, who could take it. */
export function wakeConcerned(tx: Tx, row: Row): void {
  if (row.claim_instance_id !== null) tx.wake(topics.instance(text(row, 'claim_instance_id')));
  if (stateOf(row) === 'queued') tx.wake(topics.queue(text(row, 'workspace_id')));
}

/** Says in the workspace's stream that the session changed, and wakes whom it concerns. */
export function tellChanged(tx: Tx, now: number, row: Row, type: 'session.changed' | 'session.input' = 'session.changed'): void {
  emit(tx, now, text(row, 'workspace_id'), type, { sessionId: text(row, 'id'), itemId: row.item_id as string | null });
  wakeConcerned(tx, row);
}

export async function tellChangedById(tx: Tx, now: number, sessionId: string): Promise<void> {
  const row = await tx.get(sessionSql.sessionRow, { session: sessionId });
  if (row) tellChanged(tx, now, row);
}

/** An activity in the platform's own words, where no holder can say it. */
export async function writeOwnActivity(tx: Tx, now: number, sessionId: string, content: ActivityContent): Promise<void> {
  const row = await tx.get(sessionSql.ownSeq, { session: sessionId });
  if (!row) return;
  const seq = integer(row, 'last_seq');
  await writeActivities(tx, now, sessionId, integer(row, 'fence'), seq, [{ ...content, key: `platform/${seq}`, at: now }]);
}

/** Writes `drafts` with the numbers from `first` on, which must be reserved. */
export async function writeActivities(
  tx: Tx,
  now: number,
  sessionId: string,
  fence: number,
  first: number,
  drafts: readonly ActivityDraft[],
): Promise<void> {
  const rows = drafts.map((draft, index) => ({
    session_id: sessionId,
    seq: first + index,
    fence,
    key: draft.key,
    at: draft.at,
    received_at: now,
    kind: draft.kind,
    body: JSON.stringify(draft.body),
  }));
  await tx.insert('activity', ...rows);
  tx.wake(topics.session(sessionId));
}

/** Cancels a session that nobody holds; asks the holder of one that is held. Final ones stay as they are. */
export async function cancelRow(tx: Tx, now: number, row: Row, by: 'person' | 'worker' | 'platform', why: string): Promise<void> {
  const id = text(row, 'id');
  if (integerOrNull(row, 'lease_end') !== null) {
    if ((await tx.run(sessionSql.sessionAskCancel, { session: id, now })) > 0) tellChanged(tx, now, row);
    return;
  }
  if (isFinal(stateOf(row))) return;
  await writeOwnActivity(tx, now, id, { kind: 'cancellation', body: { by, text: why } });
  await tx.run(sessionSql.withdrawAll, { session: id, now });
  const after = await tx.get(sessionSql.sessionCancel, { session: id, now });
  if (after) tellChanged(tx, now, after);
}

export async function flagRow(tx: Tx, now: number, row: Row, flag: NonNullable<StoredSession['itemChanged']>): Promise<void> {
  if (row.item_changed === flag) return;
  await tx.run(sessionSql.sessionFlag, { session: text(row, 'id'), flag });
  tellChanged(tx, now, row);
}
