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
import { withLock } from '../journal/lock.ts';
import { gateDir } from './clone.ts';
import { absent, rawChanges } from './diff.ts';
import { captureState, FileState, hasRoom, matches, observe, putState, storeFile, writeSynced } from './fileState.ts';
import { safeGit, type GitOptions } from './git.ts';
import { personalSettings } from './personalSettings.ts';
import { openCheckout } from './repository.ts';

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
  changes: z.array(z.object({ path: z.string(), before: FileState, after: FileState })),
});
export type AcceptRecord = z.infer<typeof AcceptRecord>;

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
    const going = new Set(accepted.changes.filter((change) => change.before.kind === 'absent').map((change) => change.path));
    const plan = emptyPlan(top);
    for (const { path: file, before, after } of accepted.changes)
      await planFile(plan, { file, from: after, to: before }, going, folder, `undo-${slotIn(plan)}`);
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
  // Removals first: a folder may become a file.
  const ordered = [...record.changes].sort((a, b) => Number(a.after.kind !== 'absent') - Number(b.after.kind !== 'absent'));
  for (const change of ordered) {
    const now = await observe(record.repositoryPath, change.path);
    if (matches(now, change.after)) continue;
    if (!matches(now, change.before)) throw conflictError('These files changed meanwhile', [change.path]);
    await putState(record.repositoryPath, change.path, change.after, folder);
  }
}

/** Puts the moved files back; one that the person changed since stays theirs. */
async function revert(folder: string, record: AcceptRecord): Promise<void> {
  await writeRecord(folder, { ...record, state: 'reverting' });
  const ordered = [...record.changes].sort((a, b) => Number(a.before.kind !== 'absent') - Number(b.before.kind !== 'absent'));
  const stuck: string[] = [];
  for (const change of ordered) {
    try {
      const now = await observe(record.repositoryPath, change.path);
      if (matches(now, change.before) || !matches(now, change.after)) continue;
      await putState(record.repositoryPath, change.path, change.before, folder);
    } catch {
      stuck.push(change.path);
    }
  }
  if (stuck.length > 0)
    throw new BelayError('conflict', `These files could not be put back: ${stuck.slice(0, 5).join(', ')}`, {
      hint: `Make their folders writable and open Belay again. What they were is kept in ${folder}.`,
      issues: stuck.map((file) => ({ path: file, message: 'could not be put back' })),
    });
  if (record.direction === 'undo') await rename(path.join(folder, acceptedName), path.join(folder, recordName));
  else await rm(folder, { recursive: true, force: true });
}

interface Plan {
  readonly top: string;
  readonly changes: AcceptRecord['changes'];
  readonly conflicts: string[];
  readonly merged: string[];
}

const emptyPlan = (top: string): Plan => ({ top, changes: [], conflicts: [], merged: [] });
/** Names what is kept for the next file of a plan. */
const slotIn = (plan: Plan): number => plan.changes.length + plan.conflicts.length;

/** Adds to the plan what brings one file from `from` to `to` and keeps what the person changed in it. `going`: the paths that the plan takes away. */
async function planFile(
  plan: Plan,
  { file, from, to }: { readonly file: string; readonly from: FileState; readonly to: FileState },
  going: ReadonlySet<string>,
  folder: string,
  slot: string,
): Promise<void> {
  const mine = await captureState(plan.top, file, folder, `${slot}-mine`);
  // The person did it already.
  if (matches(mine, to)) return;
  const next = matches(mine, from) ? to : await mergeStates(folder, mine, from, to, `${slot}-merged`);
  if (!next || (next.kind !== 'absent' && !(await hasRoom(plan.top, file, going)))) {
    plan.conflicts.push(file);
    return;
  }
  plan.changes.push({ path: file, before: mine, after: next });
  if (next !== to) plan.merged.push(file);
}

async function planAccept(request: AcceptRequest, folder: string): Promise<Plan> {
  const checkout = await openCheckout(request.repositoryPath);
  const objects = checkout.git ? { gitDir: checkout.git.gitDir } : { gitDir: gateDir(request.lineDir) };
  // As the person's own git would write the files, so that untouched ones count as untouched.
  const filters = { ...objects, workTree: checkout.path, config: checkout.git ? await personalSettings(checkout.git.gitDir) : {} };
  const leaveOut = new Set(request.leaveOut);
  const plan = emptyPlan(checkout.path);
  const wanted = (await rawChanges(request.baseCommit, request.headCommit, objects)).filter((change) => !leaveOut.has(change.path));
  const going = new Set(wanted.filter((change) => change.newMode === absent).map((change) => change.path));
  for (const { path: file, oldMode, newMode, oldId, newId } of wanted) {
    const slot = String(slotIn(plan));
    const from = await stateOfBlob(oldMode, oldId, file, folder, `${slot}-base`, filters);
    const to = await stateOfBlob(newMode, newId, file, folder, `${slot}-theirs`, filters);
    await planFile(plan, { file, from, to }, going, folder, slot);
  }
  return plan;
}

/** A committed file as a checkout would write it, line endings and filters of the person's repository applied. */
async function stateOfBlob(mode: string, id: string, file: string, folder: string, stored: string, git: GitOptions): Promise<FileState> {
  if (mode === absent) return { kind: 'absent' };
  if (mode === '120000') return { kind: 'link', target: (await safeGit(['cat-file', 'blob', id], git)).stdout.toString('utf8') };
  const reply = await safeGit(['cat-file', '--filters', `--path=${file}`, id], git);
  return storeFile(folder, stored, reply.stdout, { executable: mode === '100755' });
}

/** Mine and theirs over their base; null when they touch the same lines, or are not text files on all three sides. */
async function mergeStates(folder: string, mine: FileState, base: FileState, theirs: FileState, stored: string): Promise<FileState | null> {
  if (mine.kind !== 'file' || base.kind !== 'file' || theirs.kind !== 'file') return null;
  if (mine.sha256 === base.sha256) return { ...theirs };
  if (theirs.sha256 === base.sha256) return { ...mine, executable: theirs.executable };
  const at = (state: { stored: string }) => path.join(folder, state.stored);
  const reply = await safeGit(['merge-file', '-p', '--quiet', at(mine), at(base), at(theirs)], {
    cwd: folder,
    okCodes: [...Array(128).keys(), 255],
  });
  if (reply.code !== 0) return null;
  return storeFile(folder, stored, reply.stdout, { executable: theirs.executable, permissions: mine.permissions ?? theirs.permissions });
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
  const shown = paths.slice(0, 5).join(', ');
  const more = paths.length > 5 ? ` and ${paths.length - 5} more` : '';
  return new BelayError('conflict', `${what}: ${shown}${more}. Nothing was changed.`, {
    hint: 'Commit or set aside your changes to these files and try again, or send the work back to the agent.',
    issues: paths.map((file) => ({ path: file, message: 'cannot be merged' })),
  });
}
