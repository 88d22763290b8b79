/** Starts a run host: a process of its own that outlives the window, with a clean environment. */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { inState } from '../base/stateFolder.ts';
import { within } from '../base/paths.ts';
import { certificateVariables, proxiesOf, setVariables } from '../workspace/networkVariables.ts';
import { writePrivate } from '../base/privateFiles.ts';
import { runFiles, type RunSecrets, type RunSpec } from './spec.ts';

export interface LaunchRequest {
  readonly spec: RunSpec;
  /** Bound values by variable name. */
  readonly secrets: Readonly<Record<string, string>>;
  /** What lets the run host in at a team's platform; empty for the platform of this machine. */
  readonly credential: string;
  /** Those of the broker. */
  readonly effectSecrets: Readonly<Record<string, string>>;
  /** The run host's bundle or source file. */
  readonly program: string;
  /** The Node to run it with, or this one. */
  readonly runtime?: string;
  /** The person's PATH, as their login shell has it. */
  readonly path: string;
}

/** Variables a run host needs beside PATH: names of the person, and what they trust on the network. */
const passedOn = [
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'TMPDIR',
  'LANG',
  'SYSTEMROOT',
  'USERPROFILE',
  'LOCALAPPDATA',
  'APPDATA',
  ...certificateVariables,
  // Pushes over ssh; no agent sees it.
  'SSH_AUTH_SOCK',
];

export function runDirOf(stateDir: string, sessionId: string, fence: number): string {
  return inState(stateDir, 'runs', `${sessionId}-${fence}`);
}

/** A run host sits beside an agent for hours and makes little garbage: a small young generation saves 15 MB of each. */
export const hostFlags = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=1'] as const;

/** The whole environment of a run host. What was compiled once is kept for the next, where only Belay's programs write. */
export function hostEnvironment(request: Pick<LaunchRequest, 'path' | 'spec'>): Record<string, string> {
  const own = { PATH: trustedPath(request), ELECTRON_RUN_AS_NODE: '1', NODE_COMPILE_CACHE: inState(request.spec.stateDir, 'compiled') };
  return { ...setVariables(passedOn), ...proxiesOf(), ...own };
}

/** The PATH without folders that an agent or a repository could put programs into. */
function trustedPath({ path: searchPath, spec }: Pick<LaunchRequest, 'path' | 'spec'>): string {
  const closed = [spec.stateDir, spec.repositoryPath];
  const entries = searchPath
    .split(path.delimiter)
    .filter((entry) => path.isAbsolute(entry) && !closed.some((folder) => within(entry, folder)));
  return entries.join(path.delimiter);
}

/** Writes the run folder and starts its host. Returns the folder and the host's process id. */
export async function launchRun(request: LaunchRequest): Promise<{ runDir: string; pid: number }> {
  const { spec } = request;
  const runDir = runDirOf(spec.stateDir, spec.grant.session.id, spec.grant.fence);
  mkdirSync(path.join(runDir, runFiles.cwd), { recursive: true, mode: 0o700 });
  const { env: agentEnv, homeFiles } = spec.agent;
  const secrets: RunSecrets = {
    env: { ...request.secrets },
    agentEnv,
    homeFiles,
    credential: request.credential,
    effects: { ...request.effectSecrets },
  };
  writePrivate(path.join(runDir, runFiles.secrets), secrets);
  writePrivate(path.join(runDir, runFiles.spec), { ...spec, agent: { ...spec.agent, env: {}, homeFiles: {} } });
  const log = openSync(path.join(runDir, runFiles.log), 'a', 0o600);
  const child = spawn(request.runtime ?? process.execPath, [...hostFlags, request.program, runDir], {
    cwd: path.join(runDir, runFiles.cwd),
    env: hostEnvironment(request),
    stdio: ['ignore', log, log],
    detached: true,
    windowsHide: true,
  });
  closeSync(log);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  child.unref();
  return { runDir, pid: child.pid ?? 0 };
}
