/** The person's own login files: for an agent that has no key, and for one session at a time. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { inState } from '../base/stateFolder.ts';
import { waitForLock, type Lock } from '../base/lock.ts';
import type { RunParts } from './parts.ts';

const retryMs = 250;

/** True when the agent of a run works by the person's login: it has one here, and no key of its model is bound. */
export function takesLogin({ spec, secretEnv }: Pick<RunParts, 'spec' | 'secretEnv'>): boolean {
  const { loginFiles, secretNames } = spec.agent;
  return loginFiles.length > 0 && !secretNames?.some((name) => secretEnv[name] !== undefined);
}

/**
 * Waits until no other session of this machine has the agent's login: agents renew it and write it back, and two at once
 * sign the person out. `onWait` is called again and again while it waits. Rejects when `signal` is aborted.
 */
export async function holdLogin(stateDir: string, slug: string, onWait: (first: boolean) => void, signal: AbortSignal): Promise<Lock> {
  const folder = inState(stateDir, 'logins');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return await waitForLock(path.join(folder, `${slug.replaceAll(/[^\w-]/gu, '_')}.lock`), retryMs, onWait, signal);
}
