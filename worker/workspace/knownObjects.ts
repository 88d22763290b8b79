/**
 * Git checks each object that is handed over, and with it what the new folders name of the base. What the base holds already is
 * no new danger, and must not stop a hand-over that did not touch it.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { foldName } from '../policy/fold.ts';
import { treeEntries } from './diff.ts';
import type { GitOptions } from './git.ts';

const checked: ReadonlySet<string> = new Set(['.gitattributes', '.gitmodules', '.gitignore', '.mailmap'].map(foldName));

/** Writes the list of objects that git need not check: files of the base that it looks into. Returns its name in the git directory: git takes the list apart where a path has blanks or commas. */
export async function listKnown(base: string, git: GitOptions & { gitDir: string }): Promise<string> {
  const known = (await treeEntries(base, git)).filter((entry) => checked.has(foldName(path.posix.basename(entry.path))));
  const name = 'known-objects';
  await writeFile(path.join(git.gitDir, name), known.map((entry) => `${entry.id}\n`).join(''));
  return name;
}
