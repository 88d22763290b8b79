/** Brings back what another tool did for an item: finds its commits, makes a result of them, records it with a recap. */
import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { inState } from '../base/stateFolder.ts';
import type { Handoff, SessionResult } from '../../protocol/records.ts';
import type { BelayApi } from '../../protocol/typedClient.ts';
import { changedFiles, lineSum } from '../workspace/diff.ts';
import { safeGit } from '../workspace/git.ts';
import { judge } from '../workspace/judge.ts';
import { headCommit, snapshotCommit, uncommittedPaths, type Checkout } from '../workspace/repository.ts';
import { recapText } from './recap.ts';

export interface ResultCandidate {
  readonly kind: 'head' | 'branch' | 'uncommitted';
  /** Branch name, or empty. */
  readonly name: string;
  /** Null for uncommitted work: its commit is made when it is chosen. */
  readonly commit: string | null;
  readonly commits: number;
  /** Its commits or its name mention the item. */
  readonly namesItem: boolean;
}

/** Where the work of a hand-off may be, most likely first. */
export async function resultCandidates(checkout: Checkout, handoff: Handoff, itemKey: string): Promise<ResultCandidate[]> {
  if (!checkout.git || !handoff.baseCommit) return [];
  const at = { gitDir: checkout.git.gitDir };
  const base = handoff.baseCommit;
  const candidates: ResultCandidate[] = [];
  const head = await headCommit(checkout);
  const mention = new RegExp(`(?:^|[^A-Za-z0-9])${itemKey.replaceAll(/[^A-Za-z0-9-]/gu, '')}(?![0-9])`, 'iu');
  const look = async (kind: 'head' | 'branch', name: string, commit: string): Promise<void> => {
    const reply = await safeGit(['rev-list', '--count', '--end-of-options', `${base}..${commit}`], { ...at, okCodes: [0, 128] });
    const commits = reply.code === 0 ? Number(reply.text) : 0;
    if (commits === 0) return;
    const messages = await safeGit(['log', '--format=%B', '--max-count=200', '--end-of-options', `${base}..${commit}`], at);
    candidates.push({ kind, name, commit, commits, namesItem: mention.test(name) || mention.test(messages.text) });
  };
  if (head) await look('head', '', head);
  const branches = await safeGit(
    ['for-each-ref', '--format=%(objectname) %(refname:short)', '--sort=-committerdate', '--count=50', 'refs/heads', 'refs/remotes'],
    at,
  );
  for (const line of branches.text.split('\n').filter(Boolean)) {
    const [commit = '', ...name] = line.split(' ');
    if (commit !== head) await look('branch', name.join(' '), commit);
  }
  const uncommitted = await uncommittedPaths(checkout);
  if (uncommitted.length > 0) candidates.push({ kind: 'uncommitted', name: '', commit: null, commits: 0, namesItem: false });
  return candidates.sort((a, b) => Number(b.namesItem) - Number(a.namesItem) || Number(a.kind === 'branch') - Number(b.kind === 'branch'));
}

/** Records the chosen candidate as the hand-off's result, with a recap on its item. */
export async function recordHandoffResult(
  api: BelayApi,
  stateDir: string,
  checkout: Checkout,
  handoff: Handoff,
  candidate: ResultCandidate,
): Promise<SessionResult> {
  const head = candidate.commit ?? (await snapshotOf(checkout, stateDir, handoff.id));
  const base = handoff.baseCommit ?? head;
  await keepCommits(checkout, handoff.id, { base, head });
  const result = await resultBetween(checkout, base, head, candidate);
  const recap = recapText({
    place: 'own_folder',
    session: {
      id: handoff.id,
      agentName: handoff.targetName,
      mode: handoff.mode,
      startedAt: null,
      finishedAt: null,
      usage: null,
      sandboxStep: null,
    },
    result,
    leftOut: [],
    merged: [],
  });
  await api.closeHandoff({ params: { id: handoff.id }, body: { result, recap } });
  return result;
}

/** So that what was recorded can be looked at when its branch is long gone. */
async function keepCommits(checkout: Checkout, name: string, commits: { readonly base: string; readonly head: string }): Promise<void> {
  const gitDir = checkout.git?.gitDir ?? '';
  for (const [side, commit] of Object.entries(commits))
    await safeGit(['update-ref', `refs/belay/handoffs/${name}/${side}`, commit], { gitDir });
}

async function snapshotOf(checkout: Checkout, stateDir: string, name: string): Promise<string> {
  const scratch = inState(stateDir, 'scratch');
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const indexFile = path.join(scratch, randomUUID());
  return snapshotCommit(checkout, name, indexFile).finally(() => rm(indexFile, { force: true }));
}

async function resultBetween(checkout: Checkout, base: string, head: string, candidate: ResultCandidate): Promise<SessionResult> {
  const at = { gitDir: checkout.git?.gitDir ?? '' };
  const files = await changedFiles(base, head, at, judge);
  const subjects = candidate.commit
    ? (await safeGit(['log', '--format=%s', '--max-count=20', '--end-of-options', `${base}..${head}`], at)).text
    : '';
  return {
    outcome: files.length > 0 ? 'changes' : 'no_changes',
    summary: subjects || 'Uncommitted changes in the working tree.',
    baseCommit: base,
    headCommit: head,
    ref: null,
    agentCommits: candidate.commits,
    files,
    heldBack: [],
    ...lineSum(files),
    checks: [],
  };
}
