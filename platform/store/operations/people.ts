/** What people say to a session that runs: answers and messages. */
import { BelayError } from '../../../protocol/errors.ts';
import type { Input, Message } from '../../../protocol/records.ts';
import { isFinal } from '../../../protocol/states.ts';
import { authorize } from '../../domain/authorize.ts';
import { checkAnswer, sameAnswer } from '../../domain/inputs.ts';
import { topics, type Tx } from '../base/engine.ts';
import { count, inputOf, integer, messageOf, text } from '../base/rows.ts';
import type { Bodies, Call, Queries, Slice } from '../base/store.ts';
import { emit } from './events.ts';
import { byNumber, longPage, readCursor, sliceOf } from './pages.ts';
import { changed, findSession, ownSession } from './sessionRows.ts';
import { unparkIfAnswered } from './parking.ts';

export async function listInputs(tx: Tx, call: Call, query: Queries['listInputs']): Promise<Slice<Input>> {
  const limit = query.limit ?? longPage;
  const filter = [call.caller.workspaceId, query.session ?? null, JSON.stringify(query.state ?? [])];
  const rows = await tx.all('inputList', [...filter, ...readCursor(query.cursor), limit + 1]);
  return sliceOf(rows, limit, inputOf, (row) => [integer(row, 'asked_at'), text(row, 'id')]);
}

async function findInput(tx: Tx, call: Call, id: string): Promise<Input> {
  const row = await tx.get('inputById', [call.caller.workspaceId, id]);
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
  await tx.run('inputAnswer', [id, answer, call.caller.memberId, call.now]);
  const row = (await unparkIfAnswered(tx, call.now, input.sessionId)) ?? (await tx.get('sessionRow', [input.sessionId]));
  if (row) changed(tx, call.now, row, 'session.input');
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
    n: count(await tx.get('messageNext', [sessionId])),
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
  const [after] = readCursor(query.cursor);
  return sliceOf(await tx.all('messageList', [sessionId, after ?? 0, limit + 1]), limit, messageOf, byNumber);
}
