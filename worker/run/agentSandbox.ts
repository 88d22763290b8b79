/** The place an agent of a run works in: its own folders and the sandbox around them, and how it is started there. */
import type { SandboxStep } from '../../protocol/records.ts';
import { spawn, type ChildProcess } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { chooseStep, type ChosenStep } from '../sandbox/choose.ts';
import { confine, type Confinement, type Mask } from '../sandbox/confinement.ts';
import { profileOf } from '../sandbox/profile.ts';
import { fetchedVariables, programFolders } from '../sandbox/readable.ts';
import { beginSandbox, mustBeInside, type Dial, type Sandbox, type UnprovedSandbox } from '../sandbox/ours.ts';
import { borrowedObjects } from '../workspace/baseObjects.ts';
import { clonePath } from '../workspace/clone.ts';
import { proxiesOf } from '../workspace/networkVariables.ts';
import { openCheckout } from '../workspace/repository.ts';
import { copyCertificates } from './certificates.ts';
import type { RunParts } from './parts.ts';
import { runPolicy } from './runPolicy.ts';
import type { StartedProcesses } from './startedProcesses.ts';
import { prepareWorkplace, type Workplace } from './workplace.ts';

/** What Belay itself has inside: its end of the broker. */
export interface SandboxOpenings {
  readonly host: string;
  readonly programs: readonly string[];
}

type SandboxParts = Pick<RunParts, 'runDir' | 'spec' | 'secretEnv' | 'log'>;

/** Everything the agent needs beside the clone, made while git makes that. The sandbox is begun, not proved. */
export async function prepareSandbox(
  parts: SandboxParts,
  openings: SandboxOpenings | null,
  processes: StartedProcesses,
): Promise<PreparedSandbox> {
  const { spec, runDir, log } = parts;
  const { settings, agent } = spec;
  const masks = masksOf(parts);
  const place = await prepareWorkplace(spec.lineDir, agent);
  const certificates = copyCertificates(path.join(place.tmp, 'certificates'));
  const checkout = await openCheckout(spec.repositoryPath);
  const clone = clonePath(realpathSync(spec.lineDir));
  const profile = profileOf(runPolicy(spec, 'ours', clone, place, log), [
    ...agent.hosts,
    ...settings.hosts,
    ...masks.flatMap(({ hosts }) => hosts),
  ]);
  const fetched = fetchedVariables(homedir(), profile.hosts);
  const confinement = confine(
    {
      clone,
      tmp: place.tmp,
      home: place.home,
      stateDir: spec.stateDir,
      runDir,
      checkout: checkout.path,
      objectDirs: checkout.git ? [borrowedObjects(realpathSync(spec.lineDir))] : [],
      writeClone: spec.grant.session.mode !== 'plan',
    },
    {
      hosts: [...profile.hosts, ...(openings ? [openings.host] : [])],
      services: profile.services,
      certificates,
      masks,
      unreadable: profile.unreadable,
      unwritable: profile.unwritable,
      programs: [...agent.readable, ...agent.argv.flatMap(programFolders), ...(openings?.programs ?? [])],
      readable: settings.readable,
      writable: settings.writable,
    },
  );
  return new PreparedSandbox({ parts, place, clone, certificates, fetched, processes }, confinement);
}

interface Prepared {
  readonly parts: SandboxParts;
  readonly place: Workplace;
  readonly clone: string;
  readonly certificates: Readonly<Record<string, string>>;
  /** Variables that stay out: what they name is fetched inside. */
  readonly fetched: Readonly<Record<string, string>>;
  readonly processes: StartedProcesses;
}

export class PreparedSandbox {
  readonly #prepared: Prepared;
  readonly #begun: Promise<UnprovedSandbox>;
  #dial: Dial = () => Promise.resolve(false);

  constructor(prepared: Prepared, confinement: Confinement) {
    this.#prepared = prepared;
    this.#begun = beginSandbox(confinement, (host) => this.#dial(host));
    this.#begun.catch(() => undefined);
  }

  /** The agent's own folders. */
  get place(): Workplace {
    return this.#prepared.place;
  }

