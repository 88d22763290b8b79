/** Sessions as people see and steer them. */
import type { Activity, LateActivity } from '../../../../protocol/activities.ts';
import { BelayError } from '../../../../protocol/errors.ts';
import type { SessionPrompt, StoredSession } from '../../../../protocol/records.ts';
import { isFinal } from '../../../../protocol/states.ts';
import { authorize } from '../../../domain/authorize.ts';
import { expiryMs } from '../../../domain/reaper.ts';
import type { Call, Page, Queries, Slice } from '../../base/calls.ts';
import type { Tx } from '../../base/engine.ts';
import { afterNumber, beforeCursor, byNumber, defaultPage, longPage, sliceOf } from '../../base/pages.ts';
import { count, integer, text } from '../../base/rows.ts';
import { emit } from '../events/events.ts';
import { unfold } from './history.ts';
import { activityOf, lateActivityOf, sessionOf, snapshotOf } from './rows.ts';
import { cancelRow, tellChanged, findSession, ownSession, viewSession } from './sessionRows.ts';
import { sessionSql } from './sql.ts';

const defaultActivities = 500;

export async function getSessionPrompt(tx: Tx, call: Call, id: string): Promise<SessionPrompt> {
  await findSession(tx, call, id);
  const snapshot = (await tx.get(sessionSql.sessionSnapshot, { session: id })) ?? (await unfold(tx, id, 'snapshot', 0, 1))[0];
  return snapshot ? snapshotOf(snapshot) : { instructions: [], context: [] };
}

export async function listSessions(tx: Tx, call: Call, query: Queries['listSessions']): Promise<Page<StoredSession>> {
  const limit = query.limit ?? defaultPage;
  const filter = {
    workspace: call.caller.workspaceId,
    item: query.item ?? null,
    states: JSON.stringify(query.state ?? []),
    line: query.line ?? null,
    archived: query.archived ?? 'any',
  };
  const of = query.line !== undefined ? 'OfLine' : query.item !== undefined ? 'OfItem' : '';
  const total = count(await tx.get(sessionSql[`sessionCount${of}`], filter));
  const rows = await tx.all(sessionSql[`sessionList${of}`], { ...filter, ...beforeCursor(query.cursor), limit: limit + 1 });
  return { ...sliceOf(rows, limit, sessionOf, (row) => [integer(row, 'created_at'), text(row, 'id')]), total };
}

const finalRefusal = (session: StoredSession): BelayError =>
  new BelayError('session_final', `This session has ended: it is ${session.state}.`);

export async function cancelSession(tx: Tx, call: Call, id: string): Promise<StoredSession> {
  const session = await ownSession(tx, call, id);
  authorize(call.caller, 'session.steer', session);
  if (session.state === 'cancelled') return session;
  if (isFinal(session.state)) throw finalRefusal(session);
  const row = await tx.get(sessionSql.sessionRow, { session: id });
  if (row) await cancelRow(tx, call.now, row, 'person', `${call.caller.memberName} cancelled the session.`);
  return viewSession(tx, id);
}

export async function retrySession(tx: Tx, call: Call, id: string): Promise<StoredSession> {
  const session = await ownSession(tx, call, id);
  authorize(call.caller, 'session.steer', session);
  const row = await tx.get(sessionSql.sessionRetry, { session: id, now: call.now, expires: call.now + expiryMs });
  if (!row) {
    if (isFinal(session.state)) throw finalRefusal(session);
    throw new BelayError('invalid_transition', `Only a stale session can be queued again; this one is ${session.state}.`);
  }
  await tx.run(sessionSql.withdrawAll, { session: id, now: call.now });
  tellChanged(tx, call.now, row);
  return viewSession(tx, id);
}

export async function archiveSession(tx: Tx, call: Call, id: string): Promise<StoredSession> {
  const session = await ownSession(tx, call, id);
  authorize(call.caller, 'session.steer', session);
  if (session.archivedAt !== null) return session;
  if (!isFinal(session.state))
    throw new BelayError('invalid_transition', `Only a finished session can be archived; this one is ${session.state}.`);
  await tx.insert('session_archive', { session_id: id, archived_at: call.now });
  emit(tx, call.now, session.workspaceId, 'session.changed', { sessionId: id, itemId: session.itemId });
  return viewSession(tx, id);
}

export async function listActivities(
  tx: Tx,
  call: Call,
  id: string,
  query: Queries['listActivities'],
): Promise<{ entries: Activity[]; lastSeq: number }> {
  const session = await findSession(tx, call, id);
  const after = query.after ?? 0;
  const limit = query.limit ?? defaultActivities;
  const old =
    session.finishedAt === null ? [] : (await unfold(tx, id, 'activity', after, limit)).filter((row) => integer(row, 'seq') > after);
  const rows =
    old.length >= limit
      ? old.slice(0, limit)
      : [...old, ...(await tx.all(sessionSql.activitiesAfter, { session: id, after, limit: limit - old.length }))];
  return { entries: rows.map(activityOf), lastSeq: session.lastSeq };
}

export async function listLateActivities(tx: Tx, call: Call, id: string, query: Queries['paging']): Promise<Slice<LateActivity>> {
  await findSession(tx, call, id);
  const limit = query.limit ?? longPage;
  const after = afterNumber(query.cursor);
  const old = await unfold(tx, id, 'late', after, limit + 1);
  const rows =
    old.length > limit ? old : [...old, ...(await tx.all(sessionSql.lateList, { session: id, after, limit: limit + 1 - old.length }))];
  return sliceOf(rows, limit, lateActivityOf, byNumber);
}
