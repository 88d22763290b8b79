/**
 * Pushes what the gate let through to a branch that names session and fence: the agent's own commits where every one of
 * them may leave and they are all there is, else one commit of the gate's.
 */
import { BelayError } from '../../protocol/errors.ts';
import type { PermissionWish } from '../agents/base/driver.ts';
import type { ResultFile } from '../../protocol/records.ts';
import { pathsOfFile } from '../../protocol/resultFiles.ts';
import { quotedName } from '../../protocol/shownText.ts';
import { safeGit, type GitOptions, type GitReply } from '../workspace/git.ts';
import type { CommitsVerdict } from '../workspace/judgeCommits.ts';
import type { GateOutcome } from '../workspace/types.ts';
import { EffectRefused, wishFor } from './broker.ts';
import type { PlannedEffect } from './effect.ts';
import type { Credential, Remote } from './remote.ts';

export interface PushPorts {
  /** The gate's repository: it has both the agent's commits and its own. */
  readonly gitDir: string;
  readonly remote: () => Promise<Remote>;
  readonly credential: (remote: Remote) => Promise<Credential | null>;
  /** True when the policy forbids it whatever there is to push. */
  readonly refuses: (wish: PermissionWish) => boolean;
  /** Judges the clone as it is now. */
  readonly gate: (subject: string) => Promise<GateOutcome>;
  /** Judges each commit of the agent. */
  readonly history: () => Promise<CommitsVerdict>;
  readonly itemKey: string | null;
  readonly sessionId: string;
  readonly fence: () => number;
  /** How long one call to the remote may take, ms. */
  readonly remoteMs?: number;
}

/** The branch of a session: an outdated run has another fence, so it cannot move this one's. */
export function branchOf({ itemKey, sessionId, fence }: Pick<PushPorts, 'itemKey' | 'sessionId' | 'fence'>): string {
  return `belay/${itemKey ?? 'session'}-${sessionId.slice(-8)}-f${fence()}`;
}

export async function planPush(ports: PushPorts, request: { readonly subject: string }): Promise<PlannedEffect> {
  const remote = await ports.remote();
  const branch = `refs/heads/${branchOf(ports)}`;
  const resource = `push:${remote.name}/${branch}`;
  // Asked first: for what is forbidden nothing of the clone is read.
  if (ports.refuses(wishFor({ resource, title: `Push to ${remote.name}, branch ${branchOf(ports)}`, detail: '' })))
    throw new EffectRefused();
  const gate = await ports.gate(request.subject);
  const { headCommit } = gate;
  if (headCommit === null) throw new BelayError('conflict', 'There is nothing to push: no change that may leave the working folder.');
  const tree = await treeOf(headCommit, ports);
  const history = await ports.history();
  const own = history.refused === null && history.head !== null && (await treeOf(history.head, ports)) === tree;
  const commit = own && history.head !== null ? history.head : headCommit;
  return {
    resource,
    title: `Push ${gate.files.length} changed files to ${remote.name}, branch ${branchOf(ports)}`,
    detail: describe(remote, branch, tree, gate, own ? ownCommits(history) : oneCommit(request.subject, history)),
    standing: async () => {
      const there = await remoteHead(ports, remote, branch);
      if (there === null) return 'not_done';
      const same = await safeGit(['rev-parse', '--verify', '--quiet', '--end-of-options', `${there}^{tree}`], {
        gitDir: ports.gitDir,
        okCodes: [0, 1, 128],
      });
      return same.code === 0 && same.text === tree ? { done: pushed(branch, remote) } : 'not_done';
    },
    perform: async () => {
      const there = await remoteHead(ports, remote, branch);
      const lease = `--force-with-lease=${branch}:${there ?? ''}`;
      await askRemote(ports, remote, [
        'push',
        '--quiet',
        '--no-verify',
        '--no-follow-tags',
        '--recurse-submodules=no',
        lease,
        remote.url,
        `${commit}:${branch}`,
      ]);
      return pushed(branch, remote);
    },
  };
}

async function treeOf(commit: string, { gitDir }: Pick<PushPorts, 'gitDir'>): Promise<string> {
  return (await safeGit(['rev-parse', '--verify', '--end-of-options', `${commit}^{tree}`], { gitDir })).text;
}

