/**
 * Judges every commit the agent made, for when commits are to be pushed: what was added and removed again stands in
 * the history all the same. The commits come over as a pack whose every object is checked, so that no git ever works
 * in the agent's own git directory.
 */
import path from 'node:path';
import { BelayError, messageOf } from '../../protocol/errors.ts';
import { cloneHead, clonesObjects } from './agentObjects.ts';
import { judgeByCheckout, type ByCheckout } from './byCheckout.ts';
import { gateReading } from './gateRoom.ts';
import { pipeGit, safeGit, type GitOptions } from './git.ts';
import { listKnown } from './knownObjects.ts';
import { judgeTree } from './judgeTree.ts';
import { makersOf, type Makers } from './identity.ts';
import { openCheckout } from './repository.ts';
import { SecretFinder } from './secrets.ts';
import type { GateRequest, HeldBack } from './types.ts';

export interface JudgedCommit {
  readonly commit: string;
  readonly subject: string;
  /** `Name <address>` where who wrote or committed it is not the one that the clone was made with. */
  readonly otherAuthor: string | null;
  /** Files in it that a person's machine would run or obey. */
  readonly hostExecuted: readonly HeldBack[];
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
export type CommitsRequest = Pick<GateRequest, 'repositoryPath' | 'lineDir' | 'clone' | 'sessionId' | 'secrets' | 'signal'>;

const most = { commits: 200, bytes: 500 * 1024 * 1024 };
type GateReading = ReturnType<typeof gateReading>;

/** Never throws for what the agent made: that is a refusal. */
export async function judgeCommits(request: CommitsRequest): Promise<CommitsVerdict> {
  const git = gateReading(request.lineDir, request.signal);
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
  const stranger = await strangers(names, claimed, request, git);
  if (stranger !== null) return refusal(stranger);
  const secrets = new SecretFinder(request.secrets ?? []);
  const person = (await openCheckout(request.repositoryPath)).git;
  const makers = await makersOf(person?.gitDir ?? git.gitDir);
  const byCheckout = await judgeByCheckout(request.repositoryPath);
  const commits: JudgedCommit[] = [];
  for (const commit of names) commits.push(await judgeOne(commit, makers, git, { secrets, byCheckout }));
  const bad = commits.filter((commit) => commit.problems.length > 0);
  const refused = bad.length === 0 ? null : `${bad.length} of ${commits.length} commits hold what may not leave.`;
  return { commits, head: claimed, refused };
}

/** One commit against each of its parents, with its own words and names. */
async function judgeOne(
  commit: string,
  expected: Makers,
  git: GitOptions,
  { secrets, byCheckout }: { readonly secrets: SecretFinder; readonly byCheckout: ByCheckout },
): Promise<JudgedCommit> {
  const raw = (await safeGit(['cat-file', 'commit', commit], git)).stdout.toString('utf8');
  const [head = ''] = raw.split('\n\n', 1);
  const message = raw.slice(head.length + 2);
  const parents = [...head.matchAll(/^parent ([0-9a-f]+)$/gmu)].map((match) => match[1] ?? '');
  const other = otherThan(expected, head);
  const problems = new Map<string, string>();
  const hostExecuted = new Map<string, string>();
  const said = secrets.find(raw);
  if (said) problems.set('', `its message holds ${said.what}`);
  const from = parents.length > 0 ? parents : [(await safeGit(['hash-object', '-t', 'tree', '-w', '--stdin'], { ...git, input: '' })).text];
  for (const parent of from) {
    const { changes, verdictOf } = await judgeTree(parent, commit, git, secrets, byCheckout);
    for (const change of changes) {
      const verdict = verdictOf(change);
      if (verdict.class === 'control') problems.set(change.path, verdict.reason ?? 'control file');
      if (verdict.class === 'host_executed') hostExecuted.set(change.path, verdict.reason ?? 'run by a program');
    }
  }
  return {
    commit,
    subject: secrets.conceal(message.split('\n')[0] ?? '').slice(0, 200),
    otherAuthor: other === null ? null : secrets.conceal(other).slice(0, 200),
    hostExecuted: [...hostExecuted].map(([file, reason]) => ({ path: secrets.conceal(file), reason })),
    problems: [...problems].map(([file, reason]) => ({ path: secrets.conceal(file), reason })),
  };
}

/** Who made a commit, by its header, where that is not who was expected; null where it is. */
function otherThan(expected: Makers, header: string): string | null {
  const named = (role: 'author' | 'committer'): string => new RegExp(`^${role} (.*?>) `, 'mu').exec(header)?.[1] ?? 'nobody';
  const [author, committer] = [named('author'), named('committer')];
  if (author !== expected.author) return author;
  return committer === expected.committer ? null : `committed by ${committer}`;
}

/** Brings the commits over and lists them, oldest first. Throws when an object is not as git wants it. */
async function fetchCommits(request: CommitsRequest, head: string, git: GateReading): Promise<string[]> {
  const objects = await clonesObjects(request.clone.path, git.gitDir);
  if (objects === null) throw new BelayError('conflict', 'its objects are not as the host made them');
  // A tag would go along unseen, with all its words.
  const kind = await safeGit(['cat-file', '-t', head], { ...git, alternates: [objects] });
  if (kind.text !== 'commit') throw new BelayError('conflict', "the clone's branch does not end in a commit");
  const range = `${head}\n^${request.clone.baseCommit}\n`;
  const known = await listKnown(request.clone.baseCommit, git);
  await pipeGit(
    { args: ['pack-objects', '--quiet', '--revs', '--stdout'], options: { ...git, alternates: [objects], input: range } },
    { args: ['index-pack', `--strict=skiplist=${known}`, '--stdin', `--max-input-size=${most.bytes}`], options: git },
  );
  const list = await safeGit(
    ['rev-list', '--reverse', '--topo-order', `--max-count=${most.commits + 1}`, '--end-of-options', head, `^${request.clone.baseCommit}`],
    git,
  );
  // Kept for as long as the line: a push names it.
  await safeGit(['update-ref', `refs/belay/agent/${request.sessionId}`, head], git);
  return list.text.split('\n').filter(Boolean);
}

/**
 * Why the history is not all the agent's own, or null: each commit has to be new and to stand on the base. Else a merge
 * would take along what the person has in a branch or a stash.
 */
async function strangers(names: readonly string[], head: string, request: CommitsRequest, git: GateReading): Promise<string | null> {
  const base = request.clone.baseCommit;
  const grown = await safeGit(['rev-list', '--ancestry-path', '--end-of-options', `${base}..${head}`], git);
  const onBase = new Set(grown.text.split('\n'));
  const beside = names.find((name) => !onBase.has(name));
  if (beside !== undefined) return `The commit ${beside.slice(0, 12)} does not stand on the commit that the run began with.`;
  const { git: person } = await openCheckout(request.repositoryPath);
  if (!person) return null;
  const there = await safeGit(['cat-file', '--batch-check=%(objecttype) %(objectname)'], {
    gitDir: person.gitDir,
    input: `${names.join('\n')}\n`,
  });
  const known = /^commit (\w+)$/mu.exec(there.text)?.[1];
  return known === undefined ? null : `The commit ${known.slice(0, 12)} is not new: your repository has it already.`;
}
