/** What stands at a path of a working tree, and putting it there: whole or not at all, never through a link. */
import { createHash, randomUUID } from 'node:crypto';
import { chmod, lstat, mkdir, open, readdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { BelayError } from '../../protocol/errors.ts';
import { foreignFolders } from './foreignFolders.ts';

/** Only git's index has the file: a sparse checkout leaves it out of the working tree. */
const Skipped = z.literal(true).optional();

export const FileState = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('absent') }),
  z.object({
    kind: z.literal('file'),
    /** The name of the file in the record's folder that has the bytes. */
    stored: z.string(),
    sha256: z.string(),
    executable: z.boolean(),
    /** Permission bits of a file that stood in the working tree; a committed file has none. */
    permissions: z.int().optional(),
    skipped: Skipped,
  }),
  z.object({ kind: z.literal('link'), target: z.string(), skipped: Skipped }),
]);
export type FileState = z.infer<typeof FileState>;
type Observed =
  | { kind: 'absent' }
  | { kind: 'link'; target: string }
  | { kind: 'file'; bytes: Buffer; sha256: string; executable: boolean; permissions: number };

const executableBits = 0o111;

/** Keeps bytes in the record's folder under the name `stored`; `syncStored` waits for the disk. */
export async function storeFile(
  folder: string,
  stored: string,
  bytes: Buffer,
  marks: { readonly executable: boolean; readonly permissions?: number | undefined },
): Promise<FileState & { kind: 'file' }> {
  await writeFile(path.join(folder, stored), bytes, { mode: 0o600 });
  const { executable, permissions } = marks;
  return { kind: 'file', stored, sha256: sha256(bytes), executable, ...(permissions !== undefined && { permissions }) };
}

/** The file at a path now, its bytes kept in the record's folder. */
export async function captureState(top: string, file: string, folder: string, stored: string): Promise<FileState> {
  const seen = await observe(top, file);
  return seen.kind === 'file' ? storeFile(folder, stored, seen.bytes, seen) : seen;
}

/** The file at a path now. A folder is none, and nothing is looked at through a link. */
export async function observe(top: string, file: string): Promise<Observed> {
  const at = path.join(top, file);
  const info = (await parentsAreFolders(top, file)) ? await lstat(at).catch(() => null) : null;
  if (!info || info.isDirectory()) return { kind: 'absent' };
  if (info.isSymbolicLink()) return { kind: 'link', target: await readlink(at) };
  // What git has no name for, like a socket, is neither side's, which makes a conflict.
  if (!info.isFile()) return { kind: 'link', target: '\0other' };
  const bytes = await readFile(at);
  const executable = process.platform !== 'win32' && (info.mode & 0o100) !== 0;
  return { kind: 'file', bytes, sha256: sha256(bytes), executable, permissions: info.mode & 0o777 };
}

export const isSkipped = (state: FileState): boolean => state.kind !== 'absent' && state.skipped === true;

/** `fileMode` false: the disk's executable bits say nothing. */
export function matches(a: FileState | Observed, b: FileState, fileMode: boolean): boolean {
  if (a.kind === 'absent' && isSkipped(b)) return true;
  if (a.kind === 'file' && b.kind === 'file')
    return a.sha256 === b.sha256 && (a.executable === b.executable || !fileMode || process.platform === 'win32');
  if (a.kind === 'link' && b.kind === 'link') return a.target === b.target;
  return a.kind === b.kind;
}

/** Makes the path what `state` says. Throws with the path as it was. */
export async function putState(top: string, file: string, state: FileState, folder: string): Promise<void> {
  if (!isThere(state)) return await removeFile(top, file);
  const staged = await stageState(top, file, state, folder);
  try {
    await syncStaged([staged]);
    await moveStaged(staged);
  } catch (error) {
    await dropStaged(top, file, staged);
    throw error;
  }
}

type There = FileState & { kind: 'file' | 'link' };
/** Whether the working tree has something at the path in this state. */
export const isThere = (state: FileState): state is There => state.kind !== 'absent' && !isSkipped(state);

async function refuseBlocked(top: string, file: string): Promise<void> {
  if (!(await parentsAreFolders(top, file))) throw new BelayError('conflict', `A folder on the way to ${file} became a link or a file.`);
  if (foreignFolders(top)(file) !== null) throw new BelayError('conflict', `A folder on the way to ${file} became another repository.`);
  if ((await lstat(path.join(top, file)).catch(() => null))?.isDirectory())
    throw new BelayError('conflict', `A folder with other files stands at ${file}.`);
}

export async function removeFile(top: string, file: string): Promise<void> {
  await refuseBlocked(top, file);
  await rm(path.join(top, file), { force: true });
  await removeEmptyParents(top, file);
}

/** What lies ready beside its place, to be moved there. */
export interface Staged {
  readonly at: string;
  readonly staged: string;
  readonly kind: There['kind'];
  /** The permissions it gets when it is moved; else it has its own already. */
  readonly mode: number | null;
  readonly madeFolders: boolean;
}

/** Lays it beside its place. The disk may not have it before `syncStaged`. */
export async function stageState(top: string, file: string, state: There, folder: string): Promise<Staged> {
  await refuseBlocked(top, file);
  const at = path.join(top, file);
  const madeFolders = (await mkdir(path.dirname(at), { recursive: true })) !== undefined;
  const staged = await stagingFor(at, file);
  try {
    if (state.kind === 'link') await symlink(state.target, staged);
    const replaced = state.kind === 'file' ? await lstat(at).catch(() => null) : null;
    const mode = state.kind === 'file' ? await writeStaged(staged, state, folder, replaced) : null;
    return { at, staged, kind: state.kind, mode, madeFolders };
  } catch (error) {
    await rm(staged, { force: true });
    throw error;
  }
}