const ownCommits = ({ commits }: CommitsVerdict): string[] => [
  `Commits: ${commits.length} of the agent's own, each judged`,
  ...commits.flatMap(({ commit, subject, otherAuthor, hostExecuted }) => [
    `${commit.slice(0, 12)} ${quotedName(subject)}${otherAuthor === null ? '' : ` (by ${quotedName(otherAuthor)})`}`,
    ...hostExecuted.slice(0, 50).map((file) => `  other programs execute ${quotedName(file.path)} (${file.reason})`),
    ...(hostExecuted.length > 50 ? [`  … and ${hostExecuted.length - 50} more`] : []),
  ]),
];

/** Why the agent's commits stay behind, for the person. */
const oneCommit = (subject: string, { commits, refused }: CommitsVerdict): string[] => [
  `Commit: one, ${quotedName(subject)}`,
  ...(refused === null ? [] : [`Not the agent's own commits: ${refused}`]),
  ...commits
    .flatMap(({ commit, problems }) => problems.map(({ path, reason }) => `${commit.slice(0, 12)} ${quotedName(path)}: ${reason}`))
    .slice(0, 50),
];

const pushed = (branch: string, remote: Remote): string => `Pushed to ${remote.name} as ${branch.replace('refs/heads/', '')}.`;

const namesOf = (file: ResultFile): string => pathsOfFile(file).map(quotedName).join(' → ');

/** The tree makes it exact: a commit's own name also has the time in it. */
function describe(remote: Remote, branch: string, tree: string, gate: GateOutcome, commits: readonly string[]): string {
  const apart = gate.files.filter((file) => file.class === 'host_executed');
  const list = (title: string, entries: readonly string[]): string[] =>
    entries.length === 0
      ? []
      : ['', title, ...entries.slice(0, 500), ...(entries.length > 500 ? [`… and ${entries.length - 500} more`] : [])];
  return [
    `To: ${remote.url}`,
    `Branch: ${branch}`,
    `On: ${gate.baseCommit}`,
    ...commits,
    `Tree: ${tree}`,
    ...list(
      'Files that other programs execute:',
      apart.map((file) => `${namesOf(file)} (${file.reason ?? ''})`),
    ),
    ...list('Files:', gate.files.filter((file) => file.class !== 'host_executed').map(namesOf)),
    ...list(
      'Held back:',
      gate.heldBack.map((entry) => `${quotedName(entry.path)} (${entry.reason})`),
    ),
  ].join('\n');
}

async function remoteHead(ports: PushPorts, remote: Remote, branch: string): Promise<string | null> {
  const reply = await askRemote(ports, remote, ['ls-remote', '--quiet', '--end-of-options', remote.url, branch]);
  return /^([0-9a-f]{40,64})\t/u.exec(reply.text)?.[1] ?? null;
}

/** A remote that takes no end to answer must not hold the run's end up. */
const remoteMs = 120_000;

async function askRemote(ports: PushPorts, remote: Remote, args: readonly string[]): Promise<GitReply> {
  const signal = AbortSignal.timeout(ports.remoteMs ?? remoteMs);
  try {
    return await safeGit(args, { gitDir: ports.gitDir, signal, ...(await access(ports, remote)) });
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new BelayError('unavailable', `${remote.name} did not answer in time.`, {
      cause: error,
      hint: 'Look whether it can be reached.',
    });
  }
}

/** What this one call of git may use: the secret stands in its environment, never among its arguments. */
async function access(ports: PushPorts, remote: Remote): Promise<Pick<GitOptions, 'config' | 'ssh'>> {
  if (remote.kind === 'file') return {};
  if (remote.kind === 'ssh') return { ssh: true, config: { 'protocol.ssh.allow': 'always' } };
  const credential = await ports.credential(remote);
  const { protocol } = new URL(remote.url);
  const basic = credential && Buffer.from(`${credential.username}:${credential.password}`, 'utf8').toString('base64');
  return {
    config: {
      [`protocol.${protocol.slice(0, -1)}.allow`]: 'always',
      // A redirect would take the header to another host.
      'http.followRedirects': 'false',
      ...(basic !== null && { [`http.${remote.url}.extraHeader`]: `Authorization: Basic ${basic}` }),
    },
  };
}
