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
import { allowList } from '../policy/hosts.ts';
import { sandboxRemedy } from './remedy.ts';
import { quote } from './quote.ts';

export interface SandboxLaunch {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The program's environment; shown in the machine's process list, so without a secret. */
  readonly env: Readonly<Record<string, string>>;
  /** Further variables, which nobody sees. Those that could steer a shell or loader outside are refused. */
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

/** Beside the bundle, or in the runtime's own package when run from source. */
function seccompHelper(): string | undefined {
  const own = ['vendor', 'seccomp', process.arch, 'apply-seccomp'];
  const bundled = path.join(path.dirname(fileURLToPath(import.meta.url)), ...own);
  if (existsSync(bundled)) return bundled;
  const packaged = path.join(path.dirname(fileURLToPath(import.meta.resolve('@anthropic-ai/sandbox-runtime'))), '..', ...own);
  return existsSync(packaged) ? packaged : undefined;
}

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
export async function beginSandbox(confinement: Confinement): Promise<UnprovedSandbox> {
  const { SandboxManager: manager } = await import('@anthropic-ai/sandbox-runtime');
  const needs = manager.checkDependencies();
  const missing = [...needs.errors, ...needs.warnings.filter((text) => /seccomp/i.test(text))];
  if (missing.length > 0) throw unavailable(missing.join(' '));
  const applyPath = seccompHelper();
  try {
    await manager.initialize(
      {
        network: { allowedDomains: allowList(confinement.hosts), deniedDomains: [], strictAllowlist: true },
        filesystem: {
          denyRead: confinement.unreadable.map(literal),
          // The sandbox's own sockets and helper may lie in closed folders; what an agent runs can open neither.
          allowRead: [...confinement.readable, tmpdir(), ...(applyPath ? [applyPath] : [])].map(literal),
          allowWrite: confinement.writable.map(literal),
          denyWrite: confinement.unwritable.map(literal),
        },
        ...(applyPath && { seccomp: { applyPath } }),
      },
      undefined,
      true,
    );
  } catch (cause) {
    throw unavailable(messageOf(cause));
  }
  const sandbox = new OurSandbox(manager);
  return {
    async prove(proofDir) {
      await prove(sandbox, confinement, proofDir);
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

const literal = (name: string) => ({ path: name, literal: true as const });

function unavailable(reason: string): BelayError {
  return new BelayError('unavailable', `Belay's sandbox cannot start on this machine: ${reason}`, { hint: sandboxRemedy() });
}

class OurSandbox implements Sandbox {
  readonly #manager: Manager;
  readonly #seen = new Set<string>();

  constructor(manager: Manager) {
    this.#manager = manager;
  }

  async launch(request: SandboxLaunch): Promise<ChildProcess> {
    const settings = Object.entries(request.env).map(([name, value]) => quote(`${name}=${value}`));
    // The runtime sets proxies, TMPDIR and NO_PROXY itself: what we want must be set inside, after it.
    const command = ['exec', 'env', ...settings, ...request.argv.map(quote)].join(' ');
    const wrapped = await this.#manager.wrapWithSandboxArgv(command, '/bin/sh');
    const line = wrapped.argv.at(-1);
    if (line === undefined) throw new BelayError('internal', 'The sandbox gave no command to run.');
    // Without `exec` the shell would outlive a killed host and keep the tree alive. Without HOME and
    // with SHLVL the outer shell reads no start-up file that an agent may have written.
    const child = spawn('/bin/sh', ['-c', `exec ${line}`], {
      cwd: request.cwd,
      env: { ...harmless(request.secretEnv ?? {}), PATH: process.env['PATH'] ?? '/usr/bin:/bin', LANG: 'C.UTF-8', SHLVL: '1' },
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
async function prove(sandbox: Sandbox, confinement: Confinement, proofDir: string): Promise<void> {
  const outside = path.join(proofDir, 'must-not-appear');
  const inside = path.join(confinement.writable.at(-1) ?? proofDir, '.belay-proof');
  await mkdir(proofDir, { recursive: true });
  await rm(outside, { force: true });
  const script = [
    `(echo x > ${quote(outside)}) 2>/dev/null && echo outside=written`,
    `(echo x > ${quote(inside)}) 2>/dev/null && echo inside=written`,
    `rm -f ${quote(inside)}`,
    'grep -E "^(Seccomp|NoNewPrivs):" /proc/self/status 2>/dev/null',
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
  if (process.platform === 'linux' && !/^Seccomp:\s*2$/m.test(output)) throw unavailable('its system-call filter is not active.');
}
