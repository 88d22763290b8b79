/** What a person decides about a session's result, carried out: files first, then the record on the item. */
import path from 'node:path';
import { inState } from '../base/stateFolder.ts';
import { BelayError, isBelayError } from '../../protocol/errors.ts';
import type { ReviewDecision, Session, SessionResult } from '../../protocol/records.ts';
import { refusedDecision, reviewActions } from '../../protocol/reviews.ts';
import { isFinal } from '../../protocol/states.ts';
import type { BelayApi } from '../../protocol/typedClient.ts';
import { recordReview } from '../audit/facts.ts';
import { acceptResult, finishAccepts, markRecorded, undoAccept, type AcceptOutcome } from '../workspace/accept.ts';
import { dropRefs, dropSnapshots, emptyTrash, removeLine } from '../workspace/removal.ts';
import { lockLine } from '../run/bind.ts';
import { pathsLeftOut } from './leaveOut.ts';
import { recapText } from './recap.ts';
import { beforeRemove, type HookHost } from './beforeRemove.ts';
import { sweepLines } from './sweep.ts';

export interface ReviewContext {
  readonly api: BelayApi;
  readonly stateDir: string;
  /** The folder a session's repository is bound to on this machine. Throws when it is bound to none. */
  readonly folderOf: (session: Session) => Promise<string>;
  /** Runs what the workflow file has for the removal of a clone. Without it nothing of the file is run. */
  readonly hooks?: HookHost;
}

const recordsDir = (stateDir: string) => inState(stateDir, 'accepts');
const linesDir = (stateDir: string) => inState(stateDir, 'lines');

/** Brings the result into the working tree, then records the decision. */
export async function acceptSession(context: ReviewContext, session: Session, hostExecuted: readonly string[]): Promise<AcceptOutcome> {
  refuse(session, 'accepted');
  const result = changesOf(session);
  const leaveOut = pathsLeftOut(result.files, hostExecuted);
  const folder = await context.folderOf(session);
  const outcome = await acceptResult({
    recordsDir: recordsDir(context.stateDir),
    repositoryPath: folder,
    lineDir: path.join(linesDir(context.stateDir), session.lineId),
    sessionId: session.id,
    baseCommit: result.baseCommit,
    headCommit: result.headCommit,
    leaveOut,
  });
  await record(context, session, outcome);
  // The result keeps its base by itself. A snapshot that stays costs room only, so it does not undo the decision.
  if (session.baseCommit) await dropSnapshots(folder, session.baseCommit).catch(() => undefined);
  return outcome;
}

/** A plan or review without a change is accepted by its words alone. */
export async function acceptWords(context: ReviewContext, session: Session): Promise<void> {
  refuse(session, 'accepted');
  recordReview(context.stateDir, session, { decision: 'accepted', resource: 'nothing', detail: 'words only' });
  await recordAccepted(context.api, session, { decision: `words-${session.id}`, leftOut: [], merged: [] });
}

/** Nothing came out of the session, and the person has seen so: the item stays as it is. */
export async function closeSession(context: Pick<ReviewContext, 'api' | 'stateDir'>, session: Session): Promise<void> {
  refuse(session, 'closed');
  recordReview(context.stateDir, session, {
    decision: 'closed',
    resource: 'nothing',
    detail: `${session.result?.heldBack.length ?? 0} held back`,
  });
  await context.api.addReview({ params: { id: session.id }, body: { decision: 'closed' } });
}

/** Before anything is touched: what the platform would refuse to record is not done. */
function refuse(session: Session, decision: ReviewDecision): void {
  const refused = refusedDecision(session, decision);
  if (refused) throw refused;
  if (session.review !== decision && !session.can.includes(reviewActions[decision]))
    throw new BelayError('forbidden', 'This result is not yours to decide on.', {
      hint: 'Ask an owner of the workspace for the member role.',
    });
}

async function record(context: Pick<ReviewContext, 'api' | 'stateDir'>, session: Session, outcome: AcceptOutcome): Promise<void> {
  recordReview(context.stateDir, session, {
    decision: outcome.direction === 'accept' ? 'accepted' : 'undone',
    resource: session.result?.headCommit ?? 'nothing',
    detail: `${outcome.paths.length} files, ${outcome.leftOut.length} left out (${outcome.decision})`,
  });
  if (outcome.direction === 'accept') await recordAccepted(context.api, session, outcome);
  else await recordUndone(context.api, session, outcome.decision);
  await markRecorded(recordsDir(context.stateDir), outcome);
}

/** The same decision again, after a reply that was lost, gives the first one's. */
async function recordAccepted(
  api: BelayApi,
  session: Session,
  facts: Pick<AcceptOutcome, 'decision' | 'leftOut' | 'merged'>,
): Promise<void> {
  if (!session.result) return;
  await api.addReview({
    params: { id: session.id },
    body: { decision: 'accepted', recap: recapText({ place: 'private_clone', session, result: session.result, ...facts }) },
    idempotencyKey: `${facts.decision}-review`,
  });
}

