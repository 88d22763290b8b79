/** A person's decision on a result, with everything that follows from it: one transaction. */
import { BelayError } from '../../../../protocol/errors.ts';
import type { Review, StoredSession } from '../../../../protocol/records.ts';
import { refusedDecision } from '../../../../protocol/reviews.ts';
import { isFinal } from '../../../../protocol/states.ts';
import { authorize } from '../../../domain/authorize.ts';
import type { Bodies, Call, Queries, Slice } from '../../base/calls.ts';
import type { Tx } from '../../base/engine.ts';
import { afterNumber, byNumber, longPage, sliceOf } from '../../base/pages.ts';
import { count } from '../../base/rows.ts';
import { emit } from '../events/events.ts';
import { moveItem, writeRecap } from '../items/items.ts';
import { createFollowUp } from '../newSessions/newSessions.ts';
import { findSession, ownSession, viewSession } from '../sessions/sessionRows.ts';
import { sessionSql } from '../sessions/sql.ts';
import { reviewOf } from './rows.ts';
import { reviewSql } from './sql.ts';

async function writeReview(tx: Tx, call: Call, session: StoredSession, { decision, note }: Bodies['addReview']): Promise<void> {
  await tx.insert('review', {
    id: tx.newId('rev'),
    session_id: session.id,
    n: count(await tx.get(reviewSql.reviewNext, { session: session.id })),
    decision,
    by_id: call.caller.memberId,
    commit_id: session.result?.headCommit ?? null,
    note,
    at: call.now,
  });
  emit(tx, call.now, session.workspaceId, 'session.review', { sessionId: session.id, itemId: session.itemId });
}

/** Their folder is the same, and goes with what is discarded. */
async function checkNobodyWorks(tx: Tx, session: StoredSession): Promise<void> {
  if (await tx.get(sessionSql.lineAtWork, { line: session.lineId, session: session.id }))
    throw new BelayError('conflict', 'A follow-up still works in this folder.', { hint: 'Stop it first, or discard it with its result.' });
}

interface Decided {
  readonly session: StoredSession;
  readonly followUp: StoredSession | null;
}

export async function addReview(tx: Tx, call: Call, sessionId: string, body: Bodies['addReview']): Promise<Decided> {
  const session = await ownSession(tx, call, sessionId);
  const { decision } = body;
  authorize(call.caller, 'session.review', session);
  const isFollowUpOnly = decision === 'sent_back' && !isFinal(session.state);
  const refused = isFollowUpOnly ? null : refusedDecision(session, decision);
  if (refused) throw refused;
  if (session.review === decision && decision !== 'sent_back') return { session, followUp: null };
  if (decision === 'discarded') await checkNobodyWorks(tx, session);
  if (!isFollowUpOnly) await writeReview(tx, call, session, body);
  if (session.itemId !== null) await moveItem(tx, call, session.itemId, { kind: 'reviewed', decision, mode: session.mode });
  if (body.recap !== null && session.itemId !== null) await writeRecap(tx, call, session.itemId, session.id, body.recap);
  const followUp = decision === 'sent_back' ? await createFollowUp(tx, call, session, body.note) : null;
  return { session: await viewSession(tx, session.id), followUp };
}

export async function listReviews(tx: Tx, call: Call, sessionId: string, query: Queries['paging']): Promise<Slice<Review>> {
  await findSession(tx, call, sessionId);
  const limit = query.limit ?? longPage;
  const after = afterNumber(query.cursor);
  return sliceOf(await tx.all(reviewSql.reviewList, { session: sessionId, after, limit: limit + 1 }), limit, reviewOf, byNumber);
}
