/** The policy of one run: its layers from the claim and this machine, its situation from the run's own places. */
import { closedInState } from '../base/stateFolder.ts';
import type { SandboxStep } from '../../protocol/records.ts';
import { homedir } from 'node:os';
import { Policy } from '../policy/decide.ts';
import { layerOf } from '../policy/layers.ts';
import { machineView } from '../workerConfig/machineView.ts';
import { resolveReal } from '../workerConfig/resolve.ts';
import type { Situation } from '../policy/situation.ts';
import { closedFolders } from '../sandbox/confinement.ts';
import { workflowFile } from '../workflowFile/schema.ts';
import type { RunSpec } from './spec.ts';
import type { Workplace } from './workplace.ts';

/** What a decision has to know of this machine, beside what the run says. */
export function machineSituation(
  run: Pick<Situation, 'step' | 'mode' | 'unattended' | 'clone' | 'home' | 'roots'> & { readonly stateDir: string },
): Situation {
  const { stateDir, ...rest } = run;
  return {
    ...rest,
    // What an agent names has the name it is called by and the one it leads to, and both must lie in one of them.
    roots: [...new Set(run.roots.flatMap((root) => [root, resolveReal(root) ?? root]))],
    // The clone lies in the state folder, and is the one part of it that is the agent's.
    closed: [...closedInState(stateDir), ...closedFolders(run.home)],
    machine: machineView,
  };
}

export function runPolicy(spec: RunSpec, step: SandboxStep, clone: string, place: Workplace, log: (text: string) => void): Policy {
  const { mode } = spec.grant.session;
  const { unattended, writable } = spec.settings;
  const roots = [clone, place.tmp, place.home, ...writable];
  const situation = machineSituation({ stateDir: spec.stateDir, clone, home: homedir(), roots, step, mode, unattended });
  const { agent, policy } = spec.grant;
  const rules = spec.workflow?.config.policy ?? [];
  const layer = (name: Parameters<typeof layerOf>[0], raw: unknown, where: string) => layerOf(name, raw, situation, where, log);
  return new Policy(
    [
      layer('platform', policy, 'the platform'),
      layer('agent', agent.policy['rules'] ?? [], `the profile of ${agent.name}`),
      layer('worker', spec.settings.rules, 'this machine'),
      layer('workflow', rules, workflowFile),
      layer('granted', spec.workflow?.granted ? rules.filter((rule) => rule.decision === 'allow') : [], workflowFile),
    ],
    situation,
  );
}
