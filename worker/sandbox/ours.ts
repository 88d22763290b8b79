/**
 * Our own confinement of the agent's process tree, by the sandbox runtime. The runtime is one per
 * process and installs signal handlers, so only a run host, which has one run, may call this.
 */
import type { SandboxManager } from '@anthropic-ai/sandbox-runtime';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { BelayError, messageOf } from '../../protocol/errors.ts';
import type { Confinement } from './confinement.ts';
import { allowList, joinHostPort, parseHostPort } from '../policy/hosts.ts';
import { harden, type Hardening } from './hardening.ts';
import { bringInside, directVariables, servedHere } from './loopback.ts';
import { sandboxRemedy } from './remedy.ts';
import { quote } from './quote.ts';

export interface SandboxLaunch {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The program's environment; shown in the machine's process list, so without a secret. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Further variables, which nobody sees. Those that could steer a shell or loader outside are refused. Of one that is
   * masked the program gets the stand-in.
   */
  readonly secretEnv?: Readonly<Record<string, string>>;
}

/** True for variables that must be set inside, where they steer the agent only. */
export function mustBeInside(name: string): boolean {
  return steering.test(name);
}

export interface Sandbox {
  /** Starts a program inside, leading a process group of its own, with pipes as standard streams. */
  launch(request: SandboxLaunch): Promise<ChildProcess>;
  /** `host:port` of connections that were refused. Text from inside the sandbox: for people, never for decisions. */
  onNetworkRefusal(listener: (host: string) => void): void;
  /** Takes away proxies, sockets and mount points. The processes inside must have ended. */
  close(): Promise<void>;
}

type Manager = typeof SandboxManager;

const mostProcesses = 4096;
/**
 * Whether the runtime watches what is refused. Elsewhere than on macOS its proxies tell the refused hosts by themselves, and the
 * watch would hold up every file that is opened for writing until this process has read of it.
 */
const observed = process.platform === 'darwin';

/** Beside the bundle, or in the runtime's own package when run from source. */
function seccompHelper(): string | undefined {
  const own = ['vendor', 'seccomp', process.arch, 'apply-seccomp'];
  const bundled = path.join(path.dirname(fileURLToPath(import.meta.url)), ...own);
  if (existsSync(bundled)) return bundled;
  const packaged = path.join(path.dirname(fileURLToPath(import.meta.resolve('@anthropic-ai/sandbox-runtime'))), '..', ...own);
  return existsSync(packaged) ? packaged : undefined;
}

/** Whether one connection to a `host:port` that is not on the list may be opened. A program of the agent waits for the answer. */
export type Dial = (host: string) => Promise<boolean>;

/** A sandbox that has not proved itself: nothing of an agent may be started in it yet. */
export interface UnprovedSandbox {
  /**
   * A write outside must be refused and the system-call filter must be active. Throws `unavailable`
   * otherwise. `proofDir` is a folder of the host where the write is tried.
   */
  prove(proofDir: string): Promise<Sandbox>;
  close(): Promise<void>;
}

/**
 * Starts the sandbox's proxies and fixes its rules; the folders it names must exist when it proves
 * itself. Throws `unavailable` with what to install when it cannot be had, and never runs anything
 * with less than was asked for.
 */
