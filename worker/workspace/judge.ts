/** Which changed paths may leave the agent's folder. Pure: names, modes and link targets in, classes out. */
import type { ResultFile } from '../../protocol/records.ts';
import { foldName, foldPath } from '../policy/fold.ts';
import { controlReason, gitNames, hostReason } from './knownNames.ts';
import { hidingReason } from './names/hiding.ts';

export type FileClass = ResultFile['class'];
export interface Verdict {
  readonly class: FileClass;
  /** For people; null for ordinary files. */
  readonly reason: string | null;
}
export interface ChangedEntry {
  readonly path: string;
  /** Modes as git writes them; `000000` is absence. */
  readonly oldMode: string;
  readonly newMode: string;
  /** Where a new symbolic link points. */
  readonly linkTarget: string | null;
}

/** The mode git writes for a path that is not there. */
export const absent = '000000';
export const ordinary: Verdict = { class: 'ordinary', reason: null };
const control = (reason: string): Verdict => ({ class: 'control', reason });
const hostExecuted = (reason: string): Verdict => ({ class: 'host_executed', reason });
/** Of a file that had the executable bit before, which says little where the file is none to be run. */
export const stayedExecutable: Verdict = hostExecuted('an executable file');

/** Links of the trees before and after, by folded path: where each may point. */
export type Links = ReadonlyMap<string, readonly string[]>;

/** Decides on one changed path by its name, modes and link target. */
export function judge(entry: ChangedEntry, links: Links = new Map()): Verdict {
  const names = entry.path.split('/').map(foldName);
  const unsafe = stood(entry) ? unsafeAnywhere(entry.path) : unsafeName(entry.path);
  if (unsafe) return control(unsafe);
  if (entry.newMode === '160000' || entry.oldMode === '160000') return control('a nested repository or submodule');
  const controls = controlReason(names);
  if (controls) return control(controls);
  if (entry.newMode === '120000') return judgeLink(entry, links);
  const host = (entry.newMode === absent ? null : hidingReason(entry.path)) ?? hostReason(names);
  if (host) return hostExecuted(host);
  if (entry.newMode === '100755') return entry.oldMode === '100755' ? stayedExecutable : hostExecuted('made executable');
  return ordinary;
}

/** A file that stood there under this very name: wherever the person's checkout is, it has the name already. */
export const stood = ({ oldMode, newMode }: Pick<ChangedEntry, 'oldMode' | 'newMode'>): boolean =>
  oldMode.startsWith('100') && (newMode.startsWith('100') || newMode === absent);

/** Why no file system should be given this name, or null. */
export const unsafeName = (path: string): string | null => unsafeAnywhere(path) ?? unsafeSomewhere(path);

function unsafeAnywhere(path: string): string | null {
  const names = path.split('/').map(foldName);
  // What is not UTF-8 reads as this, and would be written under another name.
  if (path.includes('\ufffd')) return 'a name that is no Unicode';
  if (path.startsWith('/') || names.some((name) => name === '' || name === '..' || name === '.'))
    return 'a name that leads out of its folder';
  return names.some((name) => gitNames.has(name)) ? 'git plumbing' : null;
}

function unsafeSomewhere(path: string): string | null {
  const names = path.split('/').map(foldName);
  if (/[\u0000-\u001f\u007f]/u.test(path) || path.includes('\\')) return 'a name with control characters or backslashes';
  // NTFS: "name:stream" and "NAME~1" are other spellings of files that stand elsewhere in these rules.
  if (path.includes(':')) return 'a name that Windows takes for a part of another file';
  if (names.some((name) => /^[^.]{1,6}~\d{1,6}(?:\.[^.]{1,3})?$/u.test(name))) return 'a name that Windows takes for another file';
  if (
    names.some((name) =>
      /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3])(?:\..*)?$/u.test(name),
    )
  )
    return 'a name that Windows takes for a device';
  return null;
}