export async function undoSession(context: ReviewContext, session: Session): Promise<AcceptOutcome> {
  refuse(session, 'undone');
  const outcome = await undoAccept(recordsDir(context.stateDir), session.id);
  await record(context, session, outcome);
  return outcome;
}

async function recordUndone(api: BelayApi, session: Session, decision: string): Promise<void> {
  await api.addReview({ params: { id: session.id }, body: { decision: 'undone' }, idempotencyKey: `${decision}-review` });
}

/** Queues a follow-up in the same working folder with what the person wants changed. */
export async function sendBack(context: Pick<ReviewContext, 'api' | 'stateDir'>, session: Session, note: string): Promise<Session> {
  if (isFinal(session.state)) refuse(session, 'sent_back');
  const { followUp } = await context.api.addReview({ params: { id: session.id }, body: { decision: 'sent_back', note } });
  if (!followUp) throw new BelayError('internal', 'The platform queued no follow-up.');
  recordReview(context.stateDir, session, { decision: 'sent_back', resource: session.result?.headCommit ?? 'nothing', detail: note });
  return followUp;
}

/** Throws the result and the working folder away. The session and its activities stay on the item. */
export async function discardSession(context: ReviewContext, session: Session): Promise<void> {
  if (!isFinal(session.state)) throw new BelayError('conflict', 'This session is still going.', { hint: 'Stop it first.' });
  refuse(session, 'discarded');
  const others = await context.api.listSessions({ query: { line: session.lineId, limit: 100 } });
  const running = others.entries.find((other) => !isFinal(other.state));
  if (running)
    throw new BelayError('conflict', 'A follow-up still works in this folder.', { hint: 'Stop it first, or discard it with its result.' });
  recordReview(context.stateDir, session, { decision: 'discarded', resource: session.result?.headCommit ?? 'nothing', detail: '' });
  await context.api.addReview({ params: { id: session.id }, body: { decision: 'discarded' } });
  const folder = await context.folderOf(session).catch(() => null);
  if (folder)
    for (const other of others.entries) {
      if (other.review === 'accepted' && other.id !== session.id) continue;
      await dropRefs(folder, other.id);
      if (other.baseCommit) await dropSnapshots(folder, other.baseCommit);
    }
  // Last, since it may take as long as the workflow file allows a hook.
  const lines = linesDir(context.stateDir);
  if (context.hooks) await beforeRemove(context.hooks, path.join(lines, session.lineId));
  await removeLine(lines, session.lineId);
}

/**
 * Finishes what a kill cut short: files of an Accept or Undo that was decided, and its record on the item. Run once at
 * start-up. Returns the sessions whose decision it carried through;
 * what could not be finished is given to `problem`, each by itself, and tried again at the next start.
 */
export async function finishReviews(
  context: Pick<ReviewContext, 'api' | 'stateDir'>,
  problem: (error: unknown) => void = () => undefined,
): Promise<string[]> {
  const finished: string[] = [];
  const step = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      problem(error);
    }
  };
  await step(async () => {
    for (const outcome of await finishAccepts(recordsDir(context.stateDir), problem)) {
      await step(async () => {
        const session = await sessionOf(context.api, outcome.sessionId);
        if (!session) return;
        await record(context, session, outcome);
        finished.push(session.id);
      });
    }
  });
  return finished;
}

/**
 * Takes away folders that were settled long ago, and those that a kill left on their way out. Run once after start-up,
 * by itself: a hook of a workflow file may take its time. Never throws.
 */
export async function sweepSettled(
  context: Pick<ReviewContext, 'api' | 'stateDir' | 'hooks'>,
  problem: (error: unknown) => void,
): Promise<void> {
  const { hooks } = context;
  const lines = linesDir(context.stateDir);
  await sweepLines(context.api, lines, Date.now(), problem, async (lineDir) => {
    const lock = lockLine(lineDir);
    lock?.release();
    // Held by a run, or by another window that is about to remove it.
    return lock !== null && (hooks === undefined || (await beforeRemove(hooks, lineDir)));
  });
  await emptyTrash(lines).catch(problem);
}

/** The session, or null when the platform does not know it. */
async function sessionOf(api: BelayApi, id: string): Promise<Session | null> {
  return api.getSession({ params: { id } }).catch((error: unknown) => {
    if (isBelayError(error, 'not_found')) return null;
    throw error;
  });
}

function changesOf(session: Session): SessionResult & { baseCommit: string; headCommit: string } {
  const result = session.result;
  if (!result?.baseCommit || !result.headCommit) throw new BelayError('bad_request', 'This session has no changes to accept.');
  return { ...result, baseCommit: result.baseCommit, headCommit: result.headCommit };
}
