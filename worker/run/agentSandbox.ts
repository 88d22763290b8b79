/** The place an agent of a run works in: its own folders and the sandbox around them, and how it is started there. */
import type { SandboxStep } from '../../protocol/records.ts';
import { spawn, type ChildProcess } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { BelayError } from '../../protocol/errors.ts';
import { chooseStep, type ChosenStep } from '../sandbox/choose.ts';
import { confine, type Mask } from '../sandbox/confinement.ts';
import { profileOf } from '../sandbox/profile.ts';
import { fetchedVariables, programFolders } from '../sandbox/readable.ts';
import { beginSandbox, mustBeInside, type Dial, type Sandbox, type UnprovedSandbox } from '../sandbox/ours.ts';
import { borrowedObjects } from '../workspace/baseObjects.ts';
import { clonePath } from '../workspace/clone.ts';
import { proxiesOf } from '../workspace/networkVariables.ts';
import { openCheckout } from '../workspace/repository.ts';
import { copyCertificates } from './certificates.ts';
import type { RunParts } from './parts.ts';
import { endSandboxed, endTree } from './processes.ts';
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
  #dial: Dial | null = null;
  #certificates: Readonly<Record<string, string>> = {};
  #fetched: Readonly<Record<string, string>> = {};
  /** Leaders of the process groups that were started in it. */
  readonly #leaders = new Set<number>();
  #clone = '';

  constructor(parts: Pick<RunParts, 'runDir' | 'spec' | 'secretEnv' | 'log'>) {
    this.#parts = parts;
  }

  /** Everything the agent needs beside the clone, made while git makes that. The sandbox is begun, not proved. */
  async prepare(openings: SandboxOpenings | null): Promise<Workplace> {
    const { spec, runDir } = this.#parts;
    const { settings, agent } = spec;
    const place = await prepareWorkplace(spec.lineDir, agent);
    this.#certificates = copyCertificates(path.join(place.tmp, 'certificates'));
    const checkout = await openCheckout(spec.repositoryPath);
    this.#clone = clonePath(realpathSync(spec.lineDir));
    const profile = profileOf(runPolicy(spec, 'ours', this.#clone, place, this.#parts.log), [
      ...agent.hosts,
      ...settings.hosts,
      ...this.#masks.flatMap(({ hosts }) => hosts),
    ]);
    this.#fetched = fetchedVariables(homedir(), profile.hosts);
    const confinement = confine(
      {
        clone: this.#clone,
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
        certificates: this.#certificates,
        masks: this.#masks,
        unreadable: profile.unreadable,
        unwritable: profile.unwritable,
        programs: [...agent.readable, ...agent.argv.flatMap(programFolders), ...(openings?.programs ?? [])],
        readable: settings.readable,
        writable: settings.writable,
      },
    );
    this.#begun = beginSandbox(confinement, async (host) => (await this.#dial?.(host)) ?? false);
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

  /** Decides on connections that are not on the list; until it is told, all of them are refused. */
  decideDials(dial: Dial): void {
    this.#dial = dial;
  }

  /** Starts a program of the agent in it, leading its own process group. */
  async launch(argv: readonly string[], env: Readonly<Record<string, string>>, cwd: string): Promise<ChildProcess> {
    const { spec, secretEnv } = this.#parts;
    // What the person set for the agent may hold keys, and a process list is open to everybody.
    const hidden = Object.entries(spec.agent.env).filter(([name]) => !mustBeInside(name));
    const plain = Object.fromEntries(Object.entries(env).filter(([name]) => !hidden.some(([other]) => other === name)));
    return await this.#start(argv, cwd, plain, { ...Object.fromEntries(hidden), ...secretEnv });
  }

  /** Starts a command of the workflow file in the same sandbox, without what belongs to the agent. */
  async launchHook(argv: readonly string[], env: Readonly<Record<string, string>>, cwd: string): Promise<ChildProcess> {
    const { spec, secretEnv } = this.#parts;
    const names = [...(spec.workflow?.secretNames ?? []), ...this.#masks.map(({ name }) => name)];
    const own = Object.fromEntries(Object.entries(secretEnv).filter(([name]) => names.includes(name)));
    return await this.#start(argv, cwd, env, own);
  }

  /** What an agent is given by its driver is in its environment anyway. */
  get #masks(): readonly Mask[] {
    const { spec } = this.#parts;
    return (spec.workflow?.masked ?? []).filter(({ name }) => !spec.agent.secretNames?.includes(name));
  }

  /** Leads its own process group, also where there is no sandbox. */
  async #start(
    argv: readonly string[],
    cwd: string,
    given: Readonly<Record<string, string>>,
    secretEnv: Readonly<Record<string, string>>,
  ): Promise<ChildProcess> {
    const env = Object.fromEntries(Object.entries(given).filter(([name, value]) => this.#fetched[name] !== value));
    const child = await this.#spawn(argv, cwd, env, secretEnv);
    const { pid } = child;
    if (pid === undefined) return child;
    this.#leaders.add(pid);
    // Its number may be another's later. What it left behind in our sandbox is found without it.
    if (this.#sandbox) child.once('exit', () => this.#leaders.delete(pid));
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
    const masked = this.#masks.map(({ name }) => name);
    return spawn(argv[0] ?? '', argv.slice(1), {
      cwd,
      // Nothing stands between it and the network, so the person's own way is its way.
      env: {
        ...proxiesOf(),
        ...this.#certificates,
        ...env,
        ...Object.fromEntries(Object.entries(secretEnv).filter(([name]) => !masked.includes(name))),
      },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
      windowsHide: true,
    });
  }

  /** Ends everything that was started in it. False when something of it still lives. */
  async endProcesses(graceMs: number): Promise<boolean> {
    const ended = await Promise.all([...this.#leaders].map((leader) => endTree(leader, graceMs)));
    return ended.every(Boolean) && (this.#sandbox === null || (await endSandboxed(this.#clone)));
  }

  /** The processes inside must have ended. */
  async close(): Promise<void> {
    await (await this.#begun?.catch(() => null))?.close();
  }
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
