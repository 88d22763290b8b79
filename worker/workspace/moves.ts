/**
 * Moves in what the agent left. Half a move loses a file, so a pair leaves whole or is held back whole. Git tells what is a
 * move: between the trees, and to places that no tree has, since git ignores them or the gate did not take them.
 */
import { lstatSync, type Stats } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { absent, movesBetween, type Move, type RawChange } from './diff.ts';
import { filesBelow } from './filesBelow.ts';
import { fields, safeGit, type GitOptions } from './git.ts';
import type { HeldBack } from './types.ts';

/** A path of the agent's folder that the judged tree has not, with why. */
export interface Elsewhere {
  readonly path: string;
  readonly why: string;
}

const most = { ignored: 20_000, hashed: 2000, atOnce: 200 } as const;
/** Installed packages hold copies of much, and nobody moves their work there. */
const installed = /(?:^|\/)(?:node_modules|site-packages)\//u;

/** Moves out of the base to places that the judged tree does not have. */
export async function movesElsewhere(
  changes: readonly RawChange[],
  unread: readonly HeldBack[],
  git: GitOptions & { gitDir: string; workTree: string },
): Promise<(Move & Elsewhere)[]> {
  const gone = changes.filter((change) => change.newMode === absent && change.oldMode.startsWith('100'));
  if (gone.length === 0) return [];
  const sizes = await sizesOf(gone, git);
  const known = new Set([...sizes.values()].filter((size) => size > 0));
  const places: Elsewhere[] = [];
  const consider = (file: string, why: string, isLikely: (info: Stats) => boolean): void => {
    if (places.length >= most.hashed || file.includes('\ufffd')) return;
    const info = lstatSync(path.join(git.workTree, file), { throwIfNoEntry: false });
    if (info?.isFile() && isLikely(info)) places.push({ path: file, why });
  };
  const sameSize = (info: Stats): boolean => known.has(info.size);
  for (const { path: file, reason } of unread) {
    consider(file, `held back (${reason})`, (info) => info.size > 0 && (info.size < mostCompared || sameSize(info)));
    for (const inner of await filesBelow(git.workTree, file)) consider(inner, `held back with ${file} (${reason})`, sameSize);
  }
  for (const file of await ignoredFiles(git)) consider(file, 'ignored by git', sameSize);
  return pairUp(gone, places, git);
}

/** Larger ones are compared as a whole only. */
const mostCompared = 1024 * 1024;

async function ignoredFiles(git: GitOptions): Promise<string[]> {
  const reply = await safeGit(['ls-files', '-z', '--others', '--ignored', '--exclude-standard'], git);
  return fields(reply.stdout)
    .filter((file) => !installed.test(file))
    .slice(0, most.ignored);
}

async function sizesOf(gone: readonly RawChange[], git: GitOptions): Promise<Map<string, number>> {
  const input = `${[...new Set(gone.map((change) => change.oldId))].join('\n')}\n`;
  const reply = await safeGit(['cat-file', '--batch-check=%(objectname) %(objectsize)'], { ...git, input });
  return new Map(reply.text.split('\n').map((line): [string, number] => [line.split(' ')[0] ?? '', Number(line.split(' ')[1] ?? 0)]));
}

/** Lets git compare what is gone with the places, as two trees that share no name. */
async function pairUp(
  gone: readonly RawChange[],
  places: readonly Elsewhere[],
  git: GitOptions & { gitDir: string },
): Promise<(Move & Elsewhere)[]> {
  const hashed = await hashedPlaces(places, git);
  if (hashed.length === 0) return [];
  const before = await treeOf(
    gone.map((change, index) => ({ id: change.oldId, name: `old/${index}/${plainName(change.path)}` })),
    git,
  );
  const after = await treeOf(
    hashed.map(({ id, place }, index) => ({ id, name: `new/${index}/${plainName(place.path)}` })),
    git,
  );
  const indexIn = (name: string): number => Number(name.split('/')[1] ?? '');
  return (await movesBetween(before, after, git, true)).flatMap(({ from, to }) => {
    const [old, found] = [gone[indexIn(from)], hashed[indexIn(to)]];
    return old && found ? [{ from: old.path, to: found.place.path, ...found.place }] : [];
  });
}

/** The file's own name, by which git prefers one of several, where any git takes it. */
function plainName(file: string): string {
  const name = path.posix.basename(file);
  return /^[A-Za-z0-9_][\w.-]*$/u.test(name) ? name : 'file';
}

async function hashedPlaces(places: readonly Elsewhere[], git: GitOptions): Promise<{ place: Elsewhere; id: string }[]> {
  const found: { place: Elsewhere; id: string }[] = [];
  const hash = async (batch: readonly Elsewhere[]): Promise<void> => {
    const reply = await safeGit(['hash-object', '-w', '--', ...batch.map((place) => place.path)], { ...git, okCodes: [0, 128] });
    const ids = reply.text.split('\n').filter(Boolean);
    if (reply.code === 0 && ids.length === batch.length) batch.forEach((place, index) => found.push({ place, id: ids[index] ?? '' }));
    // One that cannot be read must not hide the others.
    else if (batch.length > 1) for (const place of batch) await hash([place]);
  };
  for (let from = 0; from < places.length; from += most.atOnce) await hash(places.slice(from, from + most.atOnce));
  return found;
}

async function treeOf(entries: readonly { id: string; name: string }[], git: GitOptions & { gitDir: string }): Promise<string> {
  const indexFile = path.join(git.gitDir, 'moves.index');
  const at = { ...git, indexFile };
  await rm(indexFile, { force: true });
  await safeGit(['update-index', '-z', '--index-info'], {
    ...at,
    input: entries.map(({ id, name }) => `100644 ${id}\t${name}\0`).join(''),
  });
  const tree = (await safeGit(['write-tree'], at)).text;
  await rm(indexFile, { force: true });
  return tree;
}
