/** What a holder writes. Each write is guarded in its statement by session, fence, instance and a live claim. */
import type { ActivityContent, ActivityDraft } from '../../../../protocol/activities.ts';
import { BelayError } from '../../../../protocol/errors.ts';
import type { Holder } from '../../../../protocol/exchange.ts';
import { limits, type Input, type SessionMode, type StoredSession } from '../../../../protocol/records.ts';
import { isFinal } from '../../../../protocol/states.ts';
import { modesForReview } from '../../../domain/itemFlow.ts';
import { expiryMs } from '../../../domain/reaper.ts';
import type { Bodies, Call } from '../../base/calls.ts';
import { topics, type Tx } from '../../base/engine.ts';
import type { HolderBody } from '../../base/operation.ts';
import { count, integer, integerOrNull, jsonOrNull, text } from '../../base/rows.ts';
import type { Row } from '../../base/values.ts';
import { unparkIfAnswered } from '../people/parking.ts';
import { inputOf } from '../people/rows.ts';
import { peopleSql } from '../people/sql.ts';
import { sessionOf } from '../sessions/rows.ts';
import { cancelRow, tellChanged, tellChangedById, stateOf, wakeConcerned, viewSession, writeActivities } from '../sessions/sessionRows.ts';
import { sessionSql } from '../sessions/sql.ts';
import { endChains } from './chains.ts';
import { holderSql } from './sql.ts';

export const holderValues = (sessionId: string, { fence, instanceId }: Holder) => ({ session: sessionId, fence, instance: instanceId });

/** Why a guarded statement changed nothing. */
export async function refusal(tx: Tx, sessionId: string, holder: Holder): Promise<BelayError> {
  const row = await tx.get(sessionSql.sessionRow, { session: sessionId });
  if (!row) return new BelayError('not_found', `There is no session "${sessionId}".`);
  if (isFinal(stateOf(row))) return new BelayError('session_final', `This session has ended: it is ${stateOf(row)}.`);
  if (await tx.get(holderSql.heldBy, holderValues(sessionId, holder)))
    return new BelayError('invalid_transition', `A session that is ${stateOf(row)} cannot do this.`);
  return new BelayError('claim_lost', 'This claim is over: another one counts now.', {
    hint: 'Stop writing for this session. What was reported late is kept beside it.',
  });
}

type Ending = 'complete' | 'fail' | 'release' | 'park' | 'cancelled';

interface EndOf {
  readonly as: Ending;
  readonly chain: keyof typeof endChains;
  /** The activity that says so, unless the holder has written it; null: nothing is said. */
  readonly closing: ActivityContent | null;
  readonly result?: unknown;
  readonly usage?: unknown;
  readonly error?: unknown;
  /** Until the session may be claimed again, in ms. */
  readonly delayMs?: number;
  /** In these modes the session's item waits for a review from now on. */
  readonly toReview?: readonly SessionMode[];
}

/** Ends the claim. The same ending twice gives the same answer, so it can be repeated from its start. */
async function end(tx: Tx, call: Call, sessionId: string, holder: Holder, ending: EndOf): Promise<StoredSession> {
  const [row] = await tx.chain(endChains[ending.chain], {
    ...holderValues(sessionId, holder),
    now: tx.time(call.now),
    endedBy: ending.as,
    saidKind: ending.closing?.kind ?? null,
    saidBody: jsonOrNull(ending.closing?.body),
    result: jsonOrNull(ending.result),
    usage: jsonOrNull(ending.usage),
    error: jsonOrNull(ending.error),
    delayMs: ending.delayMs ?? null,
    expiryMs,
    toReview: JSON.stringify(ending.toReview ?? []),
  });
  if (row) {
    wakeConcerned(tx, row);
    tx.wake(topics.session(sessionId));
    return sessionOf(row);
  }
  const known = await tx.get(holderSql.claimOf, holderValues(sessionId, holder));
  if (known && known.ended_by === ending.as) return viewSession(tx, sessionId);
  throw await refusal(tx, sessionId, holder);
}

