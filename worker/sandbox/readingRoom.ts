/**
 * Where Belay's own programs read what an agent left: a process that sees the folders it was given, the system's programs
 * and nothing else, has no network, and no rights. Whatever a name in those folders leads to, it leads to nothing of the
 * person's, also while something changes it. Only on Linux; elsewhere there is no such room.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { within } from '../base/paths.ts';
import { programOnPath } from './programOnPath.ts';

export interface ReadingRoom {
  readonly readable: readonly string[];
  readonly writable: readonly string[];
  /** Files in these that are empty in the room, whatever they are. */
  readonly covered?: readonly string[];
}

/** A mount that only these rooms have: who reads for Belay is told from who was started by an agent. */
export const readingMark = '/run/belay-reading';

/** What programs and their libraries are found by; each is a folder or a link to one. */
const system = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/nix', '/gnu'] as const;
const loader = ['/etc/ld.so.cache', '/etc/alternatives'] as const;

/**
 * The command line that runs `argv` in the room, with `cwd` as its folder, or `argv` itself where this machine has no such
 * room. The first word is looked for on the PATH. Folders that are not there are left out.
 */
export function inReadingRoom(room: ReadingRoom, argv: readonly string[], cwd: string): readonly string[] {
  const bwrap = bubblewrap();
  if (bwrap === null) return argv;
  const [name = '', ...rest] = argv;
  const program = programOnPath(name) ?? name;
  const mounts = (kind: '--bind' | '--ro-bind', folders: readonly string[]): string[] =>
    folders.filter((folder) => existsSync(folder)).flatMap((folder) => [kind, folder, folder]);
  return [
    bwrap,
    ...['--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-net', '--unshare-uts'],
    ...['--cap-drop', 'ALL', '--new-session', '--die-with-parent', '--dev', '/dev', '--tmpfs', '/tmp', '--tmpfs', readingMark],
    ...system.filter((folder) => existsSync(folder)).flatMap(mirrored),
    ...mounts('--ro-bind', [...loader, ...ownFolder(program)]),
    ...mounts('--ro-bind', room.readable),
    ...mounts('--bind', room.writable),
    ...(room.covered ?? []).flatMap((file) => ['--ro-bind', '/dev/null', file]),
    ...['--chdir', cwd, '--', program, ...rest],
  ];
}

const mirrored = (folder: string): string[] =>
  lstatSync(folder).isSymbolicLink() ? ['--symlink', readlinkSync(folder), folder] : ['--ro-bind', folder, folder];

/** Of a program that lies elsewhere, as in `/opt/git/bin`, what it lies in. */
function ownFolder(program: string): string[] {
  if (!path.isAbsolute(program)) return [];
  const real = realpathSync(program);
  return system.some((folder) => within(real, folder)) ? [] : [path.dirname(path.dirname(real))];
}

let known: string | null | undefined;
/** Null where it is missing or does not work. Asked once in a process. */
function bubblewrap(): string | null {
  if (known !== undefined) return known;
  const found = process.platform === 'linux' ? programOnPath('bwrap') : null;
  const works = found !== null && spawnSync(found, ['--unshare-user', '--unshare-net', '--ro-bind', '/', '/', 'true']).status === 0;
  return (known = works ? found : null);
}
