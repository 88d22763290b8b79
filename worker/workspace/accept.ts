/**
 * Accept and Undo: brings a result into the person's working tree, three-way, all or nothing. Everything
 * is worked out and written aside first; then a journal names it; then files move. A kill before the journal
 * leaves the checkout as it was, a kill after it is finished by `finishAccepts` at the next start.
 */
import { createHash, randomUUID } from 'node:crypto';
import { chmod, lstat, mkdir, open, readdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { BelayError } from '../../protocol/errors.ts';
import { gateDir } from './clone.ts';
import { fields, safeGit } from './git.ts';
import { openCheckout } from './repository.ts';

const FileState = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('absent') }),
  /** `stored` is the name of the file in the record's folder that has the bytes. */
  z.object({ kind: z.literal('file'), stored: z.string(), sha256: z.string(), executable: z.boolean() }),
  z.object({ kind: z.literal('link'), target: z.string() }),
]);
type FileState = z.infer<typeof FileState>;
const AcceptRecord = z.object({
  sessionId: z.string(),
  repositoryPath: z.string(),
  headCommit: z.string(),
  direction: z.enum(['accept', 'undo']),
  /** Names this decision wherever it is recorded, so that recording it twice is harmless. */
  decision: z.string(),
  /** `applied`: the files are there, the platform may not know yet. */
  state: z.enum(['decided', 'applied', 'recorded']),
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

const recordFile = (folder: string) => path.join(folder, 'record.json');
const folderOf = (recordsDir: string, sessionId: string) => path.join(recordsDir, sessionId.replaceAll(/[^A-Za-z0-9_-]/gu, '_'));

/** Applies base → head to the working tree. Throws `conflict` naming the paths, with nothing changed, when they cannot be merged. */
export async function acceptResult(request: AcceptRequest): Promise<AcceptOutcome> {
  await finishAccepts(request.recordsDir);
  const folder = folderOf(request.recordsDir, request.sessionId);
  const earlier = await readRecord(folder);
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
}

/** Takes an accepted result out again, keeping what the person changed since. Throws `conflict` with nothing changed when that cannot be. */
export async function undoAccept(recordsDir: string, sessionId: string): Promise<AcceptOutcome> {
  await finishAccepts(recordsDir);
  const folder = folderOf(recordsDir, sessionId);
  const accepted = await readRecord(folder);
  if (accepted?.direction !== 'accept') throw new BelayError('conflict', 'There is no accepted result of this session to undo.');
  const top = accepted.repositoryPath;
  const conflicts: string[] = [];
  const merged: string[] = [];
  const changes: AcceptRecord['changes'] = [];
  for (const { path: file, before, after } of accepted.changes) {
    const now = await captureState(top, file, folder, `now-${changes.length}`);
    if (matches(now, after)) {
      changes.push({ path: file, before: now, after: before });
      continue;
    }
    const combined = await mergeStates(folder, now, after, before, `undo-${changes.length}`);
    if (!combined) conflicts.push(file);
    else {
      changes.push({ path: file, before: now, after: combined });
      merged.push(file);
    }
  }
  if (conflicts.length > 0) throw conflictError('You changed these files after accepting', conflicts);
  return decideAndApply(folder, { ...accepted, direction: 'undo', decision: randomUUID(), state: 'decided', merged, changes });
}

/** True when this session's result stands accepted in a working tree of this machine. */
export async function isAccepted(recordsDir: string, sessionId: string): Promise<boolean> {
  return (await readRecord(folderOf(recordsDir, sessionId)))?.direction === 'accept';
}

/**
 * Finishes the files of what was decided when the process ended. Run at start-up and before each accept.
 * Returns the decisions that are not marked as recorded yet.
 */
export async function finishAccepts(recordsDir: string): Promise<AcceptOutcome[]> {
  const open: AcceptOutcome[] = [];
  for (const name of await readdir(recordsDir).catch(() => [])) {
    const folder = path.join(recordsDir, name);
    const record = await readRecord(folder);
    if (record?.state === 'decided') await applyRecord(folder, record);
    if (record && record.state !== 'recorded') open.push(outcomeOf(record));
  }
  return open;
}

/** Notes that the platform knows of the decision. */
export async function markRecorded(recordsDir: string, outcome: AcceptOutcome): Promise<void> {
  const folder = folderOf(recordsDir, outcome.sessionId);
  const record = await readRecord(folder);
  if (record?.decision === outcome.decision) await writeRecord(folder, { ...record, state: 'recorded' });
}

async function decideAndApply(folder: string, record: AcceptRecord): Promise<AcceptOutcome> {
  await writeRecord(folder, record);
  await applyRecord(folder, record);
  return outcomeOf(record);
}

function outcomeOf(record: AcceptRecord): AcceptOutcome {
  const { sessionId, direction, decision, leftOut, merged } = record;
  return { sessionId, direction, decision, leftOut, merged, paths: record.changes.map((change) => change.path) };
}

async function applyRecord(folder: string, record: AcceptRecord): Promise<void> {
  // Removals first: a folder may become a file.
  const ordered = [...record.changes].sort((a, b) => Number(a.after.kind !== 'absent') - Number(b.after.kind !== 'absent'));
  for (const change of ordered) {
    const now = await observe(record.repositoryPath, change.path);
    // After a kill a file may be as before, as after, or edited since by the person: then theirs stays.
    if (matches(now, change.after) || !matches(now, change.before)) continue;
    await putState(record.repositoryPath, change.path, change.after, folder);
  }
  await writeRecord(folder, { ...record, state: 'applied' });
}

interface Plan {
  readonly top: string;
  readonly changes: AcceptRecord['changes'];
  readonly conflicts: string[];
  readonly merged: string[];
}

async function planAccept(request: AcceptRequest, folder: string): Promise<Plan> {
  const checkout = await openCheckout(request.repositoryPath);
  const objects = checkout.git ? { gitDir: checkout.git.gitDir } : { gitDir: gateDir(request.lineDir) };
  const leaveOut = new Set(request.leaveOut);
  const raw = fields(
    (await safeGit(['diff-tree', '-r', '--raw', '-z', '--no-renames', '--no-abbrev', request.baseCommit, request.headCommit], objects))
      .stdout,
  );
  const changes: AcceptRecord['changes'] = [];
  const conflicts: string[] = [];
  const merged: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const file = raw[index + 1] ?? '';
    if (leaveOut.has(file)) continue;
    const [oldMode = '', newMode = '', oldId = '', newId = ''] = (raw[index] ?? '').replace(/^:/u, '').split(' ');
    const slot = String(changes.length + conflicts.length);
    if (!(await parentsAreFolders(checkout.path, file))) {
      conflicts.push(file);
      continue;
    }
    const base = await stateOfBlob(oldMode, oldId, file, folder, `${slot}-base`, objects, checkout.path);
    const theirs = await stateOfBlob(newMode, newId, file, folder, `${slot}-theirs`, objects, checkout.path);
    const mine = await captureState(checkout.path, file, folder, `${slot}-mine`);
    if (matches(mine, theirs)) continue;
    if (matches(mine, base)) {
      changes.push({ path: file, before: mine, after: theirs });
      continue;
    }
    const combined = await mergeStates(folder, mine, base, theirs, `${slot}-merged`);
    if (!combined) conflicts.push(file);
    else {
      changes.push({ path: file, before: mine, after: combined });
      merged.push(file);
    }
  }
  return { top: checkout.path, changes, conflicts, merged };
}

/** A committed file as a checkout would write it, line endings and filters of the person's repository applied. */
async function stateOfBlob(
  mode: string,
  id: string,
  file: string,
  folder: string,
  stored: string,
  objects: { gitDir: string },
  workTree: string,
): Promise<FileState> {
  if (mode === '000000') return { kind: 'absent' };
  if (mode === '120000') return { kind: 'link', target: (await safeGit(['cat-file', 'blob', id], objects)).stdout.toString('utf8') };
  const reply = await safeGit(['cat-file', '--filters', `--path=${file}`, id], { ...objects, workTree });
  return store(folder, stored, reply.stdout, mode === '100755');
}

async function store(folder: string, stored: string, bytes: Buffer, executable: boolean): Promise<FileState> {
  await writeSynced(path.join(folder, stored), bytes);
  return { kind: 'file', stored, sha256: sha256(bytes), executable };
}

async function captureState(top: string, file: string, folder: string, stored: string): Promise<FileState> {
  const seen = await observe(top, file);
  return seen.kind === 'file' ? store(folder, stored, seen.bytes, seen.executable) : seen;
}

type Observed =
  { kind: 'absent' } | { kind: 'link'; target: string } | { kind: 'file'; bytes: Buffer; sha256: string; executable: boolean };

async function observe(top: string, file: string): Promise<Observed> {
  const at = path.join(top, file);
  const info = await lstat(at).catch(() => null);
  if (!info) return { kind: 'absent' };
  if (info.isSymbolicLink()) return { kind: 'link', target: await readlink(at) };
  // A folder in the way counts as content that is neither side's, which makes a conflict.
  if (!info.isFile()) return { kind: 'link', target: '\0folder' };
  const bytes = await readFile(at);
  return { kind: 'file', bytes, sha256: sha256(bytes), executable: process.platform !== 'win32' && (info.mode & 0o100) !== 0 };
}

function matches(a: FileState | Observed, b: FileState): boolean {
  if (a.kind === 'file' && b.kind === 'file')
    return a.sha256 === b.sha256 && (a.executable === b.executable || process.platform === 'win32');
  if (a.kind === 'link' && b.kind === 'link') return a.target === b.target;
  return a.kind === b.kind;
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
  return store(folder, stored, reply.stdout, theirs.executable);
}

async function putState(top: string, file: string, state: FileState, folder: string): Promise<void> {
  const at = path.join(top, file);
  if (!(await parentsAreFolders(top, file)))
    throw new BelayError('conflict', `A folder on the way to ${file} became a link or a file.`, {
      hint: 'Put it back and open Belay again: it goes on where it stopped.',
    });
  if (state.kind === 'absent') {
    await rm(at, { force: true });
    await removeEmptyParents(top, file);
    return;
  }
  await mkdir(path.dirname(at), { recursive: true });
  const staged = path.join(path.dirname(at), `.belay-${sha256(Buffer.from(file)).slice(0, 12)}`);
  await rm(staged, { force: true });
  if (state.kind === 'link') await symlink(state.target, staged);
  else {
    await writeSynced(staged, await readFile(path.join(folder, state.stored)));
    await chmod(staged, state.executable ? 0o755 : 0o644);
  }
  await rename(staged, at);
}

async function removeEmptyParents(top: string, file: string): Promise<void> {
  for (let folder = path.posix.dirname(file); folder !== '.'; folder = path.posix.dirname(folder)) {
    const names = await readdir(path.join(top, folder)).catch(() => ['?']);
    if (names.length > 0) return;
    await rm(path.join(top, folder), { recursive: true });
  }
}

/** Every existing folder between the top and the file is a real one, so that no write leaves the checkout. */
async function parentsAreFolders(top: string, file: string): Promise<boolean> {
  const parts = file.split('/');
  for (let depth = 1; depth < parts.length; depth += 1) {
    const info = await lstat(path.join(top, ...parts.slice(0, depth))).catch(() => null);
    if (info && !info.isDirectory()) return false;
  }
  return true;
}

async function readRecord(folder: string): Promise<AcceptRecord | null> {
  const text = await readFile(recordFile(folder), 'utf8').catch(() => null);
  return text === null ? null : AcceptRecord.parse(JSON.parse(text));
}

async function writeRecord(folder: string, record: AcceptRecord): Promise<void> {
  const file = recordFile(folder);
  await writeSynced(`${file}.new`, Buffer.from(JSON.stringify(record)));
  await rename(`${file}.new`, file);
}

async function writeSynced(file: string, bytes: Buffer): Promise<void> {
  await writeFile(file, bytes, { mode: 0o600 });
  const handle = await open(file, 'r+');
  await handle.sync().finally(() => handle.close());
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function conflictError(what: string, paths: readonly string[]): BelayError {
  const shown = paths.slice(0, 5).join(', ');
  const more = paths.length > 5 ? ` and ${paths.length - 5} more` : '';
  return new BelayError('conflict', `${what}: ${shown}${more}. Nothing was changed.`, {
    hint: 'Commit or set aside your changes to these files and try again, or send the work back to the agent.',
    issues: paths.map((file) => ({ path: file, message: 'cannot be merged' })),
  });
}
