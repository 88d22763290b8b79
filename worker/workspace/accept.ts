/**
 * Accept and Undo: brings a result into the person's working tree, three-way, all or nothing. Everything
 * is worked out and written aside first; then a journal names it; then files move. A kill before the journal
 * leaves the checkout as it was, a kill after it is finished by `finishAccepts` at the next start. When a file
 * cannot be written, or was saved meanwhile, every file moved so far goes back. One process at a time does any of this.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { BelayError } from '../../protocol/errors.ts';
import { quotedName } from '../../protocol/shownText.ts';
import { withLock } from '../base/lock.ts';
import { setSkipped, viewCheckout } from './checkoutView.ts';
import { gateDir } from './clone.ts';
import { absent, rawChanges } from './diff.ts';
import {
  captureState,
  clearStaging,
  dropStaged,
  FileState,
  hasRoom,
  isSkipped,
  isThere,
  matches,
  moveStaged,
  observe,
  putState,
  removeFile,
  type Staged,
  stageState,
  storeFile,
  syncStaged,
  syncStored,
  writeSynced,
} from './fileState.ts';
import { foreignFolders } from './foreignFolders.ts';
import { safeGit } from './git.ts';
import { openCheckout } from './repository.ts';
import { WrittenReader } from './writtenReader.ts';

const AcceptRecord = z.object({
  sessionId: z.string(),
  repositoryPath: z.string(),
  headCommit: z.string(),
  direction: z.enum(['accept', 'undo']),
  /** Names this decision wherever it is recorded, so that recording it twice is harmless. */
  decision: z.string(),
  /** `reverting`: files go back to where they were; `applied`: the files are there, the platform may not know yet. */
  state: z.enum(['decided', 'reverting', 'applied', 'recorded']),
  leftOut: z.array(z.string()),
  merged: z.array(z.string()),
  /** False where the person's git takes no notice of executable bits. */
  fileMode: z.boolean().default(true),
  changes: z.array(z.object({ path: z.string(), before: FileState, after: FileState })),
});
export type AcceptRecord = z.infer<typeof AcceptRecord>;
type Change = AcceptRecord['changes'][number];

export interface AcceptRequest {
  /** Where accept records live, outside every repository: `<state>/accepts`. */
  readonly recordsDir: string;
  readonly repositoryPath: string;
  readonly lineDir: string;
  readonly sessionId: string;
  readonly baseCommit: string;
  readonly headCommit: string;
  /** Changed paths that stay out: host-executed files without their yes. */
  readonly leaveOut: readonly string[];
}
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
const recordName = 'record.json';
/** The accepted record while its Undo is under way, kept for the case that the Undo goes back. */
const acceptedName = 'accepted.json';
const folderOf = (recordsDir: string, sessionId: string) => path.join(recordsDir, sessionId.replaceAll(/[^A-Za-z0-9_-]/gu, '_'));

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
    const folder = folderOf(request.recordsDir, request.sessionId);
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
    const folder = folderOf(recordsDir, sessionId);
    const accepted = await settled(folder);
    if (accepted?.direction !== 'accept') throw new BelayError('conflict', 'There is no accepted result of this session to undo.');
    const top = accepted.repositoryPath;
    refuseForeign(
      top,
      accepted.changes.map((change) => change.path),
    );
    const going = new Set(accepted.changes.filter((change) => change.before.kind === 'absent').map((change) => change.path));
    const plan = emptyPlan(top, accepted.fileMode);
    for (const { path: file, before, after } of accepted.changes) {
      const slot = `undo-${slotIn(plan)}`;
      await planFile(
        plan,
        { file, mine: await captureState(top, file, folder, `${slot}-mine`), from: after, to: before },
        going,
        folder,
        slot,
      );
    }
    const { changes, conflicts, merged } = plan;
    if (conflicts.length > 0) throw conflictError('You changed these files after accepting', conflicts);
    await writeJson(folder, acceptedName, accepted);
    return decideAndApply(folder, { ...accepted, direction: 'undo', decision: randomUUID(), state: 'decided', merged, changes });
  });
}

