/** A folder without git is copied whole for a run: which folders never are, and how much it would be. */
import { cp, lstat, readdir, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { BelayError } from '../../protocol/errors.ts';
import { foldName } from '../policy/fold.ts';

export interface FolderSize {
  readonly files: number;
  readonly bytes: number;
  /** There is more than was looked at. */
  readonly isMore: boolean;
}

const mostFiles = 500_000;
/** Folders of the system, with all that is below. */
const systems = ['/boot', '/dev', '/etc', '/proc', '/run', '/sys', '/System', '/Library', 'C:\\Windows'];
/** Folders of which only the top is refused. */
const tops = ['/usr', '/var', '/opt', '/srv', '/tmp', '/home', '/Users', '/mnt', '/media', '/bin', '/sbin', '/lib'];

const isBelow = (folder: string, top: string): boolean =>
  folder === top || folder.startsWith(top.endsWith(path.sep) ? top : top + path.sep);

/** Throws where a copy would take along keys, other people's files or the copy itself. `folder` has its links resolved. */
export async function refuseProtected(folder: string, lineDir?: string): Promise<void> {
  const home = await realpath(homedir()).catch(() => homedir());
  const why = protectedReason(folder, home, lineDir);
  if (why === null) return;
  throw new BelayError('bad_request', `${folder} is not copied for a run: ${why}.`, {
    hint: 'Open the folder of one project, or make the folder a git repository.',
  });
}

function protectedReason(folder: string, home: string, lineDir: string | undefined): string | null {
  if (isBelow(home, folder)) return 'it holds your whole home folder';
  const [first = ''] = path.relative(home, folder).split(path.sep);
  if (isBelow(folder, home) && (first.startsWith('.') || first === 'Library' || first === 'AppData'))
    return 'it holds settings and keys of yours';
  if (tops.includes(folder) || systems.some((top) => isBelow(folder, top))) return "it is one of the system's folders";
  return lineDir !== undefined && isBelow(lineDir, folder) ? "Belay's own folder lies in it" : null;
}

/**
 * Copies a folder for a run. Returns what was left out: pipes, sockets and names that cannot be said, and of repositories in it
 * what git keeps, their other branches and addresses with it.
 */
export async function copyFolder(folder: string, target: string): Promise<string[]> {
  const leftOut: string[] = [];
  const filter = async (from: string): Promise<boolean> => {
    const info = foldName(path.basename(from)) === '.git' ? null : await lstat(from).catch(() => null);
    const copied = info !== null && (info.isFile() || info.isDirectory() || info.isSymbolicLink());
    if (!copied) leftOut.push(path.relative(folder, from));
    return copied;
  };
  await cp(folder, target, { recursive: true, verbatimSymlinks: true, errorOnExist: true, force: false, filter });
  return leftOut;
}

/** How much a copy of the folder would be. */
export async function folderSize(folder: string): Promise<FolderSize> {
  let [files, bytes] = [0, 0];
  const open = [folder];
  for (let at = open.pop(); at !== undefined && files < mostFiles; at = open.pop()) {
    for (const entry of await readdir(at, { withFileTypes: true }).catch(() => [])) {
      const name = path.join(at, entry.name);
      if (entry.isDirectory()) open.push(name);
      else {
        files += 1;
        bytes += (await lstat(name).catch(() => null))?.size ?? 0;
      }
    }
  }
  return { files, bytes, isMore: open.length > 0 };
}

/** Megabytes for people, never nothing. */
export const megabytes = ({ bytes }: FolderSize): number => Math.max(1, Math.round(bytes / 1024 / 1024));
