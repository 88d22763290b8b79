/** What differs between two commits or trees, as git's plumbing tells it: data only, no renames, nothing run. */
import type { ResultFile } from '../../protocol/records.ts';
import { blobTexts } from './blobs.ts';
import { fields, safeGit, type GitOptions } from './git.ts';
import { foldPath } from '../policy/fold.ts';
import type { ChangedEntry, Links } from './judge.ts';

/** The mode git writes for a path that is not there. */
export const absent = '000000';
const linkMode = '120000';

export interface RawChange extends ChangedEntry {
  readonly oldId: string;
  readonly newId: string;
}
export interface TreeEntry {
  readonly path: string;
  readonly mode: string;
  readonly id: string;
}
export interface LineCount {
  readonly added: number;
  readonly deleted: number;
}

/** Changed paths with modes, object names, and where new links point. */
export async function rawChanges(base: string, head: string, git: GitOptions): Promise<RawChange[]> {
  const parts = fields(
    (
      await safeGit(
        ['diff-tree', '-r', '--raw', '-z', '--no-renames', '--no-abbrev', '--ignore-submodules=none', '--end-of-options', base, head],
        git,
      )
    ).stdout,
  );
  const changes: Omit<RawChange, 'linkTarget'>[] = [];
  for (let index = 0; index + 1 < parts.length; index += 2) {
    const [oldMode = '', newMode = '', oldId = '', newId = ''] = (parts[index] ?? '').replace(/^:/u, '').split(' ');
    changes.push({ path: parts[index + 1] ?? '', oldMode, newMode, oldId, newId });
  }
  const targets = await textsOf(
    changes.filter((change) => change.newMode === linkMode).map((change) => change.newId),
    git,
  );
  return changes.map((change) => ({ ...change, linkTarget: change.newMode === linkMode ? (targets.get(change.newId) ?? '') : null }));
}

/** Added and deleted lines by path; files that are not text are missing. */
export async function lineCounts(base: string, head: string, git: GitOptions): Promise<Map<string, LineCount>> {
  const reply = await safeGit(
    ['diff-tree', '-r', '--numstat', '-z', '--no-renames', '--no-ext-diff', '--no-textconv', '--end-of-options', base, head],
    git,
  );
  const counts = new Map<string, LineCount>();
  for (const line of fields(reply.stdout)) {
    const [added = '-', deleted = '-', ...rest] = line.split('\t');
    if (added !== '-') counts.set(rest.join('\t'), { added: Number(added), deleted: Number(deleted) });
  }
  return counts;
}

export async function treeEntries(tree: string, git: GitOptions): Promise<TreeEntry[]> {
  const reply = await safeGit(['ls-tree', '-r', '-z', '--full-tree', '--end-of-options', tree], git);
  return fields(reply.stdout).map((line) => {
    const tab = line.indexOf('\t');
    const [mode = '', , id = ''] = line.slice(0, tab).split(' ');
    return { path: line.slice(tab + 1), mode, id };
  });
}

/** The links among entries of any trees, with every target each has there. */
export async function linksOf(entries: readonly TreeEntry[], git: GitOptions): Promise<Links> {
  const found = entries.filter((entry) => entry.mode === linkMode);
  const targets = await textsOf(
    found.map((entry) => entry.id),
    git,
  );
  const links = new Map<string, string[]>();
  for (const { path, id } of found) {
    const at = foldPath(path);
    links.set(at, [...(links.get(at) ?? []), targets.get(id) ?? '']);
  }
  return links;
}

/** A changed file as results show it, apart from what the gate decided on it. */
export function resultFile(change: RawChange, count: LineCount | undefined): Omit<ResultFile, 'class' | 'reason'> {
  const onlyMode = count?.added === 0 && count.deleted === 0;
  return {
    path: change.path,
    oldPath: null,
    status: change.oldMode === absent ? 'added' : change.newMode === absent ? 'deleted' : onlyMode ? 'mode' : 'modified',
    added: count?.added ?? null,
    deleted: count?.deleted ?? null,
    mode: change.newMode,
  };
}

/** Added and deleted lines of several files together. */
export function lineSum(files: readonly Pick<ResultFile, 'added' | 'deleted'>[]): LineCount {
  return {
    added: files.reduce((total, file) => total + (file.added ?? 0), 0),
    deleted: files.reduce((total, file) => total + (file.deleted ?? 0), 0),
  };
}

/** Blobs as text, by object name, read in one go. */
async function textsOf(ids: readonly string[], git: GitOptions): Promise<Map<string, string>> {
  const wanted = [...new Set(ids)];
  if (wanted.length === 0) return new Map();
  const texts = new Map<string, string>();
  for await (const [id, bytes] of blobTexts(wanted, new Map(), git)) texts.set(id, bytes.toString('utf8'));
  return texts;
}
