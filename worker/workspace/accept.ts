/**
 * Accept and Undo: brings a result into the person's working tree, three-way, all or nothing. Everything
 * is worked out and written aside first; then a journal names it; then files move. A kill before the journal
 * leaves the checkout as it was, a kill after it is finished by `finishAccepts` at the next start. When a file
 * cannot be written, or was saved meanwhile, every file moved so far goes back. One process at a time does any of this.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { BelayError } from '../../protocol/errors.ts';
import { withLock } from '../base/lock.ts';
import { conflictError } from './acceptConflicts.ts';
import { applyOrRevert, revert } from './acceptFiles.ts';
import { planAccept, planUndo, type AcceptRequest } from './acceptPlan.ts';
import { keepAccepted, readRecord, recordFolder, writeRecord, type AcceptRecord } from './acceptRecord.ts';
import { syncStored } from './fileState.ts';

export interface AcceptOutcome {
  readonly sessionId: string;
  readonly direction: 'accept' | 'undo';
  readonly decision: string;
  readonly paths: readonly string[];
  readonly leftOut: readonly string[];
  /** Paths where the person's own uncommitted work was kept and merged with. */
  readonly merged: readonly string[];
}

/** How long a decision waits for another process that carries one out. */
const lockWaitMs = 10_000;

async function alone<T>(recordsDir: string, work: () => Promise<T>): Promise<T> {
  await mkdir(recordsDir, { recursive: true, mode: 0o700 });
  return withLock(path.join(recordsDir, '.lock'), lockWaitMs, 'Another window or terminal is accepting or undoing a result.', work);
}

/**
 * Applies base → head to the working tree. Throws `conflict` naming the paths when they cannot be merged or
 * changed meanwhile, and what the file system says when a file cannot be written; with nothing changed.
 */
export async function acceptResult(request: AcceptRequest): Promise<AcceptOutcome> {
  return alone(request.recordsDir, async () => {
    await settleAll(request.recordsDir, () => undefined);
    const folder = recordFolder(request.recordsDir, request.sessionId);
    const earlier = await settled(folder);
    if (earlier?.direction === 'accept')
      throw new BelayError('conflict', 'This result has been accepted already.', { hint: 'Undo it first to accept it again.' });
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });

    const plan = await planAccept(request, folder);
    if (plan.conflicts.length > 0) {
      await rm(folder, { recursive: true, force: true });
      throw conflictError('Your working tree has changes that do not fit with this result', plan.conflicts);
    }
    return decideAndApply(folder, {
      sessionId: request.sessionId,
      repositoryPath: plan.top,
      headCommit: request.headCommit,
      direction: 'accept',
      decision: randomUUID(),
      state: 'decided',
      leftOut: [...request.leaveOut],
      merged: plan.merged,
      fileMode: plan.fileMode,
      changes: plan.changes,
    });
  });
}

/** Takes an accepted result out again, keeping what the person changed since. Throws `conflict` with nothing changed when that cannot be. */
export async function undoAccept(recordsDir: string, sessionId: string): Promise<AcceptOutcome> {
  return alone(recordsDir, async () => {
    await settleAll(recordsDir, () => undefined);
    const folder = recordFolder(recordsDir, sessionId);
    const accepted = await settled(folder);
    if (accepted?.direction !== 'accept') throw new BelayError('conflict', 'There is no accepted result of this session to undo.');
    const { changes, conflicts, merged } = await planUndo(accepted, folder);
    if (conflicts.length > 0) throw conflictError('You changed these files after accepting', conflicts);
    await keepAccepted(folder, accepted);
    return decideAndApply(folder, { ...accepted, direction: 'undo', decision: randomUUID(), state: 'decided', merged, changes });
  });
}

/** True when this session's result stands accepted in a working tree of this machine. */
export async function isAccepted(recordsDir: string, sessionId: string): Promise<boolean> {
  return (await readRecord(recordFolder(recordsDir, sessionId)))?.direction === 'accept';
}

/**
 * Finishes the files of what was decided when the process ended. Run at start-up. Returns the decisions that
 * are not marked as recorded yet. A record that cannot be finished is given to `problem` and stands in nobody's way.
 */
export async function finishAccepts(recordsDir: string, problem: (error: unknown) => void = () => undefined): Promise<AcceptOutcome[]> {
  const records = await alone(recordsDir, () => settleAll(recordsDir, problem));
  return records.filter((record) => record.state !== 'recorded').map(outcomeOf);
}

/** Notes that the platform knows of the decision. */
export async function markRecorded(recordsDir: string, outcome: AcceptOutcome): Promise<void> {
  await alone(recordsDir, async () => {
    const folder = recordFolder(recordsDir, outcome.sessionId);
    const record = await readRecord(folder);
    if (record?.decision === outcome.decision) await writeRecord(folder, { ...record, state: 'recorded' });
  });
}

/** Every record there is, settled; what a process that was killed left half done must not be planned upon. */
async function settleAll(recordsDir: string, problem: (error: unknown) => void): Promise<AcceptRecord[]> {
  const records: AcceptRecord[] = [];
  for (const entry of await readdir(recordsDir, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    try {
      const record = await settled(path.join(recordsDir, entry.name));
      if (record) records.push(record);
    } catch (error) {
      problem(error);
    }
  }
  return records;
}

/** The record with its files all moved, or all back; null when nothing stands decided. */
async function settled(folder: string): Promise<AcceptRecord | null> {
  const record = await readRecord(folder);
  if (record?.state === 'reverting') {
    await revert(folder, record);
    return readRecord(folder);
  }
  if (record?.state !== 'decided') return record;
  await applyOrRevert(folder, record);
  return readRecord(folder);
}

async function decideAndApply(folder: string, record: AcceptRecord): Promise<AcceptOutcome> {
  await syncStored(folder);
  await writeRecord(folder, record);
  await applyOrRevert(folder, record);
  return outcomeOf(record);
}

function outcomeOf(record: AcceptRecord): AcceptOutcome {
  const { sessionId, direction, decision, leftOut, merged } = record;
  return { sessionId, direction, decision, leftOut, merged, paths: record.changes.map((change) => change.path) };
}
