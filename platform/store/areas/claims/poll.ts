/** The workers' exchange: renew, re-claim, claim, and what there is to tell. */
import type { PollReply } from '../../../../protocol/exchange.ts';
import type { PromptSection, StoredItem, StoredSession, Worker } from '../../../../protocol/records.ts';
import { isFinal } from '../../../../protocol/states.ts';
import { namedFirstMs } from '../../../domain/claims.ts';
import { setbackFor } from '../../../domain/sessions.ts';
import type { Call, PollInput, PollOutcome, StoredGrant } from '../../base/calls.ts';
import type { Tx } from '../../base/engine.ts';
import { integer, integerOrNull, text } from '../../base/rows.ts';
import type { Row } from '../../base/values.ts';
import { itemOf } from '../items/rows.ts';
import { itemSql } from '../items/sql.ts';
import { inputOf, messageOf } from '../people/rows.ts';
import { sessionOf, snapshotOf } from '../sessions/rows.ts';
import { stateOf, wakeConcerned } from '../sessions/sessionRows.ts';
import { sessionSql } from '../sessions/sql.ts';
import { agentOf, repositoryOf } from '../workers/rows.ts';
import { workerSql } from '../workers/sql.ts';
import { pollingWorker } from '../workers/workers.ts';
import { claimChains } from './chains.ts';
import { claimSql } from './sql.ts';

interface Held {
  readonly sessionId: string;
  readonly fence: number;
}
const pairsOf = (held: readonly Held[]): string => JSON.stringify(held.map(({ sessionId, fence }) => [sessionId, fence]));

type Standing = Pick<PollReply, 'renewed' | 'lost' | 'cancels'>;

/** Renews what is to be renewed, all of it at once; tells what is lost and what shall be cancelled of it and of what is watched. */
async function renew(tx: Tx, call: Call, input: PollInput): Promise<Standing> {
  const { renewals, watch, instanceId } = input;
  const renewed =
    renewals.length === 0
      ? []
      : await tx.all(claimSql.renew, { held: pairsOf(renewals), instance: instanceId, leaseMs: tx.profile.lease, now: tx.time(call.now) });
  const watched = watch.length === 0 ? [] : await tx.all(claimSql.watched, { held: pairsOf(watch), instance: instanceId });
  const live = [...renewed, ...watched];
  const lives = new Set(live.map((row) => `${integer(row, 'fence')} ${text(row, 'id')}`));
  const lost: PollReply['lost'] = [];
  for (const { sessionId, fence } of [...renewals, ...watch])
    if (!lives.has(`${fence} ${sessionId}`)) lost.push(await lossOf(tx, sessionId, fence));
  const cancels = live.flatMap((row) => {
    const requestedAt = integerOrNull(row, 'cancel_requested_at');
    return requestedAt === null ? [] : [{ sessionId: text(row, 'id'), requestedAt }];
  });
  return {
    renewed: renewed.map((row) => ({ sessionId: text(row, 'id'), fence: integer(row, 'fence'), leaseEnd: integer(row, 'lease_end') })),
    lost,
    cancels,
  };
}

async function lossOf(tx: Tx, sessionId: string, fence: number): Promise<PollReply['lost'][number]> {
  const row = await tx.get(sessionSql.sessionRow, { session: sessionId });
  return { sessionId, fence, code: row && isFinal(stateOf(row)) ? 'session_final' : 'claim_lost' };
}

/** What became of the attempt before, for the one that begins; null when there is nothing to learn. */
async function setbackOf(tx: Tx, session: StoredSession): Promise<PromptSection | null> {
  const last = session.fence > 1 ? await tx.get(claimSql.lastSetback, { session: session.id, fence: session.fence }) : undefined;
  if (!last) return null;
  const body = last.body === null ? null : (JSON.parse(text(last, 'body')) as { reason: string });
  return setbackFor(session.attempt, text(last, 'ended_by'), body?.reason ?? null);
}

const withoutDescription = ({ description: _, ...item }: StoredItem): StoredGrant['item'] => item;

