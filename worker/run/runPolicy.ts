/** The policy of one run: its layers from the claim and this machine, its situation from the run's own places. */
import { homedir } from 'node:os';
import path from 'node:path';
import type { Step } from '../agents/driver.ts';
import { Policy } from '../policy/decide.ts';
import { layerOf } from '../policy/layers.ts';
import { resolveReal } from '../policy/resolve.ts';
import type { Situation } from '../policy/situation.ts';
import { closedFolders } from '../sandbox/confinement.ts';
import type { RunSpec } from './spec.ts';

/** How names are compared where this machine's file systems usually fold case. */
const foldsCase = process.platform === 'darwin' || process.platform === 'win32';

export function situationOf(spec: RunSpec, step: Step, clone: string): Situation {
  const home = homedir();
  return {
    step,
    mode: spec.grant.session.mode,
    unattended: spec.settings.unattended,
    clone,
    home,
    // The clone lies in the state folder, and is the one part of it that is the agent's.
    closed: [path.join(spec.stateDir, 'platform'), path.join(spec.stateDir, 'runs'), ...closedFolders(home)],
    foldsCase,
    resolve: resolveReal,
  };
}

export function runPolicy(spec: RunSpec, step: Step, clone: string, log: (text: string) => void): Policy {
  const situation = situationOf(spec, step, clone);
  const { agent, policy } = spec.grant;
  const layer = (name: Parameters<typeof layerOf>[0], raw: unknown, where: string) => layerOf(name, raw, situation, where, log);
  return new Policy(
    [
      layer('platform', policy, 'the platform'),
      layer('agent', agent.policy['rules'] ?? [], `the profile of ${agent.name}`),
      layer('worker', spec.settings.rules, 'this machine'),
    ],
    situation,
  );
}
