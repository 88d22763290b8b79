/**
 * Large repositories: a sparse checkout's patterns count in the clone too, and what a partial clone lacks of the base is
 * fetched by the person's own git before the run.
 */
import { copyFile, lstat, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { BelayError, messageOf } from '../../protocol/errors.ts';
import { borrowedObjects } from './baseObjects.ts';
import { submoduleMode } from './diff.ts';
import { fields, personGit, safeGit } from './git.ts';
import type { Checkout } from './repository.ts';

/** The name, in a clone, for where a partial clone would fetch from. */
const nowhere = 'not-in-this-clone';

interface Signal {
  readonly signal?: AbortSignal;
}

/** Makes the clone leave out what the person's sparse checkout does. Returns false where it leaves nothing out. */
export async function takeOverSparse(checkout: Checkout, cloneGit: string): Promise<boolean> {
  const gitDir = checkout.git?.gitDir ?? '';
  const read = async (key: string): Promise<string> =>
    (await personGit(['config', '--type=bool', '--get', key], { gitDir, okCodes: [0, 1] })).text;
  if ((await read('core.sparseCheckout')) !== 'true') return false;
  const patterns = (await personGit(['rev-parse', '--path-format=absolute', '--git-path', 'info/sparse-checkout'], { gitDir })).text;
  await mkdir(path.join(cloneGit, 'info'), { recursive: true });
  const isThere = await copyFile(patterns, path.join(cloneGit, 'info', 'sparse-checkout')).then(
    () => true,
    () => false,
  );
  if (!isThere) return false;
  for (const key of ['core.sparseCheckout', 'core.sparseCheckoutCone'])
    if ((await read(key)) === 'true') await safeGit(['config', key, 'true'], { gitDir: cloneGit });
  return true;
}

/** Where the person's partial clone fetches from when it needs more; null for a whole one. */
export async function partialRemote(gitDir: string): Promise<string | null> {
  const found = await personGit(['config', '--type=bool', '--get-regexp', '^remote\\..*\\.promisor$'], { gitDir, okCodes: [0, 1] });
  const line = found.text.split('\n').find((entry) => entry.endsWith(' true'));
  return line === undefined ? null : line.slice('remote.'.length, line.lastIndexOf('.promisor'));
}

/** Lets the person's git fetch all folders of the base, in case their partial clone lacks some. */
export async function fetchFolders(gitDir: string, base: string, signal: Signal): Promise<void> {
  await personGit(['ls-tree', '-r', '--name-only', base], { gitDir, ...signal });
}

/** Lends the clone of a partial clone what its checkout of the base will need. */
export async function lendForCheckout(
  lending: Lending,
  clone: { readonly gitDir: string; readonly workTree: string },
  isSparse: boolean,
): Promise<void> {
  const { base, signal } = lending;
  // Puts the marks of the patterns on an index of the base, which needs no content.
  await safeGit(['read-tree', base], { ...clone, ...signal });
  if (isSparse) await safeGit(['sparse-checkout', 'reapply'], { ...clone, ...signal });
  const wanted = fields((await safeGit(['ls-files', '-t', '--stage', '-z'], clone)).stdout).flatMap((line) => {
    const [tag, mode, id = ''] = line.split(' ', 3);
    return tag !== 'S' && mode !== submoduleMode ? [id] : [];
  });
  const found = await safeGit(['cat-file', '--batch-check=%(objectname)'], { ...clone, input: lines(wanted), ...signal });
  const missing = found.text.split('\n').flatMap((line) => (line.endsWith(' missing') ? [line.slice(0, -' missing'.length)] : []));
  await lendObjects(lending, missing);
  // Git then accepts that files are missing which the patterns leave out; there is nothing to fetch them from.
  await safeGit(['config', `remote.${nowhere}.promisor`, 'true'], clone);
}

export interface Lending {
  /** The person's repository. */
  readonly gitDir: string;
  readonly lineDir: string;
  readonly base: string;
  readonly remote: string;
  readonly signal: Signal;
}

/** Puts files of the base among what a line borrows; the person's git first fetches those that it has not. */
export async function lendObjects({ gitDir, lineDir, base, remote, signal }: Lending, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const list = await personGit(['rev-list', '--objects', '--no-walk', '--missing=print', base], { gitDir, ...signal });
  const missing = new Set(list.text.split('\n').flatMap((line) => (line.startsWith('?') ? [line.slice(1)] : [])));
  await fetchObjects(
    gitDir,
    remote,
    ids.filter((id) => missing.has(id)),
    signal,
  );
  const pack = path.join(borrowedObjects(lineDir), 'pack', 'pack');
  await safeGit(['pack-objects', '--quiet', '--window=0', pack], { gitDir, input: lines(ids), ...signal });
}

const lines = (ids: readonly string[]): string => `${[...new Set(ids)].join('\n')}\n`;

async function fetchObjects(gitDir: string, remote: string, ids: readonly string[], signal: Signal): Promise<void> {
  if (ids.length === 0) return;
  const quiet = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-gc', '--recurse-submodules=no'];
  const config = { 'fetch.negotiationAlgorithm': 'noop' };
  await personGit(['fetch', ...quiet, '--filter=blob:none', '--stdin', remote], { gitDir, input: lines(ids), config, ...signal }).catch(
    (cause: unknown) => {
      throw new BelayError('unavailable', `This checkout is a partial clone, and what it lacks could not be fetched: ${messageOf(cause)}`, {
        hint: `Run "git fetch ${remote}" there and see whether it asks for something, then try again.`,
        cause,
      });
    },
  );
}

const listName = 'sparse-skipped';

/** Keeps for the gate which paths of the base the clone was made without. */
export async function keepSkipped(clone: { readonly gitDir: string; readonly workTree: string }, gate: string): Promise<void> {
  const lines = fields((await safeGit(['ls-files', '-t', '-z'], clone)).stdout).filter((line) => line.startsWith('S '));
  if (lines.length > 0) await writeFile(path.join(gate, listName), lines.map((line) => `${line.slice(2)}\0`).join(''));
}

export interface SkippedPaths {
  /** The clone was made without them, and the agent left it so. */
  readonly left: readonly string[];
  /** The agent put something there, or removed them. */
  readonly touched: readonly string[];
}

/** Paths of the base that the clone was made without. `skipped`: what the agent's index leaves out, where that can be told. */
export async function skippedPaths(gate: string, top: string, skipped: ReadonlySet<string> | null): Promise<SkippedPaths> {
  const list = fields(await readFile(path.join(gate, listName)).catch(() => Buffer.alloc(0)));
  const [left, touched]: [string[], string[]] = [[], []];
  for (const file of list) {
    const isLeft = skipped?.has(file) !== false && (await lstat(path.join(top, file)).catch(() => null)) === null;
    (isLeft ? left : touched).push(file);
  }
  return { left, touched };
}