export async function beginSandbox(confinement: Confinement, dial: Dial): Promise<UnprovedSandbox> {
  const { SandboxManager: manager } = await import('@anthropic-ai/sandbox-runtime');
  const needs = manager.checkDependencies();
  const missing = [...needs.errors, ...needs.warnings.filter((text) => /seccomp/i.test(text))];
  if (missing.length > 0) throw unavailable(missing.join(' '));
  const applyPath = seccompHelper();
  const hardening = hardeningOf(confinement);
  // What was opened by an answer stays sealed like all that gets no value.
  const dialled = new Set<string>();
  const settings = () => {
    const { tls, credentials } = masking(confinement, [...dialled]);
    return {
      network: { allowedDomains: allowList(confinement.hosts), deniedDomains: [], ...tls },
      ...credentials,
      filesystem: {
        denyRead: confinement.unreadable.map(literal),
        // The sandbox's own sockets and helper may lie in closed folders; what an agent runs can open neither.
        allowRead: [...confinement.readable, tmpdir(), ...(hardening?.needs ?? []), ...(applyPath ? [applyPath] : [])].map(literal),
        allowWrite: confinement.writable.map(literal),
        denyWrite: confinement.unwritable.map(literal),
      },
      ...(applyPath && { seccomp: { applyPath } }),
      // The second layer makes one more, and lets nobody make another.
      ...(hardening && { allowNestedUserNamespaces: true }),
    };
  };
  const onUnlisted = async ({ host, port }: { readonly host: string; readonly port: number | undefined }): Promise<boolean> => {
    if (port === undefined) return false;
    const resource = joinHostPort({ host, port });
    if (!(await dial(resource))) return false;
    if (confinement.masks.length > 0) {
      dialled.add(resource);
      manager.updateConfig(settings());
    }
    return true;
  };
  try {
    await manager.initialize(settings(), onUnlisted, observed);
  } catch (cause) {
    throw unavailable(messageOf(cause));
  }
  const sandbox = new OurSandbox(manager, hardening, confinement);
  return {
    async prove(proofDir) {
      await prove(sandbox, confinement, hardening, proofDir);
      return sandbox;
    },
    close: () => sandbox.close(),
  };
}

/** Names that mean something to the shell, the loader or the sandbox's own programs, which run outside. */
const steering = /^(PATH|HOME|SHLVL|ENV|IFS|PS\d|TMPDIR|NODE_OPTIONS|BASH.*|LD_.*|DYLD_.*|GIT_.*|.*_PROXY)$/i;

function harmless(env: Readonly<Record<string, string>>): Record<string, string> {
  const bad = Object.keys(env).find((name) => steering.test(name));
  if (bad !== undefined) {
    throw new BelayError('bad_request', `The variable ${bad} cannot be given to an agent as a secret.`, {
      hint: "Set it in the agent's plain environment instead.",
    });
  }
  return { ...env };
}

const namesOf = (hosts: readonly string[]): string[] => [...new Set(hosts.map((text) => parseHostPort(text).host))];

/** What the runtime is told of masks. Connections to hosts that get no value stay sealed from end to end. */
function masking({ hosts, masks, certificates }: Confinement, dialled: readonly string[]) {
  const told = masks.filter((mask) => mask.hosts.length > 0);
  if (told.length === 0) return { tls: {}, credentials: {} };
  const opened = namesOf(told.flatMap((mask) => mask.hosts));
  const envVars = told.map((mask) => ({ name: mask.name, mode: 'mask' as const, injectHosts: namesOf(mask.hosts) }));
  return {
    tls: {
      tlsTerminate: {
        excludeDomains: namesOf([...hosts, ...dialled]).filter((host) => !opened.includes(host)),
        extraCaCertPaths: Object.values(certificates),
      },
    },
    credentials: { credentials: { envVars } },
  };
}

/**
 * No memory images of an agent on the disk, and no flood of processes. Debian's shell calls the second one -p, others -u;
 * the kernel does not count those of root.
 */
const limits = `ulimit -c 0; ulimit -p ${mostProcesses} 2>/dev/null || ulimit -u ${mostProcesses} 2>/dev/null;`;

const literal = (name: string) => ({ path: name, literal: true as const });

/** The runtime reads what it masks from its own environment; nothing else that starts meanwhile may inherit that for longer. */
async function withVariables<T>(variables: readonly (readonly [string, string])[], work: () => Promise<T>): Promise<T> {
  for (const [name, value] of variables) process.env[name] = value;
  try {
    return await work();
  } finally {
    for (const [name] of variables) Reflect.deleteProperty(process.env, name);
  }
}

/** Null on systems that have no such layer. */
function hardeningOf(confinement: Confinement): Hardening | null {
  if (process.platform !== 'linux') return null;
  try {
    return harden(confinement);
  } catch (cause) {
    throw unavailable(messageOf(cause));
  }
}

function unavailable(reason: string): BelayError {
  return new BelayError('unavailable', `Belay's sandbox cannot start on this machine: ${reason}`, { hint: sandboxRemedy() });
}

class OurSandbox implements Sandbox {
  readonly #manager: Manager;
  readonly #hardening: Hardening | null;
  readonly #masked: ReadonlySet<string>;
  readonly #services: readonly string[];
  readonly #certificates: Readonly<Record<string, string>>;
  readonly #seen = new Set<string>();

