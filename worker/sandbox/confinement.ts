/** What a run may read, write and reach, as paths and hosts: the one input of every sandbox. */
import { existsSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { inState } from '../base/stateFolder.ts';
import { BelayError } from '../../protocol/errors.ts';
import { within } from '../base/paths.ts';
import { credentialsIn, toolChains } from './readable.ts';
import { closedPlacesOfSystem, closedParts, openPartsOfSystem } from './systemFolders.ts';

export interface Confinement {
  /** Closed for reading, whatever lies above is open. */
  readonly unreadable: readonly string[];
  /** Opened again inside closed folders. */
  readonly readable: readonly string[];
  readonly writable: readonly string[];
  /** The run's own one of the writable folders, where the sandbox is tried. */
  readonly trial: string;
  /** Closed for writing inside writable folders. */
  readonly unwritable: readonly string[];
  /** Exact `host:port` pairs. Empty means no network. */
  readonly hosts: readonly string[];
  /** `host:port` pairs of this machine's loopback that are open or asked for, to be had inside under the same port. */
  readonly services: readonly string[];
  /** Variables that name the authorities a person trusts, each with a file or folder inside. */
  readonly certificates: Readonly<Record<string, string>>;
  readonly masks: readonly Mask[];
  /** Where Belay keeps, from run to run, what is shown of the system's settings. */
  readonly settingsDir: string;
}

/** A variable whose value stays outside: inside stands a stand-in, which the proxy exchanges in requests to these hosts only. */
export interface Mask {
  readonly name: string;
  /** `host:port` pairs that are open. Without any the variable is not there at all. */
  readonly hosts: readonly string[];
}

export interface RunPlaces {
  readonly clone: string;
  /** Session temp folder. */
  readonly tmp: string;
  /** The agent's run home. */
  readonly home: string;
  /** Belay's state folder: closed, apart from the three above. */
  readonly stateDir: string;
  readonly runDir: string;
  /** The person's checkout: closed, apart from its objects. */
  readonly checkout: string;
  /** Object folders the clone borrows from; asked of the person's repository, never of the clone. */
  readonly objectDirs: readonly string[];
  /** False for plan sessions: the agent looks and changes nothing. */
  readonly writeClone: boolean;
}

export interface RunGrants {
  readonly hosts: readonly string[];
  readonly services: readonly string[];
  readonly certificates: Readonly<Record<string, string>>;
  readonly masks: readonly Mask[];
  /** What Belay itself knows the agent's program to need, its login file among it; may lie in an editor's folder. */
  readonly programs: readonly string[];
  /** What the person opened. */
  readonly readable: readonly string[];
  readonly writable: readonly string[];
  /** What rules forbid, also inside what is open. */
  readonly unreadable: readonly string[];
  readonly unwritable: readonly string[];
}

/** Folders of editors that hold tokens and sockets; never opened, whatever the settings say. */
const editorFolders = [
  '.config/Code',
  '.config/Cursor',
  '.config/VSCodium',
  '.config/Windsurf',
  '.vscode',
  '.vscode-server',
  '.cursor',
  '.cursor-server',
  '.windsurf',
  '.local/share/code-server',
  '.config/code-server',
  'Library/Application Support/Code',
  'Library/Application Support/Cursor',
  'AppData/Roaming/Code',
] as const;

export const closedFolders = (home: string): string[] => editorFolders.map((folder) => path.join(home, folder));

/** Composes the confinement of one run. Throws when a grant would open what must stay closed. */
export function confine(places: RunPlaces, grants: RunGrants, home: string = homedir()): Confinement {
  const real = (name: string): string => (existsSync(name) ? realpathSync(name) : path.resolve(name));
  const closed = [real(places.stateDir), real(places.runDir), ...closedFolders(home).map(real)];
  for (const folder of [...grants.readable, ...grants.writable]) {
    const clash = closed.find((inner) => within(real(folder), inner) || within(inner, real(folder)));
    if (clash !== undefined && existsSync(clash)) {
      throw new BelayError('bad_request', `The folder ${folder} cannot be opened to agents: it holds or lies in ${clash}.`, {
        hint: "Take it out of the worker's readable and writable folders: Belay's and the editor's own folders stay closed.",
      });
    }
  }
  // A program that lies in the home folder itself opens itself, never the home.
  const programs = grants.programs
    .map(real)
    .filter((name) => ![home, places.stateDir, places.checkout].some((inner) => within(real(inner), name)));
  const own = [places.tmp, places.home].map(real);
  const clone = real(places.clone);
  const tools = toolChains(home);
  return {
    unreadable: [
      ...new Set(
        [
          ...[real(home), '/root', '/home', '/Users', '/run/user', '/tmp', real(places.checkout)],
          ...[...closed, ...closedPlacesOfSystem(), ...closedParts],
        ].filter((name) => existsSync(name)),
      ),
      // Rules speak of the clone, too, which may not be there yet.
      ...grants.unreadable.map(real),
      ...credentialsIn(tools).map(real),
    ],
    readable: [
      ...openPartsOfSystem(process.env['PATH'] ?? ''),
      ...tools,
      ...programs,
      ...places.objectDirs,
      ...grants.readable,
      ...grants.writable,
      ...own,
      clone,
    ].map(real),
    writable: [...(places.writeClone ? [clone] : []), ...own, ...grants.writable.map(real)],
    trial: real(places.tmp),
    unwritable: [...places.objectDirs, ...grants.unwritable].map(real),
    hosts: grants.hosts,
    services: grants.services,
    certificates: grants.certificates,
    masks: grants.masks.map(({ name, hosts }) => ({ name, hosts: hosts.filter((host) => grants.hosts.includes(host)) })),
    settingsDir: inState(real(places.stateDir), 'settings'),
  };
}
