/** The platform of this machine: found, or started, and started again when it died. */
import { BelayError } from '../protocol/errors.ts';
import { protocolVersion, type About } from '../protocol/routes.ts';
import type { LeaseProfileName } from '../protocol/states.ts';
import { createApi } from '../protocol/typedClient.ts';
import { compareVersions } from '../protocol/versions.ts';
import { TransportFailure } from '../transport/failure.ts';
import type { PlatformHttp } from '../transport/http.ts';
import { connectTo, type Connection } from './connection.ts';
import { startPlatform } from './starter.ts';
import { socketPath } from './stateDir.ts';

export interface ConnectOptions {
  readonly stateDir: string;
  /** Who connects, for people: `editor`, `cli`. */
  readonly program: string;
  readonly version: string;
  /** Path of the built platform. */
  readonly platformBundle: string;
  /** Runs the platform in place of this program. */
  readonly nodePath?: string;
  readonly leaseProfile?: LeaseProfileName;
  /** Ends the platform after so long without client and claim. */
  readonly idleMs?: number;
  /** Starts the platform where it must not happen in this thread. */
  readonly start?: typeof startPlatform;
}

const replaceTries = 5;
const goneMs = 10_000;
const lookAgainMs = 25;

/** Finds the platform of `stateDir`, or starts it. Throws a BelayError that says what to do. */
export async function connectEmbedded(options: ConnectOptions): Promise<Connection> {
  const socket = socketPath(options.stateDir);
  return await connectTo({ socketPath: socket }, (http) => find(options, socket, http));
}

async function find(options: ConnectOptions, socket: string, http: PlatformHttp): Promise<About> {
  const { start = startPlatform, ...startOptions } = options;
  for (let tries = 0; ; tries++) {
    let about = await askAbout(http);
    if (!about) {
      await start({ ...startOptions, socket });
      about = await askAbout(http);
      if (!about) throw new BelayError('unavailable', 'The Belay platform started and ended again.', { hint: 'Its log file says why.' });
    } else if (
      tries < replaceTries &&
      compareVersions(options.version, about.version) > 0 &&
      (await replace(about, options.version, http))
    ) {
      continue;
    }
    if (about.protocol > protocolVersion + 1)
      throw new BelayError('unavailable', `The Belay platform on this machine is much newer (${about.version}) than this program.`, {
        hint: `Update Belay here; this is version ${options.version}.`,
      });
    return about;
  }
}

async function askAbout(http: PlatformHttp): Promise<About | null> {
  try {
    return await createApi((request) => http.send(request)).about();
  } catch (error) {
    if (error instanceof TransportFailure && error.kind !== 'timeout') return null;
    throw error;
  }
}

/** Asks an older platform to end. False when it refuses. */
async function replace(older: About, version: string, http: PlatformHttp): Promise<boolean> {
  const direct = createApi((request) => http.send(request));
  try {
    const { quitting } = await direct.quit({ body: { version } });
    if (!quitting) return false;
  } catch (error) {
    if (!(error instanceof TransportFailure)) throw error;
  }
  for (const end = Date.now() + goneMs; Date.now() < end;) {
    const about = await askAbout(http);
    if (about?.pid !== older.pid) break;
    await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
  }
  return true;
}