  constructor(manager: Manager, hardening: Hardening | null, { masks, services, certificates }: Confinement) {
    this.#manager = manager;
    this.#hardening = hardening;
    this.#masked = new Set(masks.map(({ name }) => name));
    this.#services = services;
    // Where values are masked the runtime names one bundle in all of them, with these in it.
    this.#certificates = masks.some(({ hosts }) => hosts.length > 0) ? {} : certificates;
  }

  async launch(request: SandboxLaunch): Promise<ChildProcess> {
    const settings = Object.entries({ ...directVariables(this.#hardening !== null), ...this.#certificates, ...request.env }).map(
      ([name, value]) => quote(`${name}=${value}`),
    );
    // The runtime sets proxies, TMPDIR and NO_PROXY itself: what we want must be set inside, after it.
    const bare = ['env', ...settings, ...request.argv.map(quote)].join(' ');
    const served = this.#hardening === null ? [] : await servedHere(this.#services);
    const program = served.length === 0 ? bare : `/bin/sh -c ${quote(`${bringInside(served)} exec "$@"`)} sh ${bare}`;
    const command = `${limits} ${this.#hardening?.wrap(program) ?? `exec ${program}`}`;
    const secrets = Object.entries(harmless(request.secretEnv ?? {}));
    const masked = secrets.filter(([name]) => this.#masked.has(name));
    const wrapped = await withVariables(masked, () => this.#manager.wrapWithSandboxArgv(command, '/bin/sh'));
    const line = wrapped.argv.at(-1);
    if (line === undefined) throw new BelayError('internal', 'The sandbox gave no command to run.');
    // Without `exec` the shell would outlive a killed host and keep the tree alive. Without HOME and
    // with SHLVL the outer shell reads no start-up file that an agent may have written.
    const child = spawn('/bin/sh', ['-c', `exec ${line}`], {
      cwd: request.cwd,
      env: {
        ...Object.fromEntries(secrets.filter((entry) => !masked.includes(entry))),
        PATH: process.env['PATH'] ?? '/usr/bin:/bin',
        LANG: 'C.UTF-8',
        SHLVL: '1',
      },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    child.once('exit', () => {
      this.#manager.cleanupAfterCommand();
    });
    return child;
  }

  onNetworkRefusal(listener: (host: string) => void): void {
    this.#manager.getSandboxViolationStore().subscribe((violations) => {
      for (const violation of violations) {
        const host = /deny network-outbound (\S+)/.exec(violation.line)?.[1];
        if (host === undefined || this.#seen.has(host)) continue;
        this.#seen.add(host);
        listener(host);
      }
    });
  }

  async close(): Promise<void> {
    await this.#manager.reset();
  }
}

/** A program inside must see its refusals: writes outside fail, writes inside work, the filter is on. */
async function prove(sandbox: Sandbox, confinement: Confinement, hardening: Hardening | null, proofDir: string): Promise<void> {
  const outside = path.join(proofDir, 'must-not-appear');
  const inside = path.join(confinement.trial, '.belay-proof');
  await mkdir(proofDir, { recursive: true });
  await rm(outside, { force: true });
  const script = [
    `(echo x > ${quote(outside)}) 2>/dev/null && echo outside=written`,
    `(echo x > ${quote(inside)}) 2>/dev/null && echo inside=written`,
    `rm -f ${quote(inside)}`,
    ...(hardening?.trial ?? []),
    'true',
  ].join('; ');
  const child = await sandbox.launch({ argv: ['/bin/sh', '-c', script], cwd: proofDir, env: {} });
  child.stdin?.end();
  let output = '';
  let errors = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString('utf8')));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw unavailable(`its first command ended with ${code ?? 'a signal'}: ${errors.trim().slice(-500)}`);
  if (existsSync(outside) || output.includes('outside=written')) {
    await rm(outside, { force: true });
    throw unavailable('a write outside the working folder was not refused.');
  }
  if (!output.includes('inside=written')) throw unavailable('the working folder is not writable inside it.');
  const open = hardening?.judge(output) ?? null;
  if (open !== null) throw unavailable(open);
}
