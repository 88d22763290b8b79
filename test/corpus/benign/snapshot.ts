/** What of a folder a command changed, in a form that two runs of it can be compared by. */
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';

export type Files = Readonly<Record<string, string>>;

/** Changes with every git command and says nothing that HEAD and refs do not. */
const noise = /^(?:node_modules|\.git\/(?:index|objects|logs))$/u;

/** Every file, folder and link: mode and content. */
export function look(folder: string): Files {
  const seen: Record<string, string> = {};
  const walk = (at: string): void => {
    for (const entry of readdirSync(path.join(folder, at))) {
      const name = at ? `${at}/${entry}` : entry;
      if (noise.test(name)) continue;
      const file = path.join(folder, name);
      const info = lstatSync(file);
      const mode = (info.mode & 0o7777).toString(8);
      if (info.isSymbolicLink()) seen[name] = `link ${readlinkSync(file)}`;
      else if (info.isDirectory()) {
        seen[name] = `folder ${mode}`;
        walk(name);
      } else if (info.isFile()) seen[name] = `file ${mode} ${createHash('sha256').update(readFileSync(file)).digest('hex')}`;
      else seen[name] = `other ${mode}`;
    }
  };
  walk('');
  return seen;
}

/** Names that tools make up: the parts of them that are chance, a time or a process id. */
const madeUp = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|[\da-f]{16,}|\d{3,}/giu;

/** Names of what is different afterwards, each with what it is now; several with a made-up name are one entry. */
export function changes(before: Files, after: Files): Files {
  const found: Record<string, string[]> = {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)]))
    if (before[name] !== after[name]) (found[name.replace(madeUp, '#')] ??= []).push(after[name] ?? 'gone');
  return Object.fromEntries(Object.entries(found).map(([name, states]) => [name, states.sort().join('\n')]));
}

/** Names that came out differently inside than in every run outside, where those agree on it. */
export function differences(outside: readonly Files[], inside: Files): string[] {
  return [...new Set([...outside, inside].flatMap((files) => Object.keys(files)))].filter((name) => {
    const states = new Set(outside.map((files) => files[name]));
    if (states.has(inside[name])) return false;
    // A file that is new each time must still be there; one that is there sometimes may be there or not.
    return states.size === 1 || inside[name] === undefined;
  });
}

/** Names that differ between runs outside. */
export function unstable(outside: readonly Files[]): string[] {
  return [...new Set(outside.flatMap((files) => Object.keys(files)))].filter(
    (name) => new Set(outside.map((files) => files[name])).size > 1,
  );
}
