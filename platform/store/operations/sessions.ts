/** Sessions as people see and steer them. */
import type { Activity, ActivityContent, ActivityDraft, LateActivity } from '../../../protocol/activities.ts';
import { BelayError } from '../../../protocol/errors.ts';
import type { Session, SessionDetail } from '../../../protocol/records.ts';
import { isFinal, type SessionStateName } from '../../../protocol/states.ts';
import { authorize } from '../../domain/authorize.ts';
import { preferenceMs } from '../../domain/claims.ts';
import { expiryMs } from '../../domain/reaper.ts';
import { asContext, defaultAttempts, instructionsFor, waitingState } from '../../domain/sessions.ts';
import { topics, type Row, type Tx } from '../base/engine.ts';
import { activityOf, count, integer, integerOrNull, lateActivityOf, sessionOf, snapshotOf, text } from '../base/rows.ts';
import type { Bodies, Call, Page, Queries, Slice } from '../base/store.ts';
import { emit } from './events.ts';
import { unfold } from './history.ts';
import { ownItem } from './findItem.ts';
import { byNumber, defaultPage, longPage, readCursor, sliceOf } from './pages.ts';
import { findAgent, findWorker } from './workers.ts';

const defaultActivities = 500;

export const stateOf = (row: Row): SessionStateName => text(row, 'state') as SessionStateName;

export async function viewSession(tx: Tx, id: string): Promise<Session> {
  const row = await tx.get('sessionView', [id]);
  if (!row) throw new BelayError('not_found', `There is no session "${id}".`);
  return sessionOf(row);
}

export async function findSession(tx: Tx, call: Call, id: string): Promise<Session> {
  const session = await viewSession(tx, id);
  if (session.workspaceId !== call.caller.workspaceId) throw new BelayError('not_found', `There is no session "${id}".`);
  return session;
}

/** The session, kept as it is by everybody else until the transaction ends. */
export async function ownSession(tx: Tx, call: Call, id: string): Promise<Session> {
  await tx.get('lockSession', [id]);
  return findSession(tx, call, id);
}

export async function getSession(tx: Tx, call: Call, id: string): Promise<SessionDetail> {
  const session = await findSession(tx, call, id);
  const snapshot = (await tx.get('sessionSnapshot', [session.id])) ?? (await unfold(tx, session.id, 'snapshot', 0, 1))[0];
  return { ...session, ...(snapshot ? snapshotOf(snapshot) : { instructions: [], context: [] }) };
}

/** Wakes who holds the session and, when it is queued, who could take it. */
export function stir(tx: Tx, row: Row): void {
  if (row.claim_instance_id !== null) tx.wake(topics.instance(text(row, 'claim_instance_id')));
  if (stateOf(row) === 'queued') tx.wake(topics.queue(text(row, 'workspace_id')));
}

/** Says in the workspace's stream that the session changed, and wakes whom it concerns. */
export function changed(tx: Tx, now: number, row: Row, type: 'session.changed' | 'session.input' = 'session.changed'): void {
  emit(tx, now, text(row, 'workspace_id'), type, { sessionId: text(row, 'id'), itemId: row.item_id as string | null });
  stir(tx, row);
}

export async function changedById(tx: Tx, now: number, sessionId: string): Promise<void> {
  const row = await tx.get('sessionRow', [sessionId]);
  if (row) changed(tx, now, row);
}

