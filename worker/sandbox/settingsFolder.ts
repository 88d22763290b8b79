/**
 * What programs see as `/etc`: copies of what is open of it, in one folder that is kept for later runs. So each command has one
 * mount in place of one for every entry; bubblewrap reads the whole mount table for each.
 */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  type Stats,
} from 'node:fs';
import path from 'node:path';
import { within } from '../base/paths.ts';
import { closedParts, settingsOfSystem } from './systemFolders.ts';

/** A run that began longer ago than this uses its folder no more. */
const keptMs = 30 * 86_400_000;

interface Entry {
  readonly from: string;
  /** Relative to `/etc`. */
  readonly name: string;
  readonly facts: Stats;
}

/**
 * Returns the arguments for bubblewrap that show the settings, and the folder they lie in, below `kept`; made where the
 * machine's own are not what they were. `opened`: what a person opened, shown as it is at any moment.
 */
export function showSettings(kept: string, opened: readonly string[]): { readonly args: string[]; readonly folder: string } {
  const entries = settingsOfSystem().flatMap(entriesOf);
  // Under its real path no part of the way is a link, neither there nor in the copy.
  const mounted = opened
    .filter((entry) => within(entry, '/etc') && existsSync(entry))
    .map((entry) => realpathSync(entry))
    .filter((entry) => within(entry, '/etc') && entry !== '/etc');
  mkdirSync(kept, { recursive: true, mode: 0o700 });
  const folder = path.join(realpathSync(kept), stamp(entries, mounted));
  if (!existsSync(folder)) make(folder, entries, mounted);
  utimesSync(folder, new Date(), new Date());
  return { folder, args: [...['--ro-bind', folder, '/etc'], ...mounted.flatMap((entry) => ['--ro-bind-try', entry, entry])] };
}

/** Files, folders and links, each folder before what is in it. What this process itself may not read is not there. */
function entriesOf(from: string): Entry[] {
  if ((closedParts as readonly string[]).includes(from)) return [];
  try {
    const own = { from, name: path.relative('/etc', from), facts: lstatSync(from) };
    if (!own.facts.isDirectory()) return own.facts.isFile() || own.facts.isSymbolicLink() ? [own] : [];
    return [own, ...readdirSync(from).flatMap((name) => entriesOf(path.join(from, name)))];
  } catch (error) {
    return absent(error, []);
  }
}

/** Changes with every change of an entry: each changes one of these. */
function stamp(entries: readonly Entry[], mounted: readonly string[]): string {
  const facts = entries.map(({ name, facts: { ino, size, mtimeMs, ctimeMs } }) => [name, ino, size, mtimeMs, ctimeMs]);
  return createHash('sha256')
    .update(JSON.stringify([facts, mounted]))
    .digest('hex')
    .slice(0, 24);
}

/** Another run may make the same at this moment: who comes first is right. */
function make(folder: string, entries: readonly Entry[], mounted: readonly string[]): void {
  const kept = path.dirname(folder);
  for (const name of readdirSync(kept)) {
    const old = path.join(kept, name);
    // A draft of another run may have got its name since.
    const madeAt = statSync(old, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
    if (madeAt < Date.now() - keptMs) rmSync(old, { recursive: true, force: true });
  }
  const draft = mkdtempSync(path.join(kept, 'draft-'));
  for (const entry of entries) copy(entry, path.join(draft, entry.name));
  for (const entry of mounted) makePlace(entry, path.join(draft, path.relative('/etc', entry)));
  try {
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

function copy({ from, facts }: Entry, to: string): void {
  try {
    if (facts.isDirectory()) mkdirSync(to, { mode: 0o755 });
    else if (facts.isSymbolicLink()) symlinkSync(readlinkSync(from), to);
    else copyFileSync(from, to);
  } catch (error) {
    absent(error, null);
  }
}

function absent<T>(error: unknown, instead: T): T {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'ENOENT') return instead;
  throw error;
}

/** An empty entry of the same kind, unless there is one. */
function makePlace(entry: string, to: string): void {
  if (existsSync(to)) return;
  mkdirSync(path.dirname(to), { recursive: true, mode: 0o755 });
  if (lstatSync(entry).isDirectory()) mkdirSync(to, { mode: 0o755 });
  else writeFileSync(to, '');
}
