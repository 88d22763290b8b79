/** The policy of one run: its layers from the claim and this machine, its situation from the run's own places. */
import { within } from '../base/paths.ts';
import { inState } from '../base/stateFolder.ts';
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
  run: Pick<Situation, 'step' | 'mode' | 'unattended' | 'clone' | 'home'> & {
    readonly stateDir: string;
    /** The folders of the run itself, its clone among them. */
    readonly own: readonly string[];
    /** What the person opened beside them. */
    readonly writable: readonly string[];
  },
): Situation {
  const { stateDir, own, writable, ...rest } = run;
  const lines = byBothNames([inState(stateDir, 'lines')]);
  return {
    ...rest,
    roots: byBothNames([...own, ...writable]),
    closed: [stateDir, ...closedFolders(run.home)],
    // Of the state folder an agent has its own places in its line, and no folder above them.
    open: byBothNames(own).filter((folder) => lines.some((line) => folder !== line && within(folder, line))),
    machine: machineView,
  };
}

/** What an agent names has the name it is called by and the one it leads to, and both count. */
function byBothNames(folders: readonly string[]): string[] {
  return [...new Set(folders.flatMap((folder) => [folder, resolveReal(folder) ?? folder]))];
}

export function runPolicy(spec: RunSpec, step: SandboxStep, clone: string, place: Workplace, log: (text: string) => void): Policy {
  const { mode } = spec.grant.session;
  const { unattended, writable } = spec.settings;
  const own = [clone, place.tmp, place.home];
  const situation = machineSituation({ stateDir: spec.stateDir, clone, home: homedir(), own, writable, step, mode, unattended });
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
