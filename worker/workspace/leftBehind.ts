/** Work that stands in the clone and not in the result: commits on other branches, in stashes and on no branch at all. */
import path from 'node:path';
import { cloneHead, clonesObjects, readPlain } from './agentObjects.ts';
import { listBeneath } from './beneath.ts';
import { safeGit, type GitOptions } from './git.ts';
import type { HeldBack } from './types.ts';

/** A place of the clone that keeps a commit, as people call it. */
interface Keeper {
  readonly name: string;
  readonly commit: string;
  readonly isStash: boolean;
}

const most = { refs: 500, entries: 5000, named: 50, depth: 12 } as const;
const idPattern = '[0-9a-f]{40}(?:[0-9a-f]{24})?';

/** Names each branch, tag, stash and other ref with commits that neither the base nor the clone's HEAD has, with a way to take them. */
export async function leftBehind(clone: string, base: string, tree: string, git: GitOptions & { gitDir: string }): Promise<HeldBack[]> {
  const gitDir = path.join(clone, '.git');
  const head = (await cloneHead(gitDir)) ?? base;
  const keepers = (await keepersIn(gitDir)).filter(({ commit }) => commit !== head && commit !== base);
  if (keepers.length === 0) return [];
  const objects = await clonesObjects(clone, git.gitDir);
  const found: HeldBack[] = [];
  const seen = new Set<string>();
  for (const { name, commit, isStash } of keepers) {
    if (found.length >= most.named || seen.has(commit)) continue;
    seen.add(commit);
    const held =
      objects === null
        ? 'commits that cannot be read'
        : await heldIn({ commit, isStash }, { head, base, tree }, { ...git, alternates: [objects] });
    if (held === null) continue;
    found.push({ path: name, reason: `holds ${held}, not in the result; to have it, send the work back and ask for ${name}` });
  }
  return found;
}

/** What a keeper has that the result has not, in words; null when it is nothing. */
async function heldIn(
  { commit, isStash }: Pick<Keeper, 'commit' | 'isStash'>,
  { head, base, tree }: { readonly head: string; readonly base: string; readonly tree: string },
  git: GitOptions,
): Promise<string | null> {
  const at = { ...git, okCodes: [0, 128] };
  const same = await safeGit(['rev-parse', '--verify', '--quiet', '--end-of-options', `${commit}^{tree}`], { ...at, okCodes: [0, 1, 128] });
  if (same.code !== 0) return 'commits that cannot be read';
  if (same.text === tree) return null;
  const list = [
    'rev-list',
    '--right-only',
    '--cherry-pick',
    '--format=%s',
    '--max-count=1000',
    '--end-of-options',
    `${head}...${commit}`,
    `^${base}`,
  ];
  const reply = await safeGit(list, at);
  if (reply.code !== 0) return 'commits that cannot be read';
  const subjects = reply.text.split('\n').filter((line) => line !== '' && !/^commit [0-9a-f]+$/u.test(line));
  const count = reply.text.split('\n').filter((line) => /^commit [0-9a-f]+$/u.test(line)).length;
  if (count === 0) return null;
  const words = ` ("${(subjects[0] ?? '').slice(0, 100)}")`;
  return (isStash ? 'stashed work' : count === 1 ? '1 commit' : `${count} commits`) + words;
}

async function keepersIn(gitDir: string): Promise<Keeper[]> {
  const refs = new Map<string, string>();
  for (const line of ((await readPlain(gitDir, 'packed-refs')) ?? '').split('\n')) {
    const [, commit, ref] = new RegExp(`^(${idPattern}) (refs/\\S+)$`, 'u').exec(line) ?? [];
    if (commit && ref) refs.set(ref, commit);
  }
  let looked = 0;
  const walk = async (at: string, depth: number): Promise<void> => {
    for (const entry of await entriesOf(gitDir, at)) {
      const ref = `${at}/${entry.name}`;
      if (refs.size >= most.refs || (looked += 1) > most.entries) return;
      if (entry.isDirectory() && depth < most.depth) await walk(ref, depth + 1);
      else if (entry.isFile()) noteId(refs, ref, await readPlain(gitDir, ref));
    }
  };
  await walk('refs', 0);
  const stash = refs.get('refs/stash');
  refs.delete('refs/stash');
  const named = [...refs].slice(0, most.refs).map(([ref, commit]): Keeper => ({ name: nameOf(ref), commit, isStash: false }));
  return [...named, ...(await stashes(gitDir, stash)), ...(await worktrees(gitDir)), ...(await detached(gitDir))];
}

/** What stands in a folder of the clone's git directory. */
const entriesOf = (gitDir: string, at: string) => listBeneath(path.dirname(gitDir), path.basename(gitDir), at);

function noteId(refs: Map<string, string>, name: string, content: string | null): void {
  if (content !== null && new RegExp(`^${idPattern}$`, 'u').test(content)) refs.set(name, content);
}

const nameOf = (ref: string): string => ref.replace(/^refs\/heads\//u, 'branch ').replace(/^refs\/tags\//u, 'tag ');

/** The newest is the ref, the older ones stand in its log only. */
async function stashes(gitDir: string, newest: string | undefined): Promise<Keeper[]> {
  if (newest === undefined) return [];
  const log = ((await readPlain(gitDir, 'logs', 'refs', 'stash')) ?? '').split('\n');
  const ids = log.flatMap((line) => new RegExp(`^${idPattern} (${idPattern}) `, 'u').exec(line)?.[1] ?? []).reverse();
  return (ids.length > 0 ? ids : [newest]).map((commit, index) => ({ name: `stash@{${index}}`, commit, isStash: true }));
}

async function worktrees(gitDir: string): Promise<Keeper[]> {
  const heads = new Map<string, string>();
  for (const entry of (await entriesOf(gitDir, 'worktrees')).slice(0, most.refs))
    if (entry.isDirectory()) noteId(heads, entry.name, await readPlain(gitDir, 'worktrees', entry.name, 'HEAD'));
  return [...heads].map(([name, commit]) => ({ name: `worktree ${name}`, commit, isStash: false }));
}

/** Commits made on no branch and left again: only the log of HEAD knows them. */
async function detached(gitDir: string): Promise<Keeper[]> {
  const log = (await readPlain(gitDir, 'logs', 'HEAD')) ?? '';
  const left = new RegExp(`^(${idPattern}) .*\\tcheckout: moving from ${idPattern} to `, 'u');
  const ids = new Set(log.split('\n').flatMap((line) => left.exec(line)?.[1] ?? []));
  return [...ids].reverse().map((commit) => ({ name: `commit ${commit.slice(0, 12)}`, commit, isStash: false }));
}