/** True when this session's result stands accepted in a working tree of this machine. */
export async function isAccepted(recordsDir: string, sessionId: string): Promise<boolean> {
  return (await readRecord(folderOf(recordsDir, sessionId)))?.direction === 'accept';
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
    const folder = folderOf(recordsDir, outcome.sessionId);
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

/** Moves every file, or puts back those that were moved and throws why. */
async function applyOrRevert(folder: string, record: AcceptRecord): Promise<void> {
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
async function revert(folder: string, record: AcceptRecord): Promise<void> {
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
  if (record.direction === 'undo') await rename(path.join(folder, acceptedName), path.join(folder, recordName));
  else await rm(folder, { recursive: true, force: true });
}

interface Plan {
  readonly top: string;
  readonly fileMode: boolean;
  readonly changes: Change[];
  readonly conflicts: string[];
  readonly merged: string[];
}

const emptyPlan = (top: string, fileMode: boolean): Plan => ({ top, fileMode, changes: [], conflicts: [], merged: [] });
/** Names what is kept for the next file of a plan. */
const slotIn = (plan: Plan): number => plan.changes.length + plan.conflicts.length;

interface Sides {
  readonly file: string;
  /** What stands there now. */
  readonly mine: FileState;
  readonly from: FileState;
  readonly to: FileState;
}

/** Adds to the plan what brings one file from `from` to `to` and keeps what the person changed in it. `going`: the paths that the plan takes away. */
async function planFile(plan: Plan, sides: Sides, going: ReadonlySet<string>, folder: string, slot: string): Promise<void> {
  const { file, mine, from, to } = sides;
  // The person did it already.
  if (!isSkipped(to) && matches(mine, to, plan.fileMode)) return;
  const next = await nextState(plan, sides, folder, slot);
  if (!next || (next.kind !== 'absent' && !(await hasRoom(plan.top, file, going)))) {
    plan.conflicts.push(file);
    return;
  }
  plan.changes.push({ path: file, before: mine, after: next });
  if (!matches(mine, from, plan.fileMode) && mine.kind !== 'absent') plan.merged.push(file);
}

async function nextState({ fileMode }: Plan, { mine, from, to }: Sides, folder: string, slot: string): Promise<FileState | null> {
  if (isSkipped(to) && mine.kind === 'absent') return to;
  if (!matches(mine, from, fileMode)) return mergeStates(folder, { mine, from, to }, `${slot}-merged`);
  return mine.kind === 'file' && from.kind === 'file' && to.kind === 'file' ? { ...to, executable: mergedBit(mine, from, to) } : to;
}

async function planAccept(request: AcceptRequest, folder: string): Promise<Plan> {
  const checkout = await openCheckout(request.repositoryPath);
  const { gitDir } = checkout.git ?? { gitDir: gateDir(request.lineDir) };
  const view = await viewCheckout(checkout);
  const leaveOut = new Set(request.leaveOut);
  const plan = emptyPlan(checkout.path, view.fileMode);
  const wanted = (await rawChanges(request.baseCommit, request.headCommit, { gitDir })).filter((change) => !leaveOut.has(change.path));
  const going = new Set(wanted.filter((change) => change.newMode === absent).map((change) => change.path));
  refuseForeign(
    checkout.path,
    wanted.map((change) => change.path),
  );
  const at = { gitDir, workTree: checkout.path };
  // In a folder without git a file is what the copy of it is.
  const readers = {
    written: new WrittenReader({ ...at, filters: checkout.git !== null }),
    raw: new WrittenReader({ ...at, filters: false }),
  };
  try {
    for (const { path: file, oldMode, newMode, oldId, newId } of wanted) {
      const slot = String(slotIn(plan));
      const seen = await captureState(checkout.path, file, folder, `${slot}-mine`);
      const entry = view.entry(file);
      // A link that stands there is one, whatever git writes.
      const links = view.symlinks || seen.kind === 'link';
      const write = (mode: string, id: string, side: string): Promise<FileState> =>
        writtenState({ mode, id, file, links }, readers, folder, `${slot}-${side}`);
      const skipped = seen.kind === 'absent' && entry?.isSkipped ? entry : null;
      const mine = skipped ? asSkipped(await write(skipped.mode, skipped.id, 'mine')) : seen;
      const isAsIndex = skipped !== null || (seen.kind !== 'absent' && view.isUntouched(file));
      const isAsBase = isAsIndex && entry?.mode === oldMode && entry.id === oldId;
      const from = isAsBase ? withBit(mine, oldMode) : await write(oldMode, oldId, 'base');
      await planFile(plan, { file, mine, from, to: await write(newMode, newId, 'theirs') }, going, folder, slot);
    }
  } finally {
    readers.written.dispose();
    readers.raw.dispose();
  }
  return plan;
}

/** What is another repository's is never written to, whether this one ignores it or not. */
function refuseForeign(top: string, files: readonly string[]): void {
  const foreign = foreignFolders(top, files);
  const inside = files.filter((file) => foreign(file) !== null);
  if (inside.length === 0) return;
  throw new BelayError(
    'conflict',
    `${quotedName(foreign(inside[0] ?? '') ?? '')} is another repository in your working tree. Nothing was changed.`,
    {
      hint: 'Move that repository elsewhere and try again, or send the work back to the agent.',
      issues: inside.map((file) => ({ path: file, message: 'lies in another repository' })),
    },
  );
}

const asSkipped = (state: FileState): FileState => (state.kind === 'absent' ? state : { ...state, skipped: true });
const withBit = (state: FileState, mode: string): FileState =>
  state.kind === 'file' ? { ...state, executable: mode === '100755' } : state;

interface Committed {
  readonly mode: string;
  readonly id: string;
  readonly file: string;
  /** Links are links in this working tree. */
  readonly links: boolean;
}

/**
 * A committed file as a checkout of the person's would write it: line endings and filter drivers of their own. Which of
 * them counts is said by the attributes in their working tree as it is, so by nothing that the result brings along.
 */
async function writtenState(
  { mode, id, file, links }: Committed,
  { written, raw }: { readonly written: WrittenReader; readonly raw: WrittenReader },
  folder: string,
  stored: string,
): Promise<FileState> {
  if (mode === absent) return { kind: 'absent' };
  if (mode === '120000') {
    const target = await raw.read(id, file);
    return links ? { kind: 'link', target: target.toString('utf8') } : storeFile(folder, stored, target, { executable: false });
  }
  return storeFile(folder, stored, await written.read(id, file), { executable: mode === '100755' });
}

type FileSide = FileState & { kind: 'file' };

/** The executable bit, three-way like content: whoever changed it has it. */
const mergedBit = (mine: FileSide, base: FileSide, theirs: FileSide): boolean =>
  theirs.executable === base.executable ? mine.executable : theirs.executable;

/** Mine and theirs over their base; null when they touch the same lines, or are not text files on all three sides. */
async function mergeStates(folder: string, { mine, from, to }: Omit<Sides, 'file'>, stored: string): Promise<FileState | null> {
  if (mine.kind !== 'file' || from.kind !== 'file' || to.kind !== 'file') return null;
  const marks = { executable: mergedBit(mine, from, to), permissions: mine.permissions ?? to.permissions };
  const keep = ({ stored: name, sha256 }: FileSide): FileState => ({ kind: 'file', stored: name, sha256, ...marks });
  if (mine.sha256 === from.sha256) return keep(to);
  if (to.sha256 === from.sha256) return keep(mine);
  const at = (state: { stored: string }) => path.join(folder, state.stored);
  const reply = await safeGit(['merge-file', '-p', '--quiet', at(mine), at(from), at(to)], {
    cwd: folder,
    okCodes: [...Array(128).keys(), 255],
  });
  if (reply.code !== 0) return null;
  return storeFile(folder, stored, reply.stdout, marks);
}

async function readRecord(folder: string): Promise<AcceptRecord | null> {
  const file = path.join(folder, recordName);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  try {
    return AcceptRecord.parse(JSON.parse(text));
  } catch (cause) {
    throw new BelayError('conflict', `The record of an Accept is damaged: ${file}`, {
      hint: 'Its folder holds the files as they were before. Move the folder away to go on without it.',
      cause,
    });
  }
}

const writeRecord = (folder: string, record: AcceptRecord) => writeJson(folder, recordName, record);

async function writeJson(folder: string, name: string, record: AcceptRecord): Promise<void> {
  const file = path.join(folder, name);
  await writeSynced(`${file}.new`, Buffer.from(JSON.stringify(record)), 0o600);
  await rename(`${file}.new`, file);
}

function conflictError(what: string, paths: readonly string[]): BelayError {
  const shown = paths.slice(0, 5).map(quotedName).join(', ');
  const more = paths.length > 5 ? ` and ${paths.length - 5} more` : '';
  return new BelayError('conflict', `${what}: ${shown}${more}. Nothing was changed.`, {
    hint: 'Commit or set aside your changes to these files and try again, or send the work back to the agent.',
    issues: paths.map((file) => ({ path: file, message: 'cannot be merged' })),
  });
}
