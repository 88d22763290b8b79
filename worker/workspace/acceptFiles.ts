/** Moves the files of a decided Accept or Undo, or puts them back. */
import { rm } from 'node:fs/promises';
import { BelayError } from '../../protocol/errors.ts';
import { quotedName } from '../../protocol/shownText.ts';
import { conflictError } from './acceptConflicts.ts';
import { takeBackAccepted, writeRecord, type AcceptRecord, type Change } from './acceptRecord.ts';
import { setSkipped } from './checkoutView.ts';
import {
  clearStaging,
  dropStaged,
  isSkipped,
  isThere,
  matches,
  moveStaged,
  observe,
  putState,
  removeFile,
  type Staged,
  stageState,
  syncStaged,
} from './fileState.ts';

/** Moves every file, or puts back those that were moved and throws why. */
export async function applyOrRevert(folder: string, record: AcceptRecord): Promise<void> {
  try {
    await apply(folder, record);
  } catch (error) {
    await revert(folder, record);
    throw error;
  }
  await writeRecord(folder, { ...record, state: 'applied' });
}

async function apply(folder: string, record: AcceptRecord): Promise<void> {
  const { repositoryPath: top, fileMode } = record;
  await setSkipped(top, skippedPaths(record, 'before'), false);
  /** False: it is there already. */
  const isToMove = async ({ path: file, before, after }: Change): Promise<boolean> => {
    const now = await observe(top, file);
    if (matches(now, after, fileMode)) return false;
    if (!matches(now, before, fileMode)) throw conflictError('These files changed meanwhile', [file]);
    return true;
  };
  // Removals first: a folder may become a file.
  for (const change of record.changes) if (!isThere(change.after) && (await isToMove(change))) await removeFile(top, change.path);
  const coming = record.changes.filter(({ after }) => isThere(after));
  for (let from = 0; from < coming.length; from += movedTogether)
    await moveTogether(top, folder, coming.slice(from, from + movedTogether), isToMove);
  await setSkipped(top, skippedPaths(record, 'after'), true);
}

/** So many files wait for the disk together. */
const movedTogether = 256;

/** Lays these files beside their places, waits once for the disk, then moves each that is still to be moved. */
async function moveTogether(
  top: string,
  folder: string,
  changes: readonly Change[],
  isToMove: (change: Change) => Promise<boolean>,
): Promise<void> {
  const ready: { readonly change: Change; readonly staged: Staged }[] = [];
  try {
    for (const change of changes)
      if (isThere(change.after) && (await isToMove(change)))
        ready.push({ change, staged: await stageState(top, change.path, change.after, folder) });
    await syncStaged(ready.map(({ staged }) => staged));
    // The person may have saved one while the others were written.
    for (const { change, staged } of ready) if (await isToMove(change)) await moveStaged(staged);
  } finally {
    for (const { change, staged } of ready) await dropStaged(top, change.path, staged);
  }
}

const skippedPaths = (record: AcceptRecord, side: 'before' | 'after'): string[] =>
  record.changes.filter((change) => isSkipped(change[side])).map((change) => change.path);

/** Puts the moved files back; one that the person changed since stays theirs. */
export async function revert(folder: string, record: AcceptRecord): Promise<void> {
  await writeRecord(folder, { ...record, state: 'reverting' });
  const ordered = [...record.changes].sort((a, b) => Number(a.before.kind !== 'absent') - Number(b.before.kind !== 'absent'));
  const stuck: string[] = [];
  for (const change of ordered) {
    try {
      await clearStaging(record.repositoryPath, change.path);
      const now = await observe(record.repositoryPath, change.path);
      if (matches(now, change.before, record.fileMode) || !matches(now, change.after, record.fileMode)) continue;
      await putState(record.repositoryPath, change.path, change.before, folder);
    } catch {
      stuck.push(change.path);
    }
  }
  await setSkipped(record.repositoryPath, skippedPaths(record, 'before'), true);
  if (stuck.length > 0)
    throw new BelayError('conflict', `These files could not be put back: ${stuck.slice(0, 5).map(quotedName).join(', ')}`, {
      hint: `Make their folders writable and open Belay again. What they were is kept in ${folder}.`,
      issues: stuck.map((file) => ({ path: file, message: 'could not be put back' })),
    });
  if (record.direction === 'undo') await takeBackAccepted(folder);
  else await rm(folder, { recursive: true, force: true });
}
