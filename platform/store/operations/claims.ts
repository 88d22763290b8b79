/** The workers' exchange: renew, re-claim, claim, and what there is to tell. */
import type { PollReply } from '../../../protocol/exchange.ts';
import type { Session, SessionDetail, Worker } from '../../../protocol/records.ts';
import { isFinal } from '../../../protocol/states.ts';
import { leaseEnd, namedFirstMs } from '../../domain/claims.ts';
import { setbackFor } from '../../domain/sessions.ts';
import type { Row, Tx } from '../engine.ts';
import { agentOf, inputOf, integer, integerOrNull, itemOf, messageOf, repositoryOf, text } from '../rows.ts';
import type { Call, PollInput, PollOutcome, StoredGrant } from '../store.ts';
import { changed, detailOf, stateOf, viewSession } from './sessions.ts';
import { findAgent, pollingWorker } from './workers.ts';

interface Held {
  readonly sessionId: string;
  readonly fence: number;
}

async function renew(tx: Tx, call: Call, input: PollInput): Promise<Pick<PollReply, 'renewed' | 'lost'>> {
  const renewed: PollReply['renewed'] = [];
  const lost: PollReply['lost'] = [];
  const end = leaseEnd(call.now, tx.profile);
  for (const { sessionId, fence } of input.renewals) {
    if ((await tx.run('renew', [sessionId, fence, input.instanceId, end])) > 0) renewed.push({ sessionId, fence, leaseEnd: end });
    else lost.push(await lossOf(tx, sessionId, fence));
  }
  for (const { sessionId, fence } of input.watch) {
    if (!(await tx.get('heldBy', [sessionId, fence, input.instanceId]))) lost.push(await lossOf(tx, sessionId, fence));
  }
  return { renewed, lost };
}

async function lossOf(tx: Tx, sessionId: string, fence: number): Promise<PollReply['lost'][number]> {
  const row = await tx.get('sessionRow', [sessionId]);
  return { sessionId, fence, code: row && isFinal(stateOf(row)) ? 'session_final' : 'claim_lost' };
}

/** The session as its new holder gets it: with what became of the attempt before. */
async function detailForHolder(tx: Tx, session: Session): Promise<SessionDetail> {
  const detail = await detailOf(tx, session);
  const last = session.fence > 1 ? await tx.get('lastSetback', [session.id, session.fence]) : undefined;
  if (!last) return detail;
  const body = last.body === null ? null : (JSON.parse(text(last, 'body')) as { reason: string });
  const setback = setbackFor(session.attempt, text(last, 'ended_by'), body?.reason ?? null);
  return setback ? { ...detail, context: [...detail.context, setback] } : detail;
}

async function grantOf(tx: Tx, call: Call, sessionId: string): Promise<StoredGrant> {
  const session = await viewSession(tx, sessionId);
  const item = session.itemId === null ? undefined : await tx.get('itemById', [session.workspaceId, session.itemId]);
  const repository =
    session.repositoryId === null ? undefined : await tx.get('repositoryById', [session.workspaceId, session.repositoryId]);
  const agentRow = await tx.get('agentById', [session.workspaceId, session.agentId]);
  return {
    session: await detailForHolder(tx, session),
    agent: agentRow ? agentOf(agentRow) : await findAgent(tx, call, session.agentId),
    item: item ? itemOf(item) : null,
    repository: repository ? repositoryOf(repository) : null,
    fence: session.fence,
  };
}

async function recordClaim(tx: Tx, call: Call, input: PollInput, row: Row): Promise<void> {
  await tx.insert('claim', {
    session_id: text(row, 'id'),
    fence: integer(row, 'fence'),
    worker_id: input.workerId,
    instance_id: input.instanceId,
    request_id: input.requestId,
    claimed_at: call.now,
  });
  changed(tx, call.now, row);
}

async function claim(tx: Tx, call: Call, input: PollInput, worker: Worker): Promise<StoredGrant[]> {
  if (input.capacity === 0 && input.reclaim.length === 0) return [];
  const answered = await tx.all('claimsOfRequest', [input.instanceId, input.requestId]);
  if (answered.length > 0) return repeatedGrants(tx, call, input, answered);

  const end = leaseEnd(call.now, tx.profile);
  const claimed: Row[] = [];
  for (const sessionId of input.reclaim) {
    const row = await tx.get('reclaim', [worker.id, input.instanceId, end, call.now, sessionId, worker.ownerId]);
    if (row) claimed.push(row);
  }
  const agents = JSON.stringify(worker.agentIds);
  const repositories = JSON.stringify(input.repositoryIds);
  for (let free = input.capacity; free > 0; free--) {
    const where = [
      worker.workspaceId,
      worker.execution,
      agents,
      worker.ownerId,
      repositories,
      input.sessionId ?? null,
      call.now - namedFirstMs,
    ];
    const row = await tx.get('claimNext', [worker.id, input.instanceId, end, call.now, ...where]);
    if (!row) break;
    claimed.push(row);
  }
  const grants: StoredGrant[] = [];
  for (const row of claimed) {
    await recordClaim(tx, call, input, row);
    grants.push(await grantOf(tx, call, text(row, 'id')));
  }
  return grants;
}

/** The request was answered before: the same claims as far as they still live, and no others. */
async function repeatedGrants(tx: Tx, call: Call, input: PollInput, answered: readonly Row[]): Promise<StoredGrant[]> {
  const grants: StoredGrant[] = [];
  for (const claimed of answered) {
    const sessionId = text(claimed, 'session_id');
    if (await tx.get('heldBy', [sessionId, integer(claimed, 'fence'), input.instanceId])) grants.push(await grantOf(tx, call, sessionId));
  }
  return grants;
}

/** Cancels, answers and messages of the sessions in `held`. */
async function news(tx: Tx, input: PollInput, held: readonly Held[]): Promise<Pick<PollReply, 'cancels' | 'answers' | 'messages'>> {
  const cancels: PollReply['cancels'] = [];
  for (const { sessionId, fence } of held) {
    const row = await tx.get('heldBy', [sessionId, fence, input.instanceId]);
    const requestedAt = row ? integerOrNull(row, 'cancel_requested_at') : null;
    if (requestedAt !== null) cancels.push({ sessionId, requestedAt });
  }
  if (held.length === 0) return { cancels, answers: [], messages: [] };
  const ids = JSON.stringify(held.map((one) => one.sessionId));
  return {
    cancels,
    answers: (await tx.all('answersFor', [ids])).map(inputOf),
    messages: (await tx.all('messagesFor', [ids])).map(messageOf),
  };
}

export async function poll(tx: Tx, call: Call, input: PollInput): Promise<PollOutcome> {
  const worker = await pollingWorker(tx, call, input.workerId, input.instanceId);
  const { renewed, lost } = await renew(tx, call, input);
  const claims = await claim(tx, call, input, worker);
  const gone = new Set(lost.map((one) => one.sessionId));
  const held = [...input.renewals, ...input.watch].filter((one) => !gone.has(one.sessionId));
  return { claims, renewed, lost, ...(await news(tx, input, held)) };
}
