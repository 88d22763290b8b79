/**
 * What programs see as `/etc`: a folder made once a run, so that each command has few mounts in place of one for every entry
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

/** A folder with more entries is mounted: making many files costs more than a mount. */
const mostCopied = 8;

/** Makes it at `folder`, which must not exist. Returns the arguments for bubblewrap that show it. `opened`: what a person opened. */
export function showSettings(folder: string, opened: readonly string[]): string[] {
  mkdirSync(folder, { mode: 0o755 });
  const mounted = settingsOfSystem().flatMap((entry) => show(entry, inFolder(folder, entry)));
  // Under its real path no part of the way is a link, neither there nor in the copy.
  const asked = opened
    .filter((entry) => within(entry, '/etc') && existsSync(entry))
    .map((entry) => realpathSync(entry))
    .filter((entry) => within(entry, '/etc') && entry !== '/etc' && !mounted.some((shown) => within(entry, shown)));
  for (const entry of asked) makePlace(entry, inFolder(folder, entry));
  return [...['--ro-bind', folder, '/etc'], ...[...mounted, ...asked].flatMap((entry) => ['--ro-bind-try', entry, entry])];
}

const inFolder = (folder: string, entry: string): string => path.join(folder, path.relative('/etc', entry));

/** Copies an entry, or makes a place to mount it. Returns what is to be mounted. */
function show(from: string, to: string): string[] {
  try {
    const facts = lstatSync(from);
    if (facts.isSymbolicLink()) symlinkSync(readlinkSync(from), to);
    else if (facts.isFile()) copyFileSync(from, to);
    else if (facts.isDirectory()) {
      const names = readdirSync(from);
      mkdirSync(to, { mode: 0o755 });
      if (names.length > mostCopied || closedParts.some((part) => within(part, from))) return [from];
      return names.flatMap((name) => show(path.join(from, name), path.join(to, name)));
    }
  } catch (error) {
    // What this process itself may not read is not there.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'ENOENT') throw error;
  }
  return [];
}

/** An empty entry of the same kind, unless there is one. */
function makePlace(entry: string, to: string): void {
  if (existsSync(to)) return;
  mkdirSync(path.dirname(to), { recursive: true, mode: 0o755 });
  if (lstatSync(entry).isDirectory()) mkdirSync(to, { mode: 0o755 });
  else writeFileSync(to, '');
}
