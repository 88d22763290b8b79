/**
 * Judges every commit the agent made, for when commits are to be pushed: what was added and removed again stands in
 * the history all the same. The commits come over by a fetch that checks each object, from a copy the host made of the
 * agent's objects, so that no git ever works in the agent's own git directory.
 */
import { copyFile, lstat, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { constants } from 'node:fs';
import path from 'node:path';
import { BelayError, messageOf } from '../../protocol/errors.ts';
import { cloneHead, clonesObjects } from './agentObjects.ts';
import { gateDir } from './clone.ts';
import { safeGit, type GitOptions } from './git.ts';
import { judgeTree } from './judgeTree.ts';
import { SecretFinder } from './secrets.ts';
import type { GateRequest, HeldBack } from './types.ts';

export interface JudgedCommit {
  readonly commit: string;
  readonly subject: string;
  /** Why it may not leave as it is; empty when it may. */
  readonly problems: readonly HeldBack[];
}
export interface CommitsVerdict {
  /** Oldest first. */
  readonly commits: readonly JudgedCommit[];
  /** The agent's newest commit, in the gate's repository; null when there is none to push. */
  readonly head: string | null;
  /** Why the history as a whole may not leave; then only the gate's one commit may. */
  readonly refused: string | null;
}
export type CommitsRequest = Pick<GateRequest, 'lineDir' | 'clone' | 'sessionId' | 'secrets' | 'signal'>;

const most = { commits: 200, objects: 100_000, bytes: 500 * 1024 * 1024 };

/** Never throws for what the agent made: that is a refusal. */
export async function judgeCommits(request: CommitsRequest): Promise<CommitsVerdict> {
  const git = { gitDir: gateDir(request.lineDir), ...(request.signal && { signal: request.signal }) };
  const refusal = (refused: string): CommitsVerdict => ({ commits: [], head: null, refused });
  const claimed = await cloneHead(path.join(request.clone.path, '.git'));
  if (claimed === null) return refusal("The clone's newest commit cannot be told.");
  const base = request.clone.baseCommit;
  if (claimed === base) return { commits: [], head: null, refused: null };
  const names = await fetchCommits(request, claimed, git).catch((error: unknown) => {
    if (request.signal?.aborted) throw error;
    return messageOf(error);
  });
  if (typeof names === 'string') return refusal(`Git refuses the commits: ${names}`.slice(0, 500));
  if (names.length > most.commits) return refusal(`More than ${most.commits} commits.`);
  const secrets = new SecretFinder(request.secrets ?? []);
  const commits: JudgedCommit[] = [];
  for (const commit of names) commits.push(await judgeOne(commit, git, secrets));
  const bad = commits.filter((commit) => commit.problems.length > 0);
  const refused = bad.length === 0 ? null : `${bad.length} of ${commits.length} commits hold what may not leave.`;
  return { commits, head: claimed, refused };
}

/** One commit against each of its parents, with its own words and names. */
async function judgeOne(commit: string, git: GitOptions, secrets: SecretFinder): Promise<JudgedCommit> {
  const raw = (await safeGit(['cat-file', 'commit', commit], git)).stdout.toString('utf8');
  const [head = ''] = raw.split('\n\n', 1);
  const message = raw.slice(head.length + 2);
  const parents = [...head.matchAll(/^parent ([0-9a-f]+)$/gmu)].map((match) => match[1] ?? '');
  const problems = new Map<string, string>();
  const said = secrets.find(raw);
  if (said) problems.set('', `its message holds ${said.what}`);
  const from = parents.length > 0 ? parents : [(await safeGit(['hash-object', '-t', 'tree', '-w', '--stdin'], { ...git, input: '' })).text];
  for (const parent of from) {
    const { changes, verdictOf } = await judgeTree(parent, commit, git, secrets);
    for (const change of changes) {
      const verdict = verdictOf(change);
      if (verdict.class === 'control') problems.set(change.path, verdict.reason ?? 'control file');
    }
  }
  return {
    commit,
    subject: (message.split('\n')[0] ?? '').slice(0, 200),
    problems: [...problems].map(([file, reason]) => ({ path: file, reason })),
  };
}

/** Brings the commits over and lists them, oldest first. Throws when an object is not as git wants it. */
async function fetchCommits(request: CommitsRequest, head: string, git: GitOptions & { gitDir: string }): Promise<string[]> {
  const objects = await clonesObjects(request.clone.path, git.gitDir);
  if (objects === null) throw new BelayError('conflict', 'its objects are not as the host made them');
  const copy = path.join(request.lineDir, 'agent.git');
  const ref = `refs/belay/agent/${request.sessionId}`;
  await rm(copy, { recursive: true, force: true });
  try {
    const format = request.clone.baseCommit.length === 64 ? 'sha256' : 'sha1';
    await safeGit(['init', '--quiet', '--bare', '--template=', `--object-format=${format}`, copy], { cwd: request.lineDir });
    await mkdir(path.join(copy, 'objects', 'info'), { recursive: true });
    await writeFile(path.join(copy, 'objects', 'info', 'alternates'), `${path.join(git.gitDir, 'objects')}\n`);
    await copyObjects(objects, path.join(copy, 'objects'));
    const from = { ...git, gitDir: copy };
    await safeGit(['update-ref', 'refs/heads/base', request.clone.baseCommit], from);
    await safeGit(['update-ref', 'refs/heads/agent', head], from);
    await safeGit(['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-gc', copy, `+refs/heads/agent:${ref}`], {
      ...git,
      config: { 'safe.bareRepository': 'all' },
    });
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
  const list = await safeGit(
    ['rev-list', '--reverse', '--topo-order', `--max-count=${most.commits + 1}`, '--end-of-options', ref, `^${request.clone.baseCommit}`],
    git,
  );
  return list.text.split('\n').filter(Boolean);
}

/** Plain files with the names objects and packs have, and no more of them than a session makes. */
async function copyObjects(from: string, to: string): Promise<void> {
  let files = 0;
  let bytes = 0;
  for (const folder of await readdir(from, { withFileTypes: true })) {
    const packs = folder.name === 'pack';
    if (!folder.isDirectory() || (!packs && !/^[0-9a-f]{2}$/u.test(folder.name))) continue;
    await mkdir(path.join(to, folder.name), { recursive: true });
    for (const name of await readdir(path.join(from, folder.name))) {
      if (!(packs ? /^pack-[0-9a-f]+\.(?:pack|idx)$/u : /^[0-9a-f]{38}(?:[0-9a-f]{24})?$/u).test(name)) continue;
      const file = path.join(from, folder.name, name);
      const info = await lstat(file);
      if (!info.isFile()) continue;
      files += 1;
      bytes += info.size;
      if (files > most.objects || bytes > most.bytes) throw new BelayError('conflict', 'there are too many objects to check');
      await copyFile(file, path.join(to, folder.name, name), constants.COPYFILE_FICLONE);
    }
  }
}