export function complete(tx: Tx, call: Call, sessionId: string, body: Bodies['complete']): Promise<StoredSession> {
  const { result, usage } = body;
  const closing = { kind: 'completion', body: { outcome: result.outcome, summary: result.summary.slice(0, 20_000) } } as const;
  return end(tx, call, sessionId, body.holder, {
    as: 'complete',
    chain: 'complete',
    closing,
    result,
    usage,
    toReview: modesForReview(result),
  });
}

export function fail(tx: Tx, call: Call, sessionId: string, body: Bodies['fail']): Promise<StoredSession> {
  const { result, usage, error } = body;
  return end(tx, call, sessionId, body.holder, {
    as: 'fail',
    chain: 'fail',
    closing: { kind: 'failure', body: error },
    result,
    usage,
    error,
  });
}

export function cancelled(tx: Tx, call: Call, sessionId: string, body: Bodies['cancelled']): Promise<StoredSession> {
  const { result, usage } = body;
  const closing = { kind: 'cancellation', body: { by: 'worker', text: body.text } } as const;
  return end(tx, call, sessionId, body.holder, { as: 'cancelled', chain: 'cancelled', closing, result, usage });
}

/** Who gives a session back after its cancellation was asked for leaves nobody to acknowledge that: it is cancelled. */
async function cancelIfAsked(tx: Tx, call: Call, sessionId: string): Promise<StoredSession> {
  const row = await tx.get(sessionSql.sessionRow, { session: sessionId });
  if (row && row.cancel_requested_at !== null) await cancelRow(tx, call.now, row, 'worker', 'The worker gave the session back.');
  return viewSession(tx, sessionId);
}

export async function release(tx: Tx, call: Call, sessionId: string, body: Bodies['release']): Promise<StoredSession> {
  const delayMs = body.notBeforeMs ?? 0;
  const closing = { kind: 'release', body: { reason: body.reason, notBefore: delayMs > 0 ? call.now + delayMs : null } } as const;
  await end(tx, call, sessionId, body.holder, { as: 'release', chain: delayMs > 0 ? 'defer' : 'release', closing, delayMs });
  return cancelIfAsked(tx, call, sessionId);
}

export async function park(tx: Tx, call: Call, sessionId: string, { holder }: HolderBody): Promise<StoredSession> {
  await end(tx, call, sessionId, holder, { as: 'park', chain: 'park', closing: null });
  // The answer may have come while the holder decided to wait without its claim.
  const row = await unparkIfAnswered(tx, call.now, sessionId);
  if (row) tellChanged(tx, call.now, row);
  return cancelIfAsked(tx, call, sessionId);
}

export async function updateStanding(tx: Tx, call: Call, sessionId: string, body: Bodies['standing']): Promise<StoredSession> {
  const { sandboxStep = null, usage } = body;
  const row = await tx.get(holderSql.standing, {
    ...holderValues(sessionId, body.holder),
    sandboxStep,
    usage: jsonOrNull(usage),
  });
  if (!row) throw await refusal(tx, sessionId, body.holder);
  tellChanged(tx, call.now, row);
  return viewSession(tx, sessionId);
}

function checkSizes(drafts: readonly ActivityDraft[]): void {
  let total = 0;
  for (const draft of drafts) {
    const bytes = Buffer.byteLength(JSON.stringify(draft.body));
    total += bytes;
    if (bytes > limits.activityBodyBytes)
      throw new BelayError('too_large', `The activity "${draft.key}" has ${bytes} bytes; ${limits.activityBodyBytes} are the most.`);
  }
  if (total > limits.activityBatchBytes)
    throw new BelayError('too_large', `The batch has ${total} bytes; ${limits.activityBatchBytes} are the most.`);
}

interface Standing {
  readonly plan: string | null;
  readonly urls: string | null;
}

