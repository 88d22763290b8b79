/**
 * What the person's own git configuration names among the files of their checkout: included files, hooks, ignore and attribute
 * files, programs of every kind. Git obeys or runs such a file wherever it lies, so no list of names can know it.
 */
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { foldName, foldPath } from '../policy/fold.ts';
import { fields, personGit } from './git.ts';
import type { Verdict } from './judge.ts';
import type { Checkout } from './repository.ts';

/** Judges a changed path; null: the configuration does not name it. */
export type NamedByConfig = (file: string) => Verdict | null;

interface Entry {
  readonly key: string;
  readonly value: string;
  /** The file it stands in; null where it came by an environment variable. */
  readonly origin: string | null;
}

const namesNothing = /^(?:user|author|committer|color|branch|remote|url|advice|init\.defaultbranch|submodule\..*\.(?:url|path|active)$)/u;
const isInclude = /^include(?:if\..*)?\.path$/u;
const isFolder = /^(?:core\.hookspath|core\.worktree|init\.templatedir)$|^include/u;

const loaded = (key: string): Verdict => ({ class: 'control', reason: `your git configuration loads it (${key})` });
const named = (key: string): Verdict => ({ class: 'host_executed', reason: `your git configuration names it (${key})` });

const unreadable: Verdict = { class: 'host_executed', reason: 'your git configuration cannot be read, and may name it' };

export async function namedByConfig(checkout: Checkout): Promise<NamedByConfig> {
  if (!checkout.git) return () => null;
  const own = await entriesOf(checkout.git.gitDir).catch(() => null);
  if (own === null) return () => unreadable;
  const entries = [...own, ...(await hookLines(checkout.git.commonDir))];
  const roots = await rootsOf(checkout);
  const files = new Map<string, Verdict>();
  const folders = new Map<string, Verdict>();
  for (const { origin } of entries)
    for (const file of origin === null ? [] : await inside(origin, [], roots)) files.set(file, loaded('its own file'));
  const naming = entries.filter(({ key }) => !namesNothing.test(key));
  for (const { key, value, origin } of naming) {
    const from = [checkout.path, ...(origin === null ? [] : [path.dirname(origin)])];
    const verdict = isInclude.test(key) ? loaded(key) : named(key);
    for (const file of await inside(value, from, roots)) {
      files.set(file, verdict);
      if (isFolder.test(key)) folders.set(file, verdict);
    }
  }
  const commands = naming.map(({ key, value }) => ({ key, words: wordsOf(value) }));
  const known = new Set(commands.flatMap(({ words }) => words));
  return (changed) => {
    const parts = foldPath(changed).split('/');
    const above = parts.map((_, depth) => folders.get(parts.slice(0, depth).join('/'))).find((verdict) => verdict !== undefined);
    const verdict = files.get(parts.join('/')) ?? above;
    if (verdict) return verdict;
    if (!known.has(parts.at(-1) ?? '')) return null;
    const command = commands.find(({ words }) => inOrder(parts, words));
    return command ? named(command.key) : null;
  };
}

/** Every value, also of files that are included and of conditions that do not hold at the moment. */
async function entriesOf(gitDir: string): Promise<Entry[]> {
  const told = fields((await personGit(['config', '--list', '--null', '--show-origin'], { gitDir })).stdout);
  const entries: Entry[] = [];
  for (let index = 0; index + 1 < told.length; index += 2) {
    const [origin = '', entry = ''] = told.slice(index, index + 2);
    const line = entry.indexOf('\n');
    if (line < 0 || origin.startsWith('command line:')) continue;
    entries.push({
      key: entry.slice(0, line),
      value: entry.slice(line + 1),
      origin: origin.startsWith('file:') ? path.resolve(gitDir, origin.slice('file:'.length)) : null,
    });
  }
  return entries;
}

const hookBytes = 100_000;

/** The person's hooks: where each leads as a link, and the command lines in it. */
async function hookLines(commonDir: string): Promise<Entry[]> {
  const folder = path.join(commonDir, 'hooks');
  const entries: Entry[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    const file = path.join(folder, name);
    const info = name.endsWith('.sample') ? null : await stat(file).catch(() => null);
    if (!info?.isFile() || info.size > hookBytes) continue;
    const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n').filter((line) => !/^\s*(?:#|$)/u.test(line));
    entries.push(...[file, ...lines].map((value) => ({ key: `hooks/${name}`, value, origin: null })));
  }
  return entries;
}

/** Where the checkout's files stand: its own folder, and that of the repository a linked one belongs to. */
async function rootsOf(checkout: Checkout): Promise<string[]> {
  const common = checkout.git?.commonDir ?? '';
  return path.basename(common) === '.git' ? [checkout.path, await real(path.dirname(common))] : [checkout.path];
}

/** The folded paths below the roots that a value leads to, as it is written and with links followed. */
async function inside(value: string, from: readonly string[], roots: readonly string[]): Promise<string[]> {
  const home = value.startsWith('~/') ? path.join(homedir(), value.slice(2)) : value;
  const written = path.isAbsolute(home) ? [path.normalize(home)] : from.map((folder) => path.resolve(folder, home));
  const all = [...written, ...(await Promise.all(written.map(real)))];
  return all.flatMap((file) =>
    roots
      .map((root) => path.relative(root, file))
      .filter((file) => file !== '' && !file.startsWith('..') && !path.isAbsolute(file))
      .map((file) => foldPath(file.split(path.sep).join('/'))),
  );
}

/** A path with its links followed as far as it is there. */
async function real(file: string): Promise<string> {
  const parent = path.dirname(file);
  return realpath(file).catch(async () => (parent === file ? file : path.join(await real(parent), path.basename(file))));
}

/** The names in a command line, whatever stands between them. */
const wordsOf = (value: string): string[] =>
  value
    .split(/[^\p{L}\p{M}\p{N}._@+%~-]+/u)
    .filter((word) => word !== '' && word !== '.')
    .map(foldName);

/** Whether a command names the path, be it through `cd` into its folder. */
function inOrder(parts: readonly string[], words: readonly string[]): boolean {
  let at = 0;
  for (const word of words) if (word === parts[at]) at += 1;
  return at === parts.length;
}
