/** The place an agent of a run works in: its own folders and the sandbox around them, and how it is started there. */
import { spawn, type ChildProcess } from 'node:child_process';
import { realpathSync } from 'node:fs';
import path from 'node:path';
import { BelayError } from '../../protocol/errors.ts';
import type { Step } from '../agents/driver.ts';
import { chooseStep, type ChosenStep } from '../sandbox/choose.ts';
import { confine } from '../sandbox/confinement.ts';
import { profileOf } from '../sandbox/profile.ts';
import { programFolders } from '../sandbox/readable.ts';
import { beginSandbox, mustBeInside, type Sandbox, type UnprovedSandbox } from '../sandbox/ours.ts';
import { clonePath } from '../workspace/clone.ts';
import { openCheckout } from '../workspace/repository.ts';
import type { RunParts } from './parts.ts';
import { runPolicy } from './runPolicy.ts';
import { prepareWorkplace, type Workplace } from './workplace.ts';

/** What Belay itself has inside: its end of the broker. */
export interface SandboxOpenings {
  readonly host: string;
  readonly programs: readonly string[];
}

export class AgentSandbox {
  readonly #parts: Pick<RunParts, 'runDir' | 'spec' | 'secretEnv' | 'log'>;
  #begun: Promise<UnprovedSandbox> | null = null;
  #sandbox: Sandbox | null = null;

  constructor(parts: Pick<RunParts, 'runDir' | 'spec' | 'secretEnv' | 'log'>) {
    this.#parts = parts;
  }

  /** Everything the agent needs beside the clone, made while git makes that. The sandbox is begun, not proved. */
  async prepare(openings: SandboxOpenings): Promise<Workplace> {
    const { spec, runDir } = this.#parts;
    const { settings, agent } = spec;
    const place = await prepareWorkplace(spec.lineDir, agent);
    const checkout = await openCheckout(spec.repositoryPath);
    const profile = profileOf(runPolicy(spec, 'ours', clonePath(realpathSync(spec.lineDir)), place, this.#parts.log), [
      ...agent.hosts,
      ...settings.hosts,
    ]);
    const login = agent.loginFiles.map((file) => file.from);
    const confinement = confine(
      {
        clone: clonePath(realpathSync(spec.lineDir)),
        tmp: place.tmp,
        home: place.home,
        stateDir: spec.stateDir,
        runDir,
        checkout: checkout.path,
        objectDirs: checkout.git ? [checkout.git.objectsDir] : [],
        writeClone: spec.grant.session.mode !== 'plan',
      },
      {
        hosts: [...profile.hosts, openings.host],
        unreadable: profile.unreadable,
        unwritable: profile.unwritable,
        programs: [...agent.readable, ...agent.argv.flatMap(programFolders), ...login, ...openings.programs],
        readable: settings.readable,
        writable: [...settings.writable, ...login],
      },
    );
    this.#begun = beginSandbox(confinement);
    this.#begun.catch(() => undefined);
    return place;
  }

  /** Proves the sandbox, or falls to the step the settings leave. `onRefused` hears each host that was refused. */
  async choose(onRefused: (host: string) => void): Promise<ChosenStep> {
    const { spec, runDir } = this.#parts;
    if (!this.#begun) throw new BelayError('internal', 'The sandbox was not begun.');
    const chosen = await chooseStep(this.#begun, path.join(runDir, 'proof'), {
      minimum: spec.settings.minimumStep,
      unattended: spec.settings.unattended,
      agentConfines: spec.agent.ownSandbox,
    });
    this.#sandbox = chosen.sandbox;
    chosen.sandbox?.onNetworkRefusal(onRefused);
    return chosen;
  }

  /** Starts a program of the agent in it, leading its own process group. */
  async launch(argv: readonly string[], env: Readonly<Record<string, string>>, cwd: string): Promise<ChildProcess> {
    const { spec, secretEnv } = this.#parts;
    // What the person set for the agent may hold keys, and a process list is open to everybody.
    const hidden = Object.entries(spec.agent.env).filter(([name]) => !mustBeInside(name));
    const plain = Object.fromEntries(Object.entries(env).filter(([name]) => !hidden.some(([other]) => other === name)));
    return this.#sandbox
      ? await this.#sandbox.launch({ argv, cwd, env: plain, secretEnv: { ...Object.fromEntries(hidden), ...secretEnv } })
      : spawn(argv[0] ?? '', argv.slice(1), {
          cwd,
          env: { ...env, ...secretEnv },
          stdio: ['pipe', 'pipe', 'pipe'],
          detached: true,
          windowsHide: true,
        });
  }

  /** Starts a command of the workflow file in the same sandbox, without what belongs to the agent. */
  async launchHook(argv: readonly string[], env: Readonly<Record<string, string>>, cwd: string): Promise<ChildProcess> {
    const { spec, secretEnv } = this.#parts;
    const own = Object.fromEntries(Object.entries(secretEnv).filter(([name]) => spec.workflow?.secretNames.includes(name)));
    return this.#sandbox
      ? await this.#sandbox.launch({ argv, cwd, env, secretEnv: own })
      : spawn(argv[0] ?? '', argv.slice(1), {
          cwd,
          env: { ...env, ...own },
          stdio: ['pipe', 'pipe', 'pipe'],
          detached: true,
          windowsHide: true,
        });
  }

  /** The processes inside must have ended. */
  async close(): Promise<void> {
    await (await this.#begun?.catch(() => null))?.close();
  }
}

export function describeStep({ step, why }: ChosenStep): string {
  return why === null ? stepWords[step] : `${stepWords[step]} ${why}`;
}

const stepWords: Record<Step, string> = {
  ours: "Belay's sandbox, proved.",
  agent: "The agent's own sandbox.",
  mediated: 'No sandbox; every write and command is asked.',
  none: 'No sandbox.',
};
