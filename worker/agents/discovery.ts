/** "Doctor": which agents are on this machine, and what keeps the sandbox from starting. */
import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { AgentLaunch } from './base/launch.ts';
import { sandboxRemedy } from '../sandbox/remedy.ts';
import { knownAgents } from './known.ts';
import type { AgentEntry } from './known/entry.ts';
import { driverOf } from './registry.ts';

const run = promisify(execFile);

export interface FoundAgent {
  readonly slug: string;
  readonly name: string;
  readonly found: boolean;
  /** Real path of the program. */
  readonly program: string | null;
  readonly version: string | null;
  /** Null where it cannot be told without starting it. */
  readonly signedIn: boolean | null;
  /** What to do when it cannot be used as it is. */
  readonly remedy: string | null;
  /** How a run starts it; null when it was not found. */
  readonly launch: AgentLaunch | null;
}

export interface DiscoveryOptions {
  /** PATH of the person's login shell. */
  readonly path: string;
  readonly home?: string;
  /** Variables the person has bound on this machine: names only are looked at. */
  readonly bound?: Readonly<Record<string, string>>;
  readonly practiceAgentBundle: string;
  /** The Node that runs Belay's own agent. */
  readonly runtime?: string;
  /** How long a program may take to tell its version, ms. */
  readonly versionMs?: number;
}

/** Looks for every agent that is known; the practice agent is always there. */
export async function findAgents(options: DiscoveryOptions): Promise<FoundAgent[]> {
  return [practiceAgent(options), ...(await Promise.all(knownAgents.map((entry) => findAgent(entry, options))))];
}

export function practiceAgent(options: Pick<DiscoveryOptions, 'practiceAgentBundle' | 'runtime'>): FoundAgent {
  const runtime = options.runtime ?? process.execPath;
  return {
    slug: 'practice',
    name: 'Practice agent',
    found: true,
    program: options.practiceAgentBundle,
    version: null,
    signedIn: true,
    remedy: null,
    launch: {
      ...emptyLaunch('practice', 'acp', [runtime, options.practiceAgentBundle]),
      env: { ELECTRON_RUN_AS_NODE: '1' },
      readable: [path.dirname(options.practiceAgentBundle)],
    },
  };
}

async function findAgent(entry: AgentEntry, options: DiscoveryOptions): Promise<FoundAgent> {
  const home = options.home ?? homedir();
  const program = which(entry.program, options.path);
  const base = { slug: entry.slug, name: entry.name };
  if (program === null) return { ...base, found: false, program: null, version: null, signedIn: null, remedy: entry.install, launch: null };
  const version = await versionOf(program, entry.versionArgs, options.path, options.versionMs ?? 5000);
  const own = await driverOf(entry.driver).readConfig?.(home);
  const keyVariables = [...entry.keyVariables, ...(own?.keyVariables ?? [])];
  const signedIn = await isSignedIn({ ...entry, keyVariables }, home, options.bound ?? {});
  return {
    ...base,
    found: true,
    program: realpathSync(program),
    version,
    signedIn,
    remedy: signedIn === false ? entry.signIn : null,
    launch: {
      ...emptyLaunch(entry.slug, entry.driver, [program, ...entry.args]),
      env: { ...entry.env },
      hosts: [...entry.hosts, ...(own?.hosts ?? [])],
      secretNames: keyVariables,
      loginFiles: entry.loginFiles
        .filter(({ file }) => existsSync(path.join(home, file)))
        .map(({ file, renewed }) => ({ from: path.join(home, file), into: file, renewed: renewed.map((steps) => [...steps]) })),
      homeFiles: await configOf(entry, home),
      ownSandbox: entry.ownSandbox,
      ...(entry.freeMode !== undefined && { freeMode: entry.freeMode }),
      ...own?.launch,
    },
  };
}

/** The person's settings for an agent by path below the home folder. */
async function configOf(entry: AgentEntry, home: string): Promise<Record<string, string>> {
  const read = await Promise.all(
    entry.configFiles.map(async (file) => [file, await readFile(path.join(home, file), 'utf8').catch(() => null)] as const),
  );
  return Object.fromEntries(read.filter((entry): entry is [string, string] => entry[1] !== null));
}

function emptyLaunch(slug: string, driver: AgentLaunch['driver'], argv: string[]): AgentLaunch {
  return {
    slug,
    driver,
    argv,
    env: {},
    hosts: [],
    readable: [],
    homeFiles: {},
    loginFiles: [],
    secretNames: [],
    codexHome: null,
    ownSandbox: false,
  };
}

async function isSignedIn(entry: AgentEntry, home: string, bound: Readonly<Record<string, string>>): Promise<boolean> {
  if (entry.keyVariables.some((name) => bound[name] ?? process.env[name])) return true;
  if (entry.loginFiles.some(({ file }) => existsSync(path.join(home, file)))) return true;
  return (await driverOf(entry.driver).probe?.(home)) ?? false;
}

async function versionOf(program: string, args: readonly string[], searchPath: string, withinMs: number): Promise<string | null> {
  try {
    const { stdout } = await run(program, [...args], {
      timeout: withinMs,
      // A program that hangs may be deaf to being asked.
      killSignal: 'SIGKILL',
      env: { PATH: searchPath, HOME: '/nonexistent' },
      cwd: path.dirname(program),
    });
    return /\d+(?:\.\d+)+\S*/.exec(stdout)?.[0] ?? null;
  } catch {
    return null;
  }
}

/** The first runnable file of this name; relative entries of PATH are no places to look. */
export function which(name: string, searchPath: string): string | null {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', '.bat', ''] : [''];
  for (const folder of searchPath.split(path.delimiter).filter((entry) => path.isAbsolute(entry))) {
    for (const ending of endings) {
      const file = path.join(folder, name + ending);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        continue;
      }
    }
  }
  return null;
}

const pathMark = '__belay_path__';

/** PATH as the person's login shell has it, asked once; editors started from a desktop have a shorter one. */
export async function loginPath(): Promise<string> {
  const own = process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin';
  const shell = process.env['SHELL'];
  if (process.platform === 'win32' || !shell || !path.isAbsolute(shell)) return own;
  try {
    const { stdout } = await run(shell, ['-l', '-c', `printf '%s' "${pathMark}\${PATH}${pathMark}"`], {
      timeout: 5000,
      // Shells do not hear SIGTERM everywhere.
      killSignal: 'SIGKILL',
      cwd: '/',
      env: { HOME: homedir(), SHELL: shell, USER: process.env['USER'] ?? '', PATH: own, SHLVL: '1' },
    });
    const found = stdout.split(pathMark)[1];
    return found ? [...new Set([...found.split(':'), ...own.split(':')])].join(':') : own;
  } catch {
    return own;
  }
}

export interface SandboxHealth {
  readonly ok: boolean;
  readonly problems: readonly string[];
  readonly remedy: string | null;
}

/** What the sandbox needs and does not find. A run proves more than this: that it really refuses. */
export function sandboxHealth(searchPath: string): SandboxHealth {
  const needed = process.platform === 'linux' ? ['bwrap', 'socat', 'rg'] : process.platform === 'darwin' ? ['rg'] : null;
  if (needed === null) return { ok: false, problems: ["Belay's own sandbox needs Linux or macOS."], remedy: sandboxRemedy() };
  const problems = needed.filter((name) => which(name, searchPath) === null).map((name) => `${name} is not installed`);
  return { ok: problems.length === 0, problems, remedy: problems.length === 0 ? null : sandboxRemedy() };
}