/** From a row of `grantView`. */
async function grantOf(tx: Tx, row: Row): Promise<StoredGrant> {
  const session = sessionOf(row);
  const { workspaceId, itemId, repositoryId } = session;
  const item = itemId === null ? undefined : await tx.get(itemSql.itemById, { workspace: workspaceId, item: itemId });
  const repository =
    repositoryId === null ? undefined : await tx.get(workerSql.repositoryById, { workspace: workspaceId, repository: repositoryId });
  const setback = await setbackOf(tx, session);
  const { instructions, context } = snapshotOf(row);
  return {
    session: { ...session, instructions, context: setback ? [...context, setback] : context },
    agent: agentOf(row, 'agent__'),
    item: item ? withoutDescription(itemOf(item)) : null,
    repository: repository ? repositoryOf(repository) : null,
    fence: session.fence,
  };
}

async function claim(tx: Tx, call: Call, input: PollInput, worker: Worker): Promise<StoredGrant[]> {
  if (input.capacity === 0 && input.reclaim.length === 0) return [];
  const given = {
    worker: worker.id,
    instance: input.instanceId,
    leaseMs: tx.profile.lease,
    now: tx.time(call.now),
    workspace: worker.workspaceId,
    execution: worker.execution,
    agents: JSON.stringify(worker.agentIds),
    owner: worker.ownerId,
    repositories: JSON.stringify(input.repositoryIds),
    session: input.sessionId ?? null,
    namedFirstMs,
    request: input.requestId,
  };
  const claimed: Row[] = [];
  for (const session of input.reclaim) claimed.push(...(await tx.chain(claimChains.reclaim, { ...given, session, place: claimed.length })));
  let from = input.sessionId ? 0 : tx.queueHead(worker.workspaceId, worker.execution);
  for (let most = input.capacity; most > 0;) {
    const rows = await tx.chain(claimChains.claim, { ...given, from, most, place: claimed.length });
    if (rows.length === 0 && from === 0) break;
    if (rows.length === 0) from = 0;
    claimed.push(...rows);
    most -= rows.length;
  }
  if (claimed.length === 0) return repeatedGrants(tx, input);
  const grants: StoredGrant[] = [];
  for (const row of claimed) {
    wakeConcerned(tx, row);
    grants.push(await grantOf(tx, row));
  }
  return grants;
}

/** When the request was answered before: the same claims as far as they still live. */
async function repeatedGrants(tx: Tx, input: PollInput): Promise<StoredGrant[]> {
  const grants: StoredGrant[] = [];
  for (const claimed of await tx.all(claimSql.claimsOfRequest, { instance: input.instanceId, request: input.requestId })) {
    const [row] = await tx.chain(claimChains.held, {
      session: text(claimed, 'session_id'),
      fence: integer(claimed, 'fence'),
      instance: input.instanceId,
    });
    if (row) grants.push(await grantOf(tx, row));
  }
  return grants;
}

/** Answers and messages for the sessions in `held`. */
async function news(tx: Tx, held: readonly Held[]): Promise<Pick<PollReply, 'answers' | 'messages'>> {
  if (held.length === 0) return { answers: [], messages: [] };
  const ids = JSON.stringify(held.map((one) => one.sessionId));
  return {
    answers: (await tx.all(claimSql.answersFor, { sessions: ids })).map(inputOf),
    messages: (await tx.all(claimSql.messagesFor, { sessions: ids })).map(messageOf),
  };
}

/** Can be repeated from its start: renewals are, and claims by the name of their request. */
export async function poll(tx: Tx, call: Call, input: PollInput): Promise<PollOutcome> {
  const worker = await pollingWorker(tx, call, input.workerId, input.instanceId);
  const { renewed, lost, cancels } = await renew(tx, call, input);
  const claims = await claim(tx, call, input, worker);
  const gone = new Set(lost.map((one) => one.sessionId));
  const held = [...input.renewals, ...input.watch].filter((one) => !gone.has(one.sessionId));
  return { claims, renewed, lost, cancels, ...(await news(tx, held)) };
}
