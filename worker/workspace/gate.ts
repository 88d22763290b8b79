/**
 * The hand-over gate: reads the agent's folder with a repository the agent never reached, judges every
 * changed path as data, and writes what may leave as one commit under refs/belay in the main repository.
 */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { foldName } from '../policy/fold.ts';
import { countAgentCommits } from './agentObjects.ts';
import { agentTracked } from './agentTracked.ts';
import { blobTexts } from './blobs.ts';
import { judgeByCheckout } from './byCheckout.ts';
import { gateDir } from './clone.ts';
import { covering, gateReading } from './gateRoom.ts';
import { absent, changedFiles, lineSum, movesBetween, treeEntries, type RawChange } from './diff.ts';
import { tellHeldBack } from './heldBack.ts';
import { hiddenByNewRules } from './ignored.ts';
import { safeGit, type GitOptions } from './git.ts';
import { gateLimits, judgeTree } from './judgeTree.ts';
import { listKnown } from './knownObjects.ts';
import { leftBehind } from './leftBehind.ts';
import { movesElsewhere } from './moves.ts';
import { heldWithOtherHalf, parentsOf } from './pairs.ts';
import { openCheckout } from './repository.ts';
import { lendObjects, partialRemote, skippedPaths } from './sparse.ts';
import { SecretFinder } from './secrets.ts';
import { surveyFolder } from './survey.ts';
import type { GateOutcome, GateRequest } from './types.ts';
import { readWorkingTree } from './workingTree.ts';

/** The ref in the main repository that keeps a result; session and fence name it, so an outdated run cannot move another's. */
function resultRef(sessionId: string, fence: number): string {
  return `refs/belay/sessions/${sessionId}-${fence}`;
}

/** Judges what the agent left and hands over what may leave. Throws when the agent's folder cannot be read. */
export async function runGate(request: GateRequest): Promise<GateOutcome> {
  const survey = await surveyFolder(request.clone.path, gateLimits);
  const git = covering(survey, gateReading(request.lineDir, request.signal));
  const base = request.clone.baseCommit;
  const { added, skipped } = await agentTracked(request.clone.path, base, git);
  const { left, touched } = await skippedPaths(git.gitDir, request.clone.path, skipped);
  // To be compared with what the agent has there.
  await bringOfBase(touched, request, git);
  const reading = { ...gateLimits, survey, asBytes: request.clone.kind === 'copy', added, left, touched };
  const { tree, heldBack: unread } = await readWorkingTree(request.clone.path, base, git, reading);
  const secrets = new SecretFinder(request.secrets ?? []);
  const { changes, verdictOf } = await judgeTree(base, tree, git, secrets, await judgeByCheckout(request.repositoryPath));
  const notRead = unread.filter(({ path: file }) => !changes.some((change) => change.path === file));
  const elsewhere = await movesElsewhere(changes, notRead, { ...git, workTree: request.clone.path });
  const pairs = heldWithOtherHalf({ changes, verdictOf, moves: await movesBetween(base, tree, git, true), elsewhere, unread: notRead });
  for (const [file, reason] of await refusedAttributes(changes, git)) pairs.set(file, reason);
  const stays = (change: RawChange) => verdictOf(change).class === 'control' || pairs.has(change.path);
  const leaving = changes.filter((change) => !stays(change));
  const judged = changes
    .filter((change) => verdictOf(change).class === 'control')
    .map((change) => ({ path: change.path, reason: verdictOf(change).reason ?? 'control file' }));
  const halves = [...pairs]
    .filter(([file]) => !judged.some((entry) => entry.path === file))
    .map(([file, reason]) => ({ path: file, reason }));
  const hidden = (await hiddenByNewRules(changes, { ...git, workTree: request.clone.path })).filter(({ path: file }) => !pairs.has(file));
  const behind = await leftBehind(request.clone.path, base, tree, git);
  const heldBack = [...tellHeldBack([...judged, ...notRead, ...halves, ...hidden], secrets), ...tellHeldBack(behind, secrets)];
  const agentCommits = await countAgentCommits(request.clone.path, base, git);
  const empty = { baseCommit: base, headCommit: null, ref: null, agentCommits, files: [], heldBack, added: 0, deleted: 0 };
  if (leaving.length === 0) return empty;

  // Git takes no commit whose changed folders lack a file.
  const folders = new Set(['.', ...leaving.flatMap((change) => parentsOf(change.path))]);
  const beside = left.filter((file) => folders.has(path.posix.dirname(file)));
  await bringOfBase(beside, request, git);
  const head = await commitOf(leaving, request, git);
  const ref = resultRef(request.sessionId, request.fence);
  await handOver(head, ref, request, git);
  const files = await changedFiles(base, head, git, verdictOf);
  return { ...empty, headCommit: head, ref, files, ...lineSum(files) };
}