function judgeLink(entry: ChangedEntry, links: Links): Verdict {
  const why = linkReason(entry.path.split('/').slice(0, -1), entry.linkTarget ?? '', links, { left: 200 });
  return why === null ? hostExecuted('a symbolic link') : control(why);
}

const leadsOut = 'a link that leads out of the folder';

/**
 * Why a link may not leave, or null. It is followed through every link on its way, each as it was before and as
 * it is now, since the person may take one change without the other.
 */
function linkReason(folder: readonly string[], target: string, links: Links, follows: { left: number }): string | null {
  if (target === '' || target.startsWith('/') || target.includes(':') || target.includes('\\')) return leadsOut;
  if (follows.left <= 0) return 'a link through too many links';
  follows.left -= 1;
  const steps = [...folder];
  const parts = target.split('/').filter((part) => part !== '' && part !== '.');
  let named = false;
  for (const [index, part] of parts.entries()) {
    if (part === '..') {
      // Where ".." leads after a name depends on what that name is on the person's disk.
      if (named || steps.pop() === undefined) return leadsOut;
      continue;
    }
    named = true;
    steps.push(part);
    for (const next of links.get(foldPath(steps.join('/'))) ?? []) {
      const why = linkReason(steps.slice(0, -1), [next, ...parts.slice(index + 1)].join('/'), links, follows);
      if (why !== null) return why;
    }
  }
  const names = steps.map(foldName);
  return names.some((name) => gitNames.has(name)) || controlReason(names) !== null ? 'a link to control files' : null;
}

/**
 * Changed paths that would be one file with another path where case and Unicode are folded, or that
 * stand below a path that folds to a file.
 */
export function foldClashes(changed: readonly string[], all: readonly string[]): Set<string> {
  const byFold = new Map<string, Set<string>>();
  const note = (path: string) => {
    // Every folder counts as a name too, so that "A/x" meets "a/y".
    const parts = path.split('/');
    for (let depth = 1; depth <= parts.length; depth += 1) {
      const spelled = parts.slice(0, depth).join('/');
      const folded = foldPath(spelled);
      const known = byFold.get(folded);
      if (known) known.add(spelled);
      else byFold.set(folded, new Set([spelled]));
    }
  };
  for (const path of all) note(path);
  return new Set(
    changed.filter((path) => {
      const parts = path.split('/');
      return parts.some((_, index) => (byFold.get(foldPath(parts.slice(0, index + 1).join('/')))?.size ?? 0) > 1);
    }),
  );
}

/** What git keeps in a git directory, names folded: whoever renames the folder back has a repository that obeys it. */
const plumbing =
  /^(?:head|[a-z]+_head|config(?:\.worktree)?|commondir|gitdir|packed-refs|objects|refs|hooks|info|index|logs|worktrees|modules|branches|shallow|description|commit_editmsg)(?:\/|$)/u;

/** Changed paths that make a folder look like a bare repository, which git would then obey. */
export function bareRepositoryParts(changed: readonly string[], all: readonly string[]): Set<string> {
  const folders = new Map<string, Set<string>>();
  for (const path of all) {
    const parts = path.split('/').map(foldName);
    for (let depth = 0; depth < parts.length; depth += 1) {
      const folder = parts.slice(0, depth).join('/');
      const names = folders.get(folder) ?? new Set<string>();
      names.add(parts[depth] ?? '');
      folders.set(folder, names);
    }
  }
  const isBare = (names: Set<string>) =>
    names.has('head') && (names.has('objects') || names.has('refs') || names.has('config') || names.has('commondir'));
  const bare = [...folders].filter(([, names]) => isBare(names)).map(([folder]) => (folder === '' ? '' : `${folder}/`));
  return new Set(
    changed.filter((path) =>
      bare.some((prefix) => foldPath(path).startsWith(prefix) && plumbing.test(foldPath(path).slice(prefix.length))),
    ),
  );
}