/** Plan and links of the session after `drafts`; null where nothing changes. */
async function standingAfter(tx: Tx, sessionId: string, drafts: readonly ActivityDraft[]): Promise<Standing> {
  const plan = drafts.findLast((draft) => draft.kind === 'plan');
  const urls = drafts.filter((draft) => draft.kind === 'url').map((draft) => draft.body);
  const steps = plan ? JSON.stringify(plan.body.steps) : null;
  if (urls.length === 0) return { plan: steps, urls: null };
  const row = await tx.get(sessionSql.sessionRow, { session: sessionId });
  const known = row ? (JSON.parse(text(row, 'urls')) as { url: string; title: string }[]) : [];
  const fresh = urls.filter((one, index) => !known.some((k) => k.url === one.url) && urls.findIndex((u) => u.url === one.url) === index);
  return { plan: steps, urls: JSON.stringify([...known, ...fresh]) };
}

/** Stores a batch; entries known by their key are not stored again, entries of a lost claim go aside. */
export async function append(
  tx: Tx,
  call: Call,
  sessionId: string,
  body: Bodies['append'],
): Promise<{ lastSeq: number; stored: number; late: number }> {
  checkSizes(body.activities);
  await tx.get(sessionSql.lockSession, { session: sessionId });
  const drafts = body.activities.filter((draft, index, all) => all.findIndex((other) => other.key === draft.key) === index);
  const keys = JSON.stringify(drafts.map((draft) => draft.key));
  const stored = new Map(
    (await tx.all(holderSql.activityKeys, { session: sessionId, keys })).map((row) => [text(row, 'key'), integer(row, 'seq')]),
  );
  const late = new Set((await tx.all(holderSql.lateKeys, { session: sessionId, keys })).map((row) => text(row, 'key')));
  const fresh = drafts.filter((draft) => !stored.has(draft.key) && !late.has(draft.key));
  if (fresh.length > 0) {
    const standing = await standingAfter(tx, sessionId, fresh);
    const row = await tx.get(holderSql.reserveSeqs, { ...holderValues(sessionId, body.holder), count: fresh.length, ...standing });
    if (row) {
      const first = integer(row, 'last_seq') - fresh.length + 1;
      await writeActivities(tx, call.now, sessionId, body.holder.fence, first, fresh);
      for (const [index, draft] of fresh.entries()) stored.set(draft.key, first + index);
      if (standing.plan !== null || standing.urls !== null) await tellChangedById(tx, call.now, sessionId);
    } else {
      await keepAside(tx, call, sessionId, body.holder, fresh);
      for (const draft of fresh) late.add(draft.key);
    }
  }
  const session = await tx.get(sessionSql.sessionRow, { session: sessionId });
  const lastSeq = stored.size > 0 ? Math.max(...stored.values()) : session ? integer(session, 'last_seq') : 0;
  return { lastSeq, stored: stored.size, late: late.size };
}

/** Only who once held the session may add to its late log. */
async function keepAside(tx: Tx, call: Call, sessionId: string, holder: Holder, drafts: readonly ActivityDraft[]): Promise<void> {
  if (!(await tx.get(holderSql.claimOf, holderValues(sessionId, holder)))) throw await refusal(tx, sessionId, holder);
  const first = count(await tx.get(holderSql.lateNext, { session: sessionId }));
  const rows = drafts.map((draft, index) => ({
    session_id: sessionId,
    n: first + index,
    fence: holder.fence,
    key: draft.key,
    at: draft.at,
    received_at: call.now,
    kind: draft.kind,
    body: JSON.stringify(draft.body),
  }));
  await tx.insert('late_activity', ...rows);
  tx.wake(topics.session(sessionId));
}

