/** Opens files and folders below a folder through no link at all: not at its end and not on its way, also while somebody swaps folders. */
import { constants, type Dirent } from 'node:fs';
import { lstat, open, readdir, type FileHandle } from 'node:fs/promises';
import path from 'node:path';

/** Windows has none of these flags. */
const windows = process.platform === 'win32';
const noFollow = windows ? 0 : constants.O_NOFOLLOW | constants.O_NONBLOCK;
const asFolder = windows ? 0 : constants.O_NOFOLLOW | constants.O_DIRECTORY;

/**
 * Opens `top/…names` for reading. Null when there is none, or when a link is in the way. On Linux each folder is opened
 * inside the one before it; elsewhere the last name alone is looked at without following.
 */
export function openBeneath(top: string, ...names: readonly string[]): Promise<FileHandle | null> {
  return opened(top, names, noFollow);
}

/** What stands in the folder `top/…names`; nothing when there is none, or when a link is in the way. */
export async function listBeneath(top: string, ...names: readonly string[]): Promise<Dirent[]> {
  if (process.platform !== 'linux') {
    const folder = path.join(top, ...names);
    const isFolder = (await lstat(folder).catch(() => null))?.isDirectory() === true;
    return isFolder ? await readdir(folder, { withFileTypes: true }).catch(() => []) : [];
  }
  const handle = await opened(top, names, asFolder);
  if (handle === null) return [];
  try {
    return await readdir(`/proc/self/fd/${handle.fd}`, { withFileTypes: true });
  } finally {
    await handle.close();
  }
}

async function opened(top: string, names: readonly string[], lastFlags: number): Promise<FileHandle | null> {
  const parts = names.flatMap((name) => name.split('/')).filter((part) => part !== '' && part !== '.');
  if (parts.length === 0 || parts.includes('..')) return null;
  if (process.platform !== 'linux') return await open(path.join(top, ...parts), constants.O_RDONLY | lastFlags).catch(() => null);
  let at = await open(top, constants.O_RDONLY | constants.O_DIRECTORY).catch(() => null);
  for (const [index, part] of parts.entries()) {
    if (at === null) return null;
    const flags = constants.O_RDONLY | (index === parts.length - 1 ? lastFlags : asFolder);
    const next = await open(`/proc/self/fd/${at.fd}/${part}`, flags).catch(() => null);
    await at.close();
    at = next;
  }
  return at;
}
