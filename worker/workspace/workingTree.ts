/**
 * Makes a tree object of the agent's folder with the gate's own repository. What would stop git, or keep it busy for
 * hours, is left out first: the hand-over of the rest must not depend on the agent's goodwill.
 */
import { lstatSync } from 'node:fs';
import { copyFile, mkdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { submoduleMode, treeEntries, type TreeEntry } from './diff.ts';
import { filesBelow } from './filesBelow.ts';
import { fields, safeGit, type GitOptions } from './git.ts';
import { unsafeName } from './judge.ts';
import type { Survey } from './survey.ts';
import type { HeldBack } from './types.ts';
import { unreadable } from './unreadable.ts';

export interface WorkingTree {
  readonly tree: string;
  /** What was not read. */
  readonly heldBack: readonly HeldBack[];
}
export interface ReadLimits {
  readonly fileBytes: number;
  /** New files and their bytes together; more is not even looked at. */
  readonly files: number;
  readonly readBytes: number;
}
export interface ReadOptions extends ReadLimits {
  readonly survey: Survey;
  /** The folder is the copy of one without git. */
  readonly asBytes: boolean;
  /** Paths that the agent tracks and the base has not: no ignore rule speaks of them. */
  readonly added: ReadonlySet<string>;
  /** Paths of the base that a sparse clone was made without, and those of them that the agent touched. */
  readonly left: readonly string[];
  readonly touched: readonly string[];
}
export const nestedReason = 'a nested repository or submodule';
const addConfig = { 'advice.addEmbeddedRepo': 'false', 'core.bigFileThreshold': '1m' };

export async function readWorkingTree(
  top: string,
  base: string,
  git: GitOptions & { gitDir: string },
  options: ReadOptions,
): Promise<WorkingTree> {
  const at = { ...git, workTree: top };
  await beginIndex(base, at);
  const index = async (args: readonly string[], files: readonly string[]): Promise<void> => {
    if (files.length === 0) return;
    const input = files.map((file) => `${file}\0`).join('');
    await safeGit(['update-index', ...args, '-z', '--stdin'], { ...at, input, config: addConfig });
  };
  await index(['--skip-worktree'], options.left);
  await index(['--no-skip-worktree'], options.touched);
  const tracked = await changedEntries(base, at);
  const untracked = fields((await safeGit(['ls-files', '-z', '--others', '--exclude-standard'], at)).stdout);
  const known = new Set(untracked);
  const heldBack = new Map<string, string>();
  const taken: string[] = [];
  let bytes = 0;
  const consider = async (file: string): Promise<void> => {
    const info = lstatSync(path.join(top, file), { throwIfNoEntry: false });
    const why =
      unsafeName(file) ?? (await unreadable(path.join(top, file), options)) ?? beyond(taken.length, bytes + (info?.size ?? 0), options);
    if (why !== null) heldBack.set(file, why);
    else {
      taken.push(file);
      bytes += info?.size ?? 0;
    }
  };
  for (const file of untracked) {
    if (file.endsWith('/')) heldBack.set(file.slice(0, -1), nestedReason);
    else await consider(file);
  }
  const { nested, closed, covered } = options.survey;
  const isFolder = foldersOf(top);
  for (const file of options.added) {
    if (known.has(file) || heldBack.has(file) || below(nested, file) || !isFolder(path.posix.dirname(file))) continue;
    const info = lstatSync(path.join(top, file), { throwIfNoEntry: false });
    if (info && !info.isDirectory()) await consider(file);
  }
  for (const folder of await submodulesIn(at)) {
    if (!isFolder(folder) || nested.includes(folder)) continue;
    for (const file of await filesBelow(top, folder))
      heldBack.set(file, `below the submodule ${folder}, which a result does not reach into`);
  }
  // Git does not look at these: the tree keeps what the base has.
  const unread: string[] = [];
  for (const entry of tracked) {
    const { path: file, mode } = entry;
    // Below what is no folder any more nothing of ours stands, and a link would lead the look outside.
    if (mode === submoduleMode || !isFolder(path.posix.dirname(file))) continue;
    const why = await unreadable(path.join(top, file), options);
    if (why === null) continue;
    unread.push(file);
    if (!(await isUntouched(entry, at))) heldBack.set(file, why);
  }
  await (options.asBytes ? keepBytes(at.gitDir) : ignoreAgentsAttributes(base, at));
  await index(['--assume-unchanged'], unread);
  await safeGit(['add', '-u', '--sparse', '--', '.'], { ...at, config: addConfig });
  await index(['--add', '--replace'], taken);
  const tree = (await safeGit(['write-tree', ...(options.left.length > 0 ? ['--missing-ok'] : [])], at)).text;
  // What git passes over without a word is named all the same.
  for (const folder of nested) heldBack.set(folder, nestedReason);
  for (const folder of closed) heldBack.set(folder, 'a folder that nobody may look into');
  for (const { path: file, reason } of covered) heldBack.set(file, reason);
  return { tree, heldBack: [...heldBack].map(([file, reason]) => ({ path: file, reason })) };
}

/** The index as the host wrote it when it made the folder: what has still the time and number it had then is not read again. */
const startIndex = (gitDir: string): string => path.join(gitDir, 'start.index');

/** Keeps it. Nothing of an agent may have run in the folder yet: its files then have older times than whatever it changes. */
export async function keepStartIndex(cloneGitDir: string, gateGitDir: string): Promise<void> {
  await copyWithTime(path.join(cloneGitDir, 'index'), startIndex(gateGitDir));
}

/** Git takes the time of an index for the moment up to which it knows the files. */
async function copyWithTime(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  const { atimeMs, mtimeMs } = await stat(from);
  await utimes(to, Math.floor(atimeMs) / 1000, Math.floor(mtimeMs) / 1000);
}

async function beginIndex(base: string, at: GitOptions & { gitDir: string }): Promise<void> {
  const index = path.join(at.gitDir, 'index');
  await rm(index, { force: true });
  const kept = await copyWithTime(startIndex(at.gitDir), index).then(
    () => true,
    () => false,
  );
  // A merge of one tree takes over what the index knows of each file that stayed the same.
  await safeGit(['read-tree', ...(kept ? ['-m'] : []), base], at);
}

async function submodulesIn(at: GitOptions): Promise<string[]> {
  const entries = fields((await safeGit(['ls-files', '--stage', '-z'], at)).stdout);
  return entries.filter((entry) => entry.startsWith(`${submoduleMode} `)).map((entry) => entry.slice(entry.indexOf('\t') + 1));
}

/** Files of the base that are not as the index knows them, or gone. */
async function changedEntries(base: string, at: GitOptions): Promise<TreeEntry[]> {
  const changed = new Set(fields((await safeGit(['diff-files', '--name-only', '-z', '--ignore-submodules=all'], at)).stdout));
  return changed.size === 0 ? [] : (await treeEntries(base, at)).filter((entry) => changed.has(entry.path));
}

/** Why one more new file is too many, or null. */
function beyond(files: number, bytes: number, limits: ReadLimits): string | null {
  if (files >= limits.files) return `more than ${limits.files} files`;
  return bytes > limits.readBytes ? `more than ${limits.readBytes / 1024 / 1024} MB of new files` : null;
}

const below = (folders: readonly string[], file: string): boolean => folders.some((folder) => file.startsWith(`${folder}/`));

/** Tells which paths below `top` are reached through folders only and are one, looking at each once. */
function foldersOf(top: string): (folder: string) => boolean {
  const known = new Map([['.', true]]);
  const isFolder = (folder: string): boolean => {
    let is = known.get(folder);
    if (is === undefined) {
      is = isFolder(path.posix.dirname(folder)) && lstatSync(path.join(top, folder), { throwIfNoEntry: false })?.isDirectory() === true;
      known.set(folder, is);
    }
    return is;
  };
  return isFolder;
}

/** Whether a large file is still what the base has: nobody is told of it then. */
async function isUntouched({ path: file, mode, id }: TreeEntry, at: GitOptions & { workTree: string }): Promise<boolean> {
  const info = lstatSync(path.join(at.workTree, file), { throwIfNoEntry: false });
  if (!info?.isFile() || ((info.mode & 0o100) !== 0) !== (mode === '100755')) return false;
  if (Number((await safeGit(['cat-file', '-s', id], at)).text) !== info.size) return false;
  return (await safeGit(['hash-object', '--no-filters', '--', file], { ...at, okCodes: [0, 128] })).text === id;
}

const attributesFile = (gitDir: string): string => path.join(gitDir, 'info', 'attributes');

/** Makes a repository take every file as it stands: the copy of a plain folder, where no git ever changed a line's end. */
export async function keepBytes(gitDir: string): Promise<void> {
  await mkdir(path.dirname(attributesFile(gitDir)), { recursive: true });
  await writeFile(attributesFile(gitDir), '* -text -ident -filter -working-tree-encoding\n');
}

/** Attributes with which git changes what it reads. */
const rewriting = ['working-tree-encoding', 'ident', 'filter'] as const;

/**
 * Where the agent changed `.gitattributes`, those of them that the base does not use are switched off: else git would
 * judge, or fail on, something other than what stands in the folder.
 */
async function ignoreAgentsAttributes(base: string, at: GitOptions & { gitDir: string }): Promise<void> {
  const names = ['--', '.gitattributes', ':(glob)**/.gitattributes'];
  const changed = (await safeGit(['ls-files', '-z', '--others', '--modified', '--deleted', ...names], at)).stdout.length > 0;
  const entries = changed ? (await treeEntries(base, at)).filter(({ path: file }) => path.posix.basename(file) === '.gitattributes') : [];
  let used = '';
  for (const { id } of entries) used += (await safeGit(['cat-file', 'blob', id], at)).text;
  const off = changed ? rewriting.filter((name) => !used.includes(name)).map((name) => `!${name}`) : [];
  await mkdir(path.dirname(attributesFile(at.gitDir)), { recursive: true });
  await writeFile(attributesFile(at.gitDir), off.length > 0 ? `* ${off.join(' ')}\n` : '');
}