export async function ask(tx: Tx, call: Call, sessionId: string, body: Bodies['ask']): Promise<Input> {
  await tx.get(sessionSql.lockSession, { session: sessionId });
  const known = await tx.get(holderSql.inputByKey, { session: sessionId, key: body.key });
  if (known && text(known, 'state') !== 'open') return inputOf(known);
  const row = await tx.get(holderSql.ask, holderValues(sessionId, body.holder));
  if (!row) throw await refusal(tx, sessionId, body.holder);
  if (known) {
    tellChanged(tx, call.now, row);
    return inputOf(known);
  }
  const input: Row = {
    id: tx.newId('inp'),
    session_id: sessionId,
    key: body.key,
    fence: body.holder.fence,
    kind: body.kind,
    action_hash: body.actionHash,
    title: body.title,
    detail: body.detail,
    options: JSON.stringify(body.options),
    accepts_text: body.acceptsText ? 1 : 0,
    state: 'open',
    answer: null,
    answered_by: null,
    asked_at: call.now,
    expires_at: call.now + body.expiresInMs,
    answered_at: null,
    delivered_at: null,
  };
  await tx.insert('input', input);
  tellChanged(tx, call.now, row, 'session.input');
  return inputOf(input);
}

/** Back to `active` once nothing is open and nothing answered is still on its way. */
async function goOn(tx: Tx, call: Call, sessionId: string, holder: Holder): Promise<StoredSession> {
  if (count(await tx.get(holderSql.waitingInputs, { session: sessionId })) === 0)
    await tx.get(holderSql.answerDelivered, holderValues(sessionId, holder));
  const row = await tx.get(sessionSql.sessionRow, { session: sessionId });
  if (row) tellChanged(tx, call.now, row, 'session.input');
  return viewSession(tx, sessionId);
}

async function ownInput(tx: Tx, sessionId: string, inputId: string): Promise<Row> {
  await tx.get(sessionSql.lockSession, { session: sessionId });
  const session = await viewSession(tx, sessionId);
  const row = await tx.get(peopleSql.inputById, { workspace: session.workspaceId, input: inputId });
  if (!row || text(row, 'session_id') !== sessionId)
    throw new BelayError('not_found', `There is no question "${inputId}" in this session.`);
  return row;
}

export async function inputDelivered(
  tx: Tx,
  call: Call,
  sessionId: string,
  inputId: string,
  { holder }: HolderBody,
): Promise<StoredSession> {
  const input = await ownInput(tx, sessionId, inputId);
  if (integerOrNull(input, 'delivered_at') !== null) return viewSession(tx, sessionId);
  if (!(await tx.get(holderSql.heldBy, holderValues(sessionId, holder)))) throw await refusal(tx, sessionId, holder);
  if (text(input, 'state') === 'open') throw new BelayError('invalid_transition', 'This question is still open.');
  await tx.run(holderSql.inputDelivered, { input: inputId, now: call.now });
  return goOn(tx, call, sessionId, holder);
}

export async function withdrawInput(
  tx: Tx,
  call: Call,
  sessionId: string,
  inputId: string,
  { holder }: HolderBody,
): Promise<StoredSession> {
  const input = await ownInput(tx, sessionId, inputId);
  if (text(input, 'state') !== 'open') return viewSession(tx, sessionId);
  if (!(await tx.get(holderSql.heldBy, holderValues(sessionId, holder)))) throw await refusal(tx, sessionId, holder);
  await tx.run(holderSql.inputWithdraw, { input: inputId, now: call.now });
  return goOn(tx, call, sessionId, holder);
}

export async function messageDelivered(
  tx: Tx,
  call: Call,
  sessionId: string,
  messageId: string,
  { holder }: HolderBody,
): Promise<StoredSession> {
  await tx.get(sessionSql.lockSession, { session: sessionId });
  const message = await tx.get(holderSql.messageById, { session: sessionId, message: messageId });
  if (!message) throw new BelayError('not_found', `There is no message "${messageId}" in this session.`);
  if (integerOrNull(message, 'delivered_at') !== null) return viewSession(tx, sessionId);
  const row = await tx.get(holderSql.heldBy, holderValues(sessionId, holder));
  if (!row) throw await refusal(tx, sessionId, holder);
  await tx.run(holderSql.messageDelivered, { session: sessionId, message: messageId, now: call.now });
  tellChanged(tx, call.now, row);
  return viewSession(tx, sessionId);
}