/** An activity in the platform's own words, where no holder can say it. */
export async function note(tx: Tx, now: number, sessionId: string, content: ActivityContent): Promise<void> {
  const row = await tx.get('ownSeq', [sessionId]);
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

export async function listSessions(tx: Tx, call: Call, query: Queries['listSessions']): Promise<Page<Session>> {
  const limit = query.limit ?? defaultPage;
  const filter = [
    call.caller.workspaceId,
    query.item ?? null,
    JSON.stringify(query.state ?? []),
    query.line ?? null,
    query.archived ?? 'any',
  ];
  const of = query.line !== undefined ? 'OfLine' : query.item !== undefined ? 'OfItem' : '';
  const total = count(await tx.get(`sessionCount${of}`, filter));
  const rows = await tx.all(`sessionList${of}`, [...filter, ...readCursor(query.cursor), limit + 1]);
  return { ...sliceOf(rows, limit, sessionOf, (row) => [integer(row, 'created_at'), text(row, 'id')]), total };
}

export async function createSession(tx: Tx, call: Call, body: Bodies['createSession']): Promise<Session> {
  const { now, caller } = call;
  const agent = await findAgent(tx, call, body.agentId);
  authorize(caller, 'session.create', agent);
  const item = body.itemId === null ? null : await ownItem(tx, call, body.itemId);
  if (item?.status === 'cancelled')
    throw new BelayError('invalid_transition', `${item.key} is cancelled.`, { hint: 'Reopen the item first.' });
  const title = body.title ?? item?.title;
  if (title === undefined) throw new BelayError('invalid_body', 'A session without an item needs a title.');
  if (body.repositoryId !== null && !(await tx.get('repositoryById', [caller.workspaceId, body.repositoryId])))
    throw new BelayError('not_found', `There is no repository "${body.repositoryId}".`);
  const workerId = body.workerId ?? null;
  if (workerId !== null) {
    const worker = await findWorker(tx, call, workerId);
    if (!worker.agentIds.includes(agent.id) || worker.execution !== agent.execution)
      throw new BelayError('invalid_body', `The worker on ${worker.machine} does not run "${agent.name}".`);
  }
  const parent = body.parentSessionId ? await tx.get('sessionRow', [body.parentSessionId]) : undefined;
  if (body.parentSessionId && (!parent || text(parent, 'workspace_id') !== caller.workspaceId))
    throw new BelayError('not_found', `There is no session "${body.parentSessionId}".`);

  const id = tx.newId('ses');
  const notBefore = body.notBefore ?? null;
  const state = waitingState(notBefore, now);
  const preferred = (parent?.claim_worker_id ?? null) as string | null;
  await tx.insert('session', {
    id,
    workspace_id: caller.workspaceId,
    item_id: item?.id ?? null,
    title,
    agent_id: agent.id,
    mode: body.mode,
    execution: agent.execution,
    initiator_id: caller.memberId,
    owner_id: caller.memberId,
    repository_id: body.repositoryId,
    base_commit: body.baseCommit ?? null,
    state,
    attempt: 0,
    max_attempts: body.maxAttempts ?? defaultAttempts,
    uncounted: 0,
    parent_session_id: body.parentSessionId ?? null,
    line_id: parent ? text(parent, 'line_id') : id,
    worker_id: workerId,
    prefer_worker_id: preferred,
    prefer_until: preferred === null ? null : now + preferenceMs,
    fence: 0,
    last_seq: 0,
    plan: '[]',
    urls: '[]',
    not_before: state === 'pending' ? notBefore : null,
    created_at: now,
    queued_at: state === 'queued' ? now : null,
    expires_at: Math.max(now, notBefore ?? 0) + expiryMs,
  });
  await tx.insert('session_snapshot', {
    session_id: id,
    instructions: JSON.stringify(instructionsFor(agent)),
    context: JSON.stringify(asContext(body.context)),
  });
  emit(tx, now, caller.workspaceId, 'session.created', { sessionId: id, itemId: item?.id ?? null });
  if (state === 'queued') tx.wake(topics.queue(caller.workspaceId));
  return viewSession(tx, id);
}

/** Cancels a session that nobody holds; asks the holder of one that is held. Final ones stay as they are. */
export async function cancelRow(tx: Tx, now: number, row: Row, by: 'person' | 'worker' | 'platform', why: string): Promise<void> {
  const id = text(row, 'id');
  if (integerOrNull(row, 'lease_end') !== null) {
    if ((await tx.run('sessionAskCancel', [id, now])) > 0) changed(tx, now, row);
    return;
  }
  if (isFinal(stateOf(row))) return;
  await note(tx, now, id, { kind: 'cancellation', body: { by, text: why } });
  await tx.run('withdrawAll', [id, now]);
  const after = await tx.get('sessionCancel', [id, now]);
  if (after) changed(tx, now, after);
}

export async function flagRow(tx: Tx, now: number, row: Row, flag: NonNullable<Session['itemChanged']>): Promise<void> {
  if (row.item_changed === flag) return;
  await tx.run('sessionFlag', [text(row, 'id'), flag]);
  changed(tx, now, row);
}

const finalRefusal = (session: Session): BelayError => new BelayError('session_final', `This session has ended: it is ${session.state}.`);

export async function cancelSession(tx: Tx, call: Call, id: string): Promise<Session> {
  const session = await ownSession(tx, call, id);
  authorize(call.caller, 'session.steer', session);
  if (session.state === 'cancelled') return session;
  if (isFinal(session.state)) throw finalRefusal(session);
  const row = await tx.get('sessionRow', [id]);
  if (row) await cancelRow(tx, call.now, row, 'person', `${call.caller.memberName} cancelled the session.`);
  return viewSession(tx, id);
}

export async function retrySession(tx: Tx, call: Call, id: string): Promise<Session> {
  const session = await ownSession(tx, call, id);
  authorize(call.caller, 'session.steer', session);
  const row = await tx.get('sessionRetry', [id, call.now, call.now + expiryMs]);
  if (!row) {
    if (isFinal(session.state)) throw finalRefusal(session);
    throw new BelayError('invalid_transition', `Only a stale session can be queued again; this one is ${session.state}.`);
  }
  await tx.run('withdrawAll', [id, call.now]);
  changed(tx, call.now, row);
  return viewSession(tx, id);
}

export async function archiveSession(tx: Tx, call: Call, id: string): Promise<Session> {
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
  const rows = old.length >= limit ? old.slice(0, limit) : [...old, ...(await tx.all('activitiesAfter', [id, after, limit - old.length]))];
  return { entries: rows.map(activityOf), lastSeq: session.lastSeq };
}

export async function listLateActivities(tx: Tx, call: Call, id: string, query: Queries['paging']): Promise<Slice<LateActivity>> {
  await findSession(tx, call, id);
  const limit = query.limit ?? longPage;
  const [after] = readCursor(query.cursor);
  const old = await unfold(tx, id, 'late', after ?? 0, limit + 1);
  const rows = old.length > limit ? old : [...old, ...(await tx.all('lateList', [id, after ?? 0, limit + 1 - old.length]))];
  return sliceOf(rows, limit, lateActivityOf, byNumber);
}
