/** The embedded platform: one background process per state folder, on a socket only this user can reach. */
import { connect } from 'node:net';
import * as path from 'node:path';
import { BelayError } from '../../protocol/errors.ts';
import { makeFolder, privateFolder } from './files.ts';
import { takeLock } from './lock.ts';
import type { EmbeddedOptions } from './options.ts';

/** How long a starter waits for the one that came first. */
const patienceMs = 15_000;
const lookAgainMs = 20;

/** Does anybody answer on the socket? */
function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(socket);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => {
      resolve(false);
    });
  });
}

/** The lock, or null when another platform turned out to be running here. */
async function lockOrFind(file: string, socket: string): Promise<(() => void) | null> {
  for (const end = Date.now() + patienceMs; Date.now() < end;) {
    const unlock = takeLock(file);
    if (unlock) return unlock;
    if (await answers(socket)) return null;
    await new Promise((resolve) => setTimeout(resolve, lookAgainMs * (1 + Math.random())));
  }
  throw new BelayError('unavailable', 'Another Belay platform is starting or ending on this machine, and does not get on.', {
    hint: `See ${path.join(path.dirname(file), 'platform.log')}.`,
  });
}

/** Starts to serve and resolves with `ready`; with `running` when another platform serves this folder already. */
export async function runEmbedded(options: EmbeddedOptions): Promise<'ready' | 'running'> {
  const folder = path.join(options.stateDir, 'platform');
  makeFolder(options.stateDir);
  privateFolder(folder);
  const unlock = await lockOrFind(path.join(folder, 'platform.lock'), options.socket);
  if (!unlock) return 'running';
  // Loaded by the one that serves only: of many starters at once the others end without its cost.
  const { serve } = await import('./serve.ts');
  await serve(options, folder, unlock);
  return 'ready';
}