  /** Proves the sandbox, or falls to the step the settings leave. `onRefused` hears each host that was refused. */
  async choose(onRefused: (host: string) => void): Promise<{ readonly chosen: ChosenStep; readonly sandbox: AgentSandbox }> {
    const { spec, runDir } = this.#prepared.parts;
    const chosen = await chooseStep(this.#begun, path.join(runDir, 'proof'), {
      minimum: spec.settings.minimumStep,
      unattended: spec.settings.unattended,
      agentConfines: spec.agent.ownSandbox,
    });
    chosen.sandbox?.onNetworkRefusal(onRefused);
    return { chosen, sandbox: new AgentSandbox(this.#prepared, chosen.sandbox) };
  }

  /** Decides on connections that are not on the list; until it is told, all of them are refused. */
  decideDials(dial: Dial): void {
    this.#dial = dial;
  }

  /** The processes inside must have ended. */
  async close(): Promise<void> {
    await (await this.#begun.catch(() => null))?.close();
  }
}

/** Where the agent and the hooks of a run are started; `sandbox` is null where ours is not around them. */
export class AgentSandbox {
  readonly #prepared: Prepared;
  readonly #sandbox: Sandbox | null;

  constructor(prepared: Prepared, sandbox: Sandbox | null) {
    this.#prepared = prepared;
    this.#sandbox = sandbox;
    if (sandbox) prepared.processes.within(prepared.clone);
  }

  /** Starts a program of the agent in it, leading its own process group. */
  async launch(argv: readonly string[], env: Readonly<Record<string, string>>, cwd: string): Promise<ChildProcess> {
    const { spec, secretEnv } = this.#prepared.parts;
    // What the person set for the agent may hold keys, and a process list is open to everybody.
    const hidden = Object.entries(spec.agent.env).filter(([name]) => !mustBeInside(name));
    const plain = Object.fromEntries(Object.entries(env).filter(([name]) => !hidden.some(([other]) => other === name)));
    return await this.#start(argv, cwd, plain, { ...Object.fromEntries(hidden), ...secretEnv });
  }

  /** Starts a command of the workflow file in the same sandbox, without what belongs to the agent. */
  async launchHook(argv: readonly string[], env: Readonly<Record<string, string>>, cwd: string): Promise<ChildProcess> {
    const { spec, secretEnv } = this.#prepared.parts;
    const names = [...(spec.workflow?.secretNames ?? []), ...masksOf(this.#prepared.parts).map(({ name }) => name)];
    const own = Object.fromEntries(Object.entries(secretEnv).filter(([name]) => names.includes(name)));
    return await this.#start(argv, cwd, env, own);
  }

  /** Leads its own process group, also where there is no sandbox. */
  async #start(
    argv: readonly string[],
    cwd: string,
    given: Readonly<Record<string, string>>,
    secretEnv: Readonly<Record<string, string>>,
  ): Promise<ChildProcess> {
    const { fetched, processes } = this.#prepared;
    const env = Object.fromEntries(Object.entries(given).filter(([name, value]) => fetched[name] !== value));
    const child = await this.#spawn(argv, cwd, env, secretEnv);
    processes.add(child);
    return child;
  }

  async #spawn(
    argv: readonly string[],
    cwd: string,
    env: Readonly<Record<string, string>>,
    secretEnv: Readonly<Record<string, string>>,
  ): Promise<ChildProcess> {
    if (this.#sandbox) return await this.#sandbox.launch({ argv, cwd, env, secretEnv });
    // Without a proxy nothing can be masked: then it is not given.
    const masked = masksOf(this.#prepared.parts).map(({ name }) => name);
    return spawn(argv[0] ?? '', argv.slice(1), {
      cwd,
      // Nothing stands between it and the network, so the person's own way is its way.
      env: {
        ...proxiesOf(),
        ...this.#prepared.certificates,
        ...env,
        ...Object.fromEntries(Object.entries(secretEnv).filter(([name]) => !masked.includes(name))),
      },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
      windowsHide: true,
    });
  }
}

/** What an agent is given by its driver is in its environment anyway. */
function masksOf({ spec }: SandboxParts): readonly Mask[] {
  return (spec.workflow?.masked ?? []).filter(({ name }) => !spec.agent.secretNames?.includes(name));
}

export function describeStep({ step, why }: ChosenStep): string {
  return why === null ? stepWords[step] : `${stepWords[step]} ${why}`;
}

const stepWords: Record<SandboxStep, string> = {
  ours: "Belay's sandbox, proved.",
  agent: "The agent's own sandbox.",
  mediated: 'No sandbox; every write and command is asked.',
  none: 'No sandbox.',
};
