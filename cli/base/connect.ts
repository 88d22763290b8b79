/** The connection, and the built programs that it may have to start. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectChosen } from '../../client/connect.ts';
import type { Connection } from '../../client/connection.ts';
import { connectEmbedded, type ConnectOptions } from '../../client/embedded.ts';
import { BelayError } from '../../protocol/errors.ts';
import type { LeaseProfileName } from '../../protocol/states.ts';
import { chosenPlatform, state } from './here.ts';
import { version } from './version.ts';

const here = path.dirname(fileURLToPath(import.meta.url));
/** Built programs stand beside this one. */
export function bundle(name: string): string {
  const file = path.join(here, name);
  if (!existsSync(file)) throw new BelayError('not_found', `${name} is missing beside this program.`, { hint: 'Install Belay again.' });
  return file;
}

/** To the platform that the person chose. */
export const connect = (): Promise<Connection> => connectChosen(chosenPlatform(), ownOptions());

/** To the platform of this machine, whichever the person chose. */
export const connectHere = (): Promise<Connection> => connectEmbedded(ownOptions());

function ownOptions(): ConnectOptions {
  const profile = process.env['BELAY_LEASE_PROFILE'];
  return {
    stateDir: state,
    program: 'cli',
    version,
    platformBundle: bundle('platform.mjs'),
    ...(profile === 'fast' && { leaseProfile: profile satisfies LeaseProfileName }),
  };
}
