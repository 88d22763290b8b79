/**
 * Runs `before_remove` of the workflow file when a clone is taken away: in a process of its own, since the sandbox is one
 * per process, and in our sandbox or not at all.
 */
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { inState } from '../base/stateFolder.ts';
import { BelayError, messageOf } from '../../protocol/errors.ts';
import { openMachine } from '../base/machine.ts';
import { readWorkerConfig } from '../workerConfig/workerConfig.ts';
import { WorkflowApprovals } from '../workflowFile/approvals.ts';
import { clonePath } from '../workspace/clone.ts';
import { prepareSandbox } from './agentSandbox.ts';
import { lockLine } from './bind.ts';
import { argvOf, commandOf, runCommand, whyFailed } from './hooks.ts';
import { forgetBeforeRemove, keptBeforeRemove, type Removal } from './keptHook.ts';
import { enterFolders } from './ownFolders.ts';
import { runPolicy } from './runPolicy.ts';
import { StartedProcesses } from './startedProcesses.ts';
import { RunSettings, type RunSpec } from './spec.ts';
import { agentEnvironment } from './workplace.ts';

/** A result that is decided on at once may find the host of its run still ending. */
const endingMs = 3000;

/** Runs the hook. Called by the run host's program, in a process that does nothing else. */
export async function runBeforeRemove(lineDir: string, log: (text: string) => void): Promise<Removal> {
  const kept = keptBeforeRemove(lineDir);
  if (!kept) return { end: 'not_run', text: 'nothing was kept to run' };
  const lock = lockLine(lineDir, endingMs);
  if (!lock) return { end: 'busy', text: 'the folder is in use' };
  // Once and no more, also when this process is ended in the middle.
  forgetBeforeRemove(lineDir);
  const scratch = inState(kept.stateDir, 'scratch');
  mkdirSync(scratch, { recursive: true, mode: 0o700 });
  const runDir = mkdtempSync(path.join(scratch, 'remove-'));
  const { leave } = enterFolders(runDir, lineDir);
  try {
    return await inSandbox(await asOfNow(kept), runDir, log);
  } catch (error) {
    return { end: 'not_run', text: messageOf(error) };
  } finally {
    leave();
    rmSync(runDir, { recursive: true, force: true });
    lock.release();
  }
}

/** What the person allows now counts, not what they allowed when the run began. */
async function asOfNow(kept: RunSpec): Promise<RunSpec> {
  const { workflow, stateDir } = kept;
  const repositoryId = kept.grant.session.repositoryId ?? '';
  const repositoryPath = openMachine(stateDir).bindings[repositoryId];
  if (repositoryPath === undefined)
    throw new BelayError('not_found', 'the repository is not bound to a folder of this machine any more', {
      hint: 'Bind it again before the folder is removed.',
    });
  const approvals = new WorkflowApprovals(stateDir, repositoryId);
  if (!workflow || !approvals.approved(workflow.hash))
    throw new BelayError('forbidden', 'the version of WORKFLOW.md that it is of is not approved any more', {
      hint: 'Approve it again before the folder is removed.',
    });
  if (!existsSync(clonePath(kept.lineDir)))
    throw new BelayError('not_found', 'there is no clone', { hint: 'The run ended before it was made.' });
  const { rules, hosts, readable, writable } = await readWorkerConfig(stateDir);
  return {
    ...kept,
    repositoryPath,
    settings: RunSettings.parse({ rules, hosts, readable, writable, minimumStep: 'ours', unattended: true }),
    workflow: { ...workflow, granted: approvals.requestsGranted(workflow.hash) },
  };
}

async function inSandbox(spec: RunSpec, runDir: string, log: (text: string) => void): Promise<Removal> {
  const hooks = spec.workflow?.config.hooks;
  const command = commandOf(hooks?.before_remove);
  if (!hooks || !command) return { end: 'not_run', text: 'the file has none for this system' };
  const prepared = await prepareSandbox({ runDir, spec, secretEnv: {}, log }, null, new StartedProcesses());
  try {
    const { place } = prepared;
    const { chosen, sandbox } = await prepared.choose(() => undefined);
    const { step, why: weaker } = chosen;
    if (step !== 'ours') return { end: 'not_run', text: weaker ?? 'there is no sandbox' };
    const clone = clonePath(realpathSync(spec.lineDir));
    if (runPolicy(spec, step, clone, place, log).decide({ class: 'run', resource: command }).decision === 'deny')
      return { end: 'not_run', text: 'the policy forbids its command' };
    const env = agentEnvironment(place, spec.agent, homedir());
    const child = await sandbox.launchHook(argvOf(command), env, clone);
    const outcome = await runCommand(child, hooks.timeout_ms);
    const why = whyFailed(outcome, hooks.timeout_ms);
    const said = outcome.output.trim() === '' ? '' : `\n${outcome.output.trim()}`;
    return { end: why === null ? 'ran' : 'failed', text: `${why ?? 'it ran'}.${said}` };
  } finally {
    await prepared.close();
  }
}
