/** New sessions: what they are given to work with, and what their making does to their item. */
import { folderSection, lastingSections, noteSections, promptSections, writtenSection } from '../../../../prompt/sections.ts';
import { BelayError } from '../../../../protocol/errors.ts';
import type { PromptSection, StoredSession } from '../../../../protocol/records.ts';
import { authorize } from '../../../domain/authorize.ts';
import { preferenceMs } from '../../../domain/claims.ts';
import { expiryMs } from '../../../domain/reaper.ts';
import { asContext, defaultAttempts, instructionsFor, previousWords, waitingState, without } from '../../../domain/sessions.ts';
import type { Bodies, Call } from '../../base/calls.ts';
import { topics, type Tx } from '../../base/engine.ts';
import { text } from '../../base/rows.ts';
import { emit } from '../events/events.ts';
import { ownItem } from '../items/findItem.ts';
import { checkRepository, getItemBundle, moveHeldItem } from '../items/items.ts';
import { viewSession } from '../sessions/sessionRows.ts';
import { getSessionPrompt } from '../sessions/sessions.ts';
import { sessionSql } from '../sessions/sql.ts';
import { findAgent, findWorker } from '../workers/workers.ts';

/** The untrusted half of a new session's snapshot. */
async function contextOf(
  tx: Tx,
  call: Call,
  itemId: string | null,
  { prompt, folder }: Pick<Bodies['createSession'], 'prompt' | 'folder'>,
): Promise<PromptSection[]> {
  const where = folderSection(folder);
  if (prompt.kind === 'sections') return asContext([...prompt.sections, ...where]);
  if (prompt.kind === 'written') return asContext([writtenSection(prompt.text), ...where]);
  if (itemId === null)
    throw new BelayError('invalid_body', 'A session without an item has no item to make its prompt of.', {
      hint: 'Send the prompt as it is written, or in sections.',
    });
  const sections = promptSections(await getItemBundle(tx, call, itemId), { note: prompt.note });
  return asContext([...without(sections, prompt.left), ...where]);
}

/** What the next session of a line begins with: the item as it is now, what the person says, and what came of the one before. */
export async function createFollowUp(tx: Tx, call: Call, session: StoredSession, note: string): Promise<StoredSession> {
  const { context } = await getSessionPrompt(tx, call, session.id);
  const left = context.filter(({ enabled }) => !enabled).map(({ id }) => id);
  const previous = previousWords(session);
  const sections =
    session.itemId === null
      ? noteSections({ note, previous })
      : promptSections(await getItemBundle(tx, call, session.itemId), { note, previous });
  return createSession(tx, call, {
    itemId: session.itemId,
    title: session.title,
    agentId: session.agentId,
    mode: session.mode === 'review' || session.mode === 'plan' ? session.mode : 'fix',
    repositoryId: session.repositoryId,
    parentSessionId: session.id,
    prompt: { kind: 'sections', sections: without([...sections, ...lastingSections(context)], left) },
    folder: '',
  });
}

export async function createSession(tx: Tx, call: Call, body: Bodies['createSession']): Promise<StoredSession> {
  const { now, caller } = call;
  const agent = await findAgent(tx, call, body.agentId);
  authorize(caller, 'session.create', agent);
  const item = body.itemId === null ? null : await ownItem(tx, call, body.itemId);
  if (item?.status === 'cancelled')
    throw new BelayError('invalid_transition', `${item.key} is cancelled.`, { hint: 'Reopen the item first.' });
  const title = body.title ?? item?.title;
  if (title === undefined) throw new BelayError('invalid_body', 'A session without an item needs a title.');
  await checkRepository(tx, call, body.repositoryId);
  const workerId = body.workerId ?? null;
  if (workerId !== null) {
    const worker = await findWorker(tx, call, workerId);
    if (!worker.agentIds.includes(agent.id) || worker.execution !== agent.execution)
      throw new BelayError('invalid_body', `The worker on ${worker.machine} does not run "${agent.name}".`);
  }
  const parent = body.parentSessionId ? await tx.get(sessionSql.sessionRow, { session: body.parentSessionId }) : undefined;
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
    context: JSON.stringify(await contextOf(tx, call, item?.id ?? null, body)),
  });
  emit(tx, now, caller.workspaceId, 'session.created', { sessionId: id, itemId: item?.id ?? null });
  if (item) await moveHeldItem(tx, call, item, { kind: 'queued', mode: body.mode });
  if (state === 'queued') tx.wake(topics.queue(caller.workspaceId));
  return viewSession(tx, id);
}
