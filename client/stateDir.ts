/** Where Belay keeps what is not in a repository: one folder per user, shared by all editors and the CLI. */
import { existsSync, lstatSync, mkdirSync, statSync } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { BelayError, messageOf } from '../protocol/errors.ts';

/** The state folder. `BELAY_STATE_DIR` overrides it, for tests and for a second set of data. */
export function stateDir(env: NodeJS.ProcessEnv = process.env, platform: NodeJS.Platform = process.platform): string {
  if (env.BELAY_STATE_DIR) return path.resolve(env.BELAY_STATE_DIR);
  const home = os.homedir();
  if (platform === 'win32') return path.join(env.LOCALAPPDATA ?? path.join(home, 'AppData', 'Local'), 'Belay');
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support', 'Belay');
  const base = env.XDG_STATE_HOME && path.isAbsolute(env.XDG_STATE_HOME) ? env.XDG_STATE_HOME : path.join(home, '.local', 'state');
  return path.join(base, 'belay');
}

/** What all systems accept as the path of a Unix socket, in bytes. */
const socketPathBytes = 103;

/** Makes the folder, for this user only. Throws `storage_read_only`, which names it, where that cannot be done. */
export function makeStateDir(folder: string): void {
  try {
    makeMissing(path.resolve(folder));
    if (!statSync(folder).isDirectory()) throw new Error('it is a file');
  } catch (cause) {
    throw new BelayError('storage_read_only', `Belay cannot keep its data in ${folder}: ${messageOf(cause)}.`, {
      hint: 'Check the permissions of the folder, or set BELAY_STATE_DIR to another one.',
      cause,
    });
  }
}

/** One folder at a time: the system's own way to make several never ends on file systems like /proc. */
function makeMissing(folder: string): void {
  if (existsSync(folder)) return;
  makeMissing(path.dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another starter was quicker.
    if (!existsSync(folder)) throw error;
  }
}

/**
 * The address of the platform of a state folder. Where the folder's own path is too long for a socket, it
 * is a short one in a folder of this user only, the same for every program whatever its environment.
 */
export function socketPath(folder: string, platform: NodeJS.Platform = process.platform): string {
  if (platform === 'win32') return `\\\\.\\pipe\\belay-${hashOf(folder)}`;
  const own = path.join(folder, 'platform', 'platform.sock');
  if (Buffer.byteLength(own) <= socketPathBytes) return own;
  return path.join(shortFolder(), `${hashOf(folder)}.sock`);
}

/** Loaded for who needs it: few do, and it takes longer to load than a short program to run. */
function hashOf(folder: string): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(path.resolve(folder)).digest('hex').slice(0, 24);
}

function shortFolder(): string {
  const uid = os.userInfo().uid;
  const folder = `/tmp/belay-${uid}`;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Anybody may make a name in /tmp: the folder counts only when it is ours and closed to others.
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o077) !== 0)
    throw new BelayError('forbidden', `The folder ${folder} is not this user's alone.`, {
      hint: 'Remove it, or set BELAY_STATE_DIR to a folder with a shorter path.',
    });
  return folder;
}
