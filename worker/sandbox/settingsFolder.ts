/**
 * What programs see as `/etc`: a folder made once a run, so that each command has one mount in place of one for every entry
 * (bubblewrap reads the whole mount table for each). Copies do not follow later changes of the machine's own; a run needs none.
 */
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { within } from '../policy/situation.ts';
import { closedParts, settingsOfSystem } from './systemFolders.ts';

/** Makes it at `folder`, which must not exist. Returns the arguments for bubblewrap that show it. `opened`: what a person opened. */
export function showSettings(folder: string, opened: readonly string[]): string[] {
  mkdirSync(folder, { mode: 0o755 });
  const inFolder = (entry: string): string => path.join(folder, path.relative('/etc', entry));
  for (const entry of settingsOfSystem()) copy(entry, inFolder(entry));
  // Under its real path no part of the way is a link, neither there nor in the copy.
  const mounts = opened
    .filter((entry) => within(entry, '/etc') && existsSync(entry))
    .map((entry) => realpathSync(entry))
    .filter((entry) => within(entry, '/etc') && entry !== '/etc' && mountPoint(entry, inFolder(entry)));
  return [...['--ro-bind', folder, '/etc'], ...mounts.flatMap((entry) => ['--ro-bind-try', entry, entry])];
}

/** What this process itself may not read is not there; neither are sockets and devices. */
function copy(from: string, to: string): void {
  if ((closedParts as readonly string[]).includes(from)) return;
  try {
    const facts = lstatSync(from);
    if (facts.isSymbolicLink()) symlinkSync(readlinkSync(from), to);
    else if (facts.isFile()) copyFileSync(from, to);
    else if (facts.isDirectory()) {
      mkdirSync(to, { mode: 0o755 });
      for (const name of readdirSync(from)) copy(path.join(from, name), path.join(to, name));
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'ENOENT') throw error;
  }
}

/** Makes a place for an entry that was not copied. False where it was. */
function mountPoint(entry: string, to: string): boolean {
  if (existsSync(to)) return false;
  mkdirSync(path.dirname(to), { recursive: true, mode: 0o755 });
  if (lstatSync(entry).isDirectory()) mkdirSync(to, { mode: 0o755 });
  else writeFileSync(to, '');
  return true;
}