/** Brings files of the base that a sparse clone was made without; of a partial clone, from where that comes from. */
async function bringOfBase(files: readonly string[], request: GateRequest, git: GitOptions): Promise<void> {
  if (files.length === 0) return;
  const checkout = await openCheckout(request.repositoryPath);
  const gitDir = checkout.git?.gitDir ?? '';
  const remote = await partialRemote(gitDir);
  if (remote === null) return;
  const base = request.clone.baseCommit;
  const paths = new Set(files);
  const ids = (await treeEntries(base, git)).filter((entry) => paths.has(entry.path)).map((entry) => entry.id);
  const signal = request.signal ? { signal: request.signal } : {};
  await lendObjects({ gitDir, lineDir: request.lineDir, base, remote, signal }, ids);
}

/** The most that git takes of a line in them, whoever reads it. */
const longestAttributes = 2048;

const isAttributes = (name: string): boolean => foldName(name) === '.gitattributes';

/** New attributes that git would refuse, and the whole hand-over with them, each with the reason. */
async function refusedAttributes(changes: readonly RawChange[], git: GitOptions): Promise<Map<string, string>> {
  const come = changes.filter((change) => change.newMode !== absent);
  const below = come.filter((change) => parentsOf(change.path).some((folder) => isAttributes(path.posix.basename(folder))));
  const refused = new Map(below.map((change): [string, string] => [change.path, 'git takes no folder of the name .gitattributes']));
  const named = come.filter((change) => change.newMode.startsWith('100') && isAttributes(path.posix.basename(change.path)));
  const byId = Map.groupBy(named, (change) => change.newId);
  for await (const [id, bytes] of blobTexts([...byId.keys()], new Map(), git)) {
    const lines = bytes.toString('latin1').split('\n');
    if (lines.every((line) => line.length < longestAttributes)) continue;
    for (const change of byId.get(id) ?? []) refused.set(change.path, 'a line in it is longer than git takes');
  }
  return refused;
}

/** One commit on the base with only what may leave. */
async function commitOf(leaving: readonly RawChange[], request: GateRequest, git: GitOptions): Promise<string> {
  const indexFile = path.join(gateDir(request.lineDir), 'handover.index');
  await rm(indexFile, { force: true });
  const at = { ...git, indexFile };
  await safeGit(['read-tree', request.clone.baseCommit], at);
  const zero = '0'.repeat(request.clone.baseCommit.length);
  // Removals first, so that a file may take the place of a folder and the other way round.
  const ordered = [...leaving].sort((a, b) => Number(a.newMode !== absent) - Number(b.newMode !== absent));
  const lines = ordered.map((change) =>
    change.newMode === absent ? `0 ${zero}\t${change.path}\0` : `${change.newMode} ${change.newId}\t${change.path}\0`,
  );
  await safeGit(['update-index', '-z', '--index-info'], { ...at, input: lines.join('') });
  // Of the base a partial clone has not everything.
  const tree = (await safeGit(['write-tree', '--missing-ok'], at)).text;
  await rm(indexFile, { force: true });
  return (
    await safeGit(['commit-tree', tree, '-p', request.clone.baseCommit, '-F', '-'], {
      ...git,
      input: `${request.subject}\n\nBelay-Session: ${request.sessionId}\n`,
    })
  ).text;
}

/** Moves the commit's objects into the main repository, checked on the way. A plain folder's result stays in the gate. */
async function handOver(head: string, ref: string, request: GateRequest, git: GitOptions & { gitDir: string }): Promise<void> {
  await safeGit(['update-ref', ref, head], git);
  const checkout = await openCheckout(request.repositoryPath);
  if (!checkout.git || request.clone.kind === 'copy' || request.staysInGate === true) return;
  const known = await listKnown(request.clone.baseCommit, git);
  await safeGit(
    [
      'fetch',
      '--quiet',
      '--no-tags',
      '--no-write-fetch-head',
      '--no-auto-gc',
      '--no-recurse-submodules',
      gateDir(request.lineDir),
      `+${ref}:${ref}`,
    ],
    {
      gitDir: checkout.git.gitDir,
      cwd: git.gitDir,
      config: { 'safe.bareRepository': 'all', 'fetch.fsck.skipList': known },
      ...(request.signal && { signal: request.signal }),
    },
  );
}
