/** What differs between two commits or trees, as git's plumbing tells it: data only, nothing run. */
import type { ResultFile } from '../../protocol/records.ts';
import { blobTexts } from './blobs.ts';
import { fields, safeGit, type GitOptions } from './git.ts';
import { foldPath } from '../policy/fold.ts';
import { absent, type ChangedEntry, type Links, type Verdict } from './judge.ts';

export const submoduleMode = '160000';
const linkMode = '120000';

export { absent };
export interface RawChange extends ChangedEntry {
  readonly oldId: string;
  readonly newId: string;
}
export interface TreeEntry {
  readonly path: string;
  readonly mode: string;
  readonly id: string;
}
export interface Move {
  readonly from: string;
  readonly to: string;
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

/** What git takes for a move between two trees; with copies also every further place of what moved. */
export async function movesBetween(base: string, tree: string, git: GitOptions, copies = false): Promise<Move[]> {
  const filter = `--diff-filter=${copies ? 'RC' : 'R'}`;
  const reply = await safeGit(['diff-tree', '-r', '-M', '--raw', '-z', filter, '--end-of-options', base, tree], git);
  const parts = fields(reply.stdout);
  const moves: Move[] = [];
  for (let index = 0; index + 2 < parts.length; index += 3) moves.push({ from: parts[index + 1] ?? '', to: parts[index + 2] ?? '' });
  return moves;
}

/** Added and deleted lines by path, a move counted whole or as one change; files that are not text are missing. */
export async function lineCounts(
  base: string,
  head: string,
  git: GitOptions,
  moves: '--no-renames' | '-M',
): Promise<Map<string, LineCount>> {
  const reply = await safeGit(
    ['diff-tree', '-r', '--numstat', '-z', moves, '--no-ext-diff', '--no-textconv', '--end-of-options', base, head],
    git,
  );
  const counts = new Map<string, LineCount>();
  const parts = fields(reply.stdout);
  for (let index = 0; index < parts.length; index += 1) {
    const [added = '-', deleted = '-', ...rest] = (parts[index] ?? '').split('\t');
    let file = rest.join('\t');
    // A move: the old and the new name follow.
    if (file === '') file = parts[(index += 2)] ?? '';
    if (added !== '-') counts.set(file, { added: Number(added), deleted: Number(deleted) });
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

/** The changed files as results show them, a move as one. `verdictOf` has been asked about every changed path. */
export async function changedFiles(
  base: string,
  head: string,
  git: GitOptions,
  verdictOf: (change: RawChange) => Verdict,
): Promise<ResultFile[]> {
  const changes = await rawChanges(base, head, git);
  const byPath = new Map(changes.map((change) => [change.path, change]));
  const counts = await lineCounts(base, head, git, '-M');
  const oldPaths = new Map((await movesBetween(base, head, git)).map(({ from, to }) => [to, from]));
  const moved = new Set(oldPaths.values());
  return changes
    .filter((change) => !moved.has(change.path))
    .map((change): ResultFile => {
      const old = byPath.get(oldPaths.get(change.path) ?? '');
      const count = counts.get(change.path);
      const verdict = verdictOf(change);
      return {
        path: change.path,
        oldPath: old?.path ?? null,
        status: old ? 'renamed' : statusOf(change, count),
        added: count?.added ?? null,
        deleted: count?.deleted ?? null,
        mode: change.newMode,
        ...(old && verdict.class === 'ordinary' ? verdictOf(old) : verdict),
      };
    });
}

function statusOf(change: RawChange, count: LineCount | undefined): ResultFile['status'] {
  if (change.oldMode === absent) return 'added';
  if (change.newMode === absent) return 'deleted';
  return count?.added === 0 && count.deleted === 0 ? 'mode' : 'modified';
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
