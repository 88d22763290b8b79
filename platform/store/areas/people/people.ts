/** What people say to a session that runs: answers and messages. */
import { BelayError } from '../../../../protocol/errors.ts';
import type { Input, Message } from '../../../../protocol/records.ts';
import { isFinal } from '../../../../protocol/states.ts';
import { authorize } from '../../../domain/authorize.ts';
import { checkAnswer, sameAnswer } from '../../../domain/inputs.ts';
import type { Bodies, Call, Queries, Slice } from '../../base/calls.ts';
import { topics, type Tx } from '../../base/engine.ts';
import { afterCursor, afterNumber, byNumber, longPage, sliceOf } from '../../base/pages.ts';
import { count, integer, text } from '../../base/rows.ts';
import { emit } from '../events/events.ts';
import { tellChanged, findSession, ownSession } from '../sessions/sessionRows.ts';
import { sessionSql } from '../sessions/sql.ts';
import { unparkIfAnswered } from './parking.ts';
import { inputOf, messageOf } from './rows.ts';
import { peopleSql } from './sql.ts';

export async function listInputs(tx: Tx, call: Call, query: Queries['listInputs']): Promise<Slice<Input>> {
  const limit = query.limit ?? longPage;
  const filter = { workspace: call.caller.workspaceId, session: query.session ?? null, states: JSON.stringify(query.state ?? []) };
  const rows = await tx.all(peopleSql.inputList, { ...filter, ...afterCursor(query.cursor), limit: limit + 1 });
  return sliceOf(rows, limit, inputOf, (row) => [integer(row, 'asked_at'), text(row, 'id')]);
}

async function findInput(tx: Tx, call: Call, id: string): Promise<Input> {
  const row = await tx.get(peopleSql.inputById, { workspace: call.caller.workspaceId, input: id });
  if (!row) throw new BelayError('not_found', `There is no question "${id}".`);
  return inputOf(row);
}

export async function answerInput(tx: Tx, call: Call, id: string, body: Bodies['answerInput']): Promise<Input> {
  const session = await ownSession(tx, call, (await findInput(tx, call, id)).sessionId);
  const input = await findInput(tx, call, id);
  authorize(call.caller, 'session.answer', session);
  if (input.actionHash === body.actionHash && sameAnswer(input, body)) return input;
  checkAnswer(input, body, call.now);
  const answer = JSON.stringify({ optionId: body.optionId, text: body.text });
  await tx.run(peopleSql.inputAnswer, { input: id, answer, by: call.caller.memberId, now: call.now });
  const row =
    (await unparkIfAnswered(tx, call.now, input.sessionId)) ?? (await tx.get(sessionSql.sessionRow, { session: input.sessionId }));
  if (row) tellChanged(tx, call.now, row, 'session.input');
  return findInput(tx, call, id);
}

export async function sendMessage(tx: Tx, call: Call, sessionId: string, body: Bodies['sendMessage']): Promise<Message> {
  const session = await ownSession(tx, call, sessionId);
  authorize(call.caller, 'session.answer', session);
  if (isFinal(session.state))
    throw new BelayError('session_final', `This session has ended: it is ${session.state}.`, {
      hint: 'Start a follow-up session instead.',
    });
  const row = {
    id: tx.newId('msg'),
    session_id: sessionId,
    n: count(await tx.get(peopleSql.messageNext, { session: sessionId })),
    author_id: call.caller.memberId,
    kind: body.kind,
    body: body.body,
    created_at: call.now,
    delivered_at: null,
    acknowledged_at: null,
  };
  await tx.insert('message', row);
  if (session.claim) tx.wake(topics.instance(session.claim.instanceId));
  emit(tx, call.now, session.workspaceId, 'session.changed', { sessionId, itemId: session.itemId });
  return messageOf(row);
}

export async function listMessages(tx: Tx, call: Call, sessionId: string, query: Queries['paging']): Promise<Slice<Message>> {
  await findSession(tx, call, sessionId);
  const limit = query.limit ?? longPage;
  const after = afterNumber(query.cursor);
  return sliceOf(await tx.all(peopleSql.messageList, { session: sessionId, after, limit: limit + 1 }), limit, messageOf, byNumber);
}
