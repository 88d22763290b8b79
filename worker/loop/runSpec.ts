/** What a run is told at its start: the claim, this machine, the person's settings and the workflow file, put together. */
import { inState } from '../base/stateFolder.ts';
import { BelayError } from '../../protocol/errors.ts';
import type { ClaimGrant } from '../../protocol/exchange.ts';
import { readWorkerConfig } from '../workerConfig/workerConfig.ts';
import { RunSettings, type RunSpec } from '../run/spec.ts';
import type { WorkerOptions } from './types.ts';

export interface SpecOptions extends Pick<
  WorkerOptions,
  'agents' | 'bindings' | 'instructions' | 'onWaitingWorkflow' | 'platform' | 'settings' | 'stateDir'
> {
  readonly workerId: string;
  readonly instanceId: string;
}

/** Throws `conflict` where this machine has not, or no longer, what the claim names. */
export async function runSpecOf(options: SpecOptions, grant: ClaimGrant): Promise<RunSpec> {
  const { stateDir, platform, agents, bindings, settings, instructions, workerId, instanceId } = options;
  const { session } = grant;
  const agent = agents.find((entry) => entry.slug === grant.agent.slug);
  if (!agent)
    throw new BelayError('conflict', `The agent "${grant.agent.name}" is not on this machine any more.`, {
      hint: 'Run "belay doctor" to see which agents are found.',
    });
  const repositoryPath = session.repositoryId === null ? undefined : bindings()[session.repositoryId];
  if (repositoryPath === undefined)
    throw new BelayError('conflict', 'The session names no repository that is bound to a folder of this machine.', {
      hint: 'Open the repository in the editor and send the item again.',
    });
  const lineDir = inState(stateDir, 'lines', session.lineId);
  // What reads workflow files is loaded with the first session: a window that has none does without.
  const { workflowOfRun } = await import('./workflowOfRun.ts');
  const repositoryId = session.repositoryId ?? '';
  const { base, workflow, note, waiting } = await workflowOfRun({ stateDir, grant, repositoryPath, lineDir });
  if (waiting) options.onWaitingWorkflow?.({ repositoryId, folder: repositoryPath, ...waiting });
  const own = await settingsOf(settings(), stateDir);
  const { stall_timeout_ms, call_timeout_ms } = workflow?.config.agent ?? {};
  const stallMs = Math.min(own.stallMs, stall_timeout_ms ?? Infinity);
  const callMs = Math.min(own.callMs, call_timeout_ms ?? Infinity);
  return {
    version: 1,
    grant,
    workerId,
    instanceId,
    platform: 'url' in platform ? { url: platform.url } : platform,
    stateDir,
    lineDir,
    repositoryPath,
    base,
    agent: agent.launch,
    settings: { ...own, stallMs, callMs },
    instructions: instructions?.() ?? '',
    workflow,
    workflowNote: note,
  };
}

/** What the person set in the editor, and what their policy on this machine adds. */
async function settingsOf(settings: Partial<RunSettings>, stateDir: string): Promise<RunSettings> {
  const { rules, hosts, readable, writable, effects, limits } = await readWorkerConfig(stateDir);
  const own = RunSettings.parse(settings);
  return {
    ...own,
    stallMs: limits.stallMs ?? own.stallMs,
    callMs: limits.callMs ?? own.callMs,
    ...(limits.diskMb !== undefined && { diskBytes: limits.diskMb * 1024 * 1024 }),
    rules: [...own.rules, ...rules],
    hosts: [...own.hosts, ...hosts],
    readable: [...own.readable, ...readable],
    writable: [...own.writable, ...writable],
    effects: {
      forges: { ...own.effects.forges, ...effects.forges },
      toolServers: { ...own.effects.toolServers, ...effects.toolServers },
    },
  };
}