export const syncStaged = (all: readonly Staged[]): Promise<void> =>
  syncFiles(all.filter(({ kind }) => kind === 'file').map(({ staged }) => staged));

export async function moveStaged({ at, staged, mode }: Staged): Promise<void> {
  if (mode !== null) await chmod(staged, mode);
  await rename(staged, at);
}

/** Takes away what was not moved, and the folders that were made for it. */
export async function dropStaged(top: string, file: string, { staged, madeFolders }: Staged): Promise<void> {
  await rm(staged, { force: true });
  if (madeFolders) await removeEmptyParents(top, file);
}

/** Takes away what a killed process may have laid beside this place. */
export async function clearStaging(top: string, file: string): Promise<void> {
  if (await parentsAreFolders(top, file)) await rm(stagingName(path.join(top, file), file), { force: true }).catch(() => undefined);
}

const stagingName = (at: string, file: string): string => path.join(path.dirname(at), `.belay-${sha256(Buffer.from(file)).slice(0, 12)}`);

/** A name beside the file: what a killed process left there goes away, a folder of that name stays. */
async function stagingFor(at: string, file: string): Promise<string> {
  const staged = stagingName(at, file);
  if ((await lstat(staged).catch(() => null))?.isDirectory()) return `${staged}-${randomUUID()}`;
  await rm(staged, { force: true });
  return staged;
}

/**
 * A file that takes another's place keeps its permissions apart from the executable bits; a new one has what the umask leaves.
 * Gives the permissions that it is still to get.
 */
async function writeStaged(
  staged: string,
  state: FileState & { kind: 'file' },
  folder: string,
  replaced: { mode: number; isFile(): boolean } | null,
): Promise<number | null> {
  const bytes = await readFile(path.join(folder, state.stored));
  const kept = replaced?.isFile() ? replaced.mode & 0o777 : state.permissions;
  if (kept === undefined || process.platform === 'win32') {
    await writeFile(staged, bytes, { mode: state.executable ? 0o777 : 0o666 });
    return null;
  }
  await writeFile(staged, bytes, { mode: 0o600 });
  if (((kept & 0o100) !== 0) === state.executable) return kept;
  // Who may read it may run it, as git does.
  return state.executable ? kept | ((kept & 0o444) >> 2) : kept & ~executableBits;
}

async function removeEmptyParents(top: string, file: string): Promise<void> {
  for (let folder = path.posix.dirname(file); folder !== '.'; folder = path.posix.dirname(folder)) {
    const names = await readdir(path.join(top, folder)).catch(() => ['?']);
    if (names.length > 0) return;
    await rm(path.join(top, folder), { recursive: true });
  }
}

/** Every existing folder between the top and the file is a real one, so that no write leaves the checkout. */
export const parentsAreFolders = async (top: string, file: string): Promise<boolean> => (await blockedBy(top, file)) === null;

/** What is on the way to the file and is no folder. */
async function blockedBy(top: string, file: string): Promise<string | null> {
  const parts = file.split('/');
  for (let depth = 1; depth < parts.length; depth += 1) {
    const parent = parts.slice(0, depth).join('/');
    const info = await lstat(path.join(top, parent)).catch(() => null);
    if (info && !info.isDirectory()) return parent;
  }
  return null;
}

/** Whether a file can be put there once the paths in `going` are gone: a file may become a folder, and a folder a file. */
export async function hasRoom(top: string, file: string, going: ReadonlySet<string>): Promise<boolean> {
  const blocked = await blockedBy(top, file);
  if (blocked !== null) return going.has(blocked);
  const info = await lstat(path.join(top, file)).catch(() => null);
  return !info?.isDirectory() || (await vanishes(top, file, going));
}

/** A folder goes with the last file in it; an empty one stays. */
async function vanishes(top: string, folder: string, going: ReadonlySet<string>): Promise<boolean> {
  const entries = await readdir(path.join(top, folder), { withFileTypes: true });
  for (const entry of entries) {
    const at = `${folder}/${entry.name}`;
    if (!(entry.isDirectory() ? await vanishes(top, at, going) : going.has(at))) return false;
  }
  return entries.length > 0;
}

/** Waits until the disk has everything that is kept in the record's folder. */
export async function syncStored(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  await syncFiles(entries.filter((entry) => entry.isFile()).map((entry) => path.join(folder, entry.name)));
}

/** How many files wait for the disk together: it then writes for all of them at once. */
const syncedTogether = 16;

async function syncFiles(files: readonly string[]): Promise<void> {
  const waiting = [...files];
  const lane = async (): Promise<void> => {
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) await syncFile(file);
  };
  await Promise.all(Array.from({ length: syncedTogether }, lane));
}

async function syncFile(file: string): Promise<void> {
  // Windows flushes only what it may write.
  const handle = await open(file, process.platform === 'win32' ? 'r+' : 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes and waits for the disk; a file already there keeps its permissions. */
export async function writeSynced(file: string, bytes: Buffer, mode: number): Promise<void> {
  const handle = await open(file, 'w', mode);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
