/** Where a run begins and under which workflow file: settled once, before its host starts, from one commit. */
import { BelayError } from '../../protocol/errors.ts';
import type { ClaimGrant } from '../../protocol/exchange.ts';
import type { RunSpec, RunWorkflow } from '../run/spec.ts';
import { WorkflowApprovals } from '../workflowFile/approvals.ts';
import { chooseWorkflow, type WorkflowChoice } from '../workflowFile/choose.ts';
import { lineBase } from '../workspace/clone.ts';
import { safeGit } from '../workspace/git.ts';
import { headCommit, openCheckout } from '../workspace/repository.ts';

export interface RunBeginning {
  readonly base: RunSpec['base'];
  readonly workflow: RunWorkflow | null;
  readonly note: string;
  /** Hash of a version that waits for the person's yes, and the commit it is of. */
  readonly waiting: { readonly hash: string; readonly commit: string } | null;
}

/** Throws `forbidden` when the file closes the session's mode. */
export async function workflowOfRun(run: {
  readonly stateDir: string;
  readonly grant: ClaimGrant;
  readonly repositoryPath: string;
  readonly lineDir: string;
}): Promise<RunBeginning> {
  const { session } = run.grant;
  const named: RunSpec['base'] = session.baseCommit === null ? { kind: 'head' } : { kind: 'commit', commit: session.baseCommit };
  const checkout = await openCheckout(run.repositoryPath);
  const repositoryId = session.repositoryId;
  if (!checkout.git || repositoryId === null) return { base: named, workflow: null, note: '', waiting: null };
  const { gitDir } = checkout.git;
  const earlier = await lineBase(run.lineDir);
  const first = earlier ?? session.baseCommit ?? (await headCommit(checkout));
  if (first === null) return { base: named, workflow: null, note: '', waiting: null };
  const read = (commit: string): Promise<WorkflowChoice> => chooseWorkflow({ stateDir: run.stateDir, repositoryId, gitDir, commit });
  let commit = first;
  let choice = await read(commit);
  const branch = choice.chosen?.workflow.config.base_branch;
  if (branch !== undefined && earlier === null && session.baseCommit === null) {
    // The file of that branch counts then; the branch it names itself is not followed.
    commit = await branchCommit(gitDir, branch);
    if (commit !== first) choice = await read(commit);
  }
  const base: RunSpec['base'] = { kind: 'commit', commit };
  const { chosen, note } = choice;
  const waiting = choice.waiting && { hash: choice.waiting.hash, commit };
  if (chosen === null) return { base, workflow: null, note, waiting };
  const { config, body } = chosen.workflow;
  if (config.modes[session.mode]?.enabled === false)
    throw new BelayError('forbidden', `The workflow file of this repository closes the mode "${session.mode}".`, {
      hint: 'Queue the item in another mode, or change WORKFLOW.md.',
    });
  const choices = new WorkflowApprovals(run.stateDir, repositoryId).secretChoices();
  const secretNames = config.secrets.filter((name) => choices[name] === 'environment');
  const masked = config.secrets.flatMap((name) => {
    const choice = choices[name];
    return typeof choice === 'object' ? [{ name, hosts: choice.masked }] : [];
  });
  const left = config.secrets.filter((name) => choices[name] === undefined);
  const { hash, sections, granted } = chosen;
  return {
    base,
    waiting,
    workflow: { hash, config, body, sections, granted, secretNames, masked },
    note: left.length === 0 ? note : `${note} Not given to its work on this machine: ${left.join(', ')}.`,
  };
}

async function branchCommit(gitDir: string, branch: string): Promise<string> {
  const reply = await safeGit(['rev-parse', '--verify', '--quiet', `refs/heads/${branch}^{commit}`], { gitDir, okCodes: [0, 1, 128] });
  if (reply.code !== 0)
    throw new BelayError('not_found', `WORKFLOW.md names the base branch "${branch}", which is not here.`, {
      hint: 'Fetch it and make a local branch of it, or change "base_branch".',
    });
  return reply.text;
}
