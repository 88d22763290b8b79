/** Starts an embedded platform in the background. */
import { spawn } from 'node:child_process';
import * as path from 'node:path';
import { BelayError } from '../protocol/errors.ts';
import { Problem } from '../protocol/problem.ts';
import type { LeaseProfileName } from '../protocol/states.ts';
import { cleanEnv, findRuntime } from './runtime.ts';
import { makeStateDir } from './stateDir.ts';

export interface StartOptions {
  readonly stateDir: string;
  readonly socket: string;
  readonly platformBundle: string;
  readonly nodePath?: string | undefined;
  readonly leaseProfile?: LeaseProfileName | undefined;
  readonly idleMs?: number | undefined;
}

const startMs = 20_000;

/** Resolves when a platform serves the folder: ours, or one that was quicker. Throws what kept it from starting. */
export async function startPlatform(options: StartOptions): Promise<void> {
  const runtime = await findRuntime(options.nodePath);
  makeStateDir(options.stateDir);
  const args = [options.platformBundle, '--embedded', '--state-dir', options.stateDir, '--socket', options.socket];
  if (options.leaseProfile) args.push('--lease-profile', options.leaseProfile);
  if (options.idleMs) args.push('--idle-ms', String(options.idleMs));
  const child = spawn(runtime, args, {
    cwd: options.stateDir,
    detached: true,
    // What was compiled once is kept for the next start; where it cannot be, Node goes on without a word.
    env: { ...cleanEnv(), NODE_COMPILE_CACHE: path.join(options.stateDir, 'compiled') },
    stdio: ['ignore', 'pipe', 'ignore'],
    windowsHide: true,
  });
  const line = await new Promise<string>((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => {
      reject(new BelayError('unavailable', `The Belay platform did not start within ${startMs / 1000} s.`));
    }, startMs);
    child.once('error', (cause) => {
      clearTimeout(timer);
      reject(new BelayError('unavailable', `The Belay platform could not be started with ${runtime}: ${cause.message}.`, { cause }));
    });
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (!text.includes('\n')) return;
      clearTimeout(timer);
      resolve(text.slice(0, text.indexOf('\n')));
    });
    // Not at its exit: what it said last may still be on its way then.
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      reject(new BelayError('unavailable', `The Belay platform ended while it started (${signal ?? `exit code ${code}`}).`));
    });
  }).finally(() => {
    // From here on it lives without us.
    child.stdout.destroy();
    child.unref();
  });
  const said = JSON.parse(line) as { state?: string; problem?: unknown };
  if (said.problem) throw BelayError.fromProblem(Problem.parse(said.problem));
}
