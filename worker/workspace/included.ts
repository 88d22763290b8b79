/** `.worktreeinclude`: files that git ignores and a working folder needs all the same, brought along into a clone. */
import { constants } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, readlink, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parentsAreFolders } from './fileState.ts';
import { fields, personGit, safeGit } from './git.ts';
import type { Checkout } from './repository.ts';

/**
 * Copies what the list of the base matches and the person's git ignores, never through a link on either side, nor over what
 * the base has. A link that stays inside the checkout is made again. Returns the links that lead elsewhere.
 */
export async function copyIncluded(checkout: Checkout, base: string, target: string, signal: { signal?: AbortSignal }): Promise<string[]> {
  const gitDir = checkout.git?.gitDir ?? '';
  const list = await safeGit(['cat-file', 'blob', `${base}:.worktreeinclude`], { gitDir, okCodes: [0, 128], ...signal });
  if (list.code !== 0) return [];
  const patterns = path.join(path.dirname(target), 'worktreeinclude');
  await writeFile(patterns, list.stdout);
  const at = { gitDir, workTree: checkout.path, ...signal };
  const ignoredBy = async (rules: string): Promise<string[]> =>
    fields((await personGit(['ls-files', '-z', '--others', '--ignored', rules], at)).stdout);
  const matched = new Set(await ignoredBy(`--exclude-from=${patterns}`));
  await rm(patterns, { force: true });
  const leftOut: string[] = [];
  for (const file of (await ignoredBy('--exclude-standard')).filter((name) => matched.has(name))) {
    const from = path.join(checkout.path, file);
    const info = await lstat(from).catch(() => null);
    if (!info || !(await parentsAreFolders(checkout.path, file)) || !(await parentsAreFolders(target, file))) continue;
    const link = info.isSymbolicLink() ? await innerTarget(checkout.path, from) : null;
    if (info.isSymbolicLink() && link === null) leftOut.push(file);
    if (!info.isFile() && link === null) continue;
    const to = path.join(target, file);
    await mkdir(path.dirname(to), { recursive: true });
    await unlessThere(link === null ? copyFile(from, to, constants.COPYFILE_EXCL) : symlink(link, to)).then(async (isMade) => {
      if (isMade && link === null) await chmod(to, info.mode & 0o777);
    });
  }
  return leftOut;
}

/** Where a link leads, from its own folder, when it and everything behind it stays in the checkout; else null. */
async function innerTarget(top: string, link: string): Promise<string | null> {
  const target = path.resolve(path.dirname(link), await readlink(link));
  const real = await realpath(link).catch(() => target);
  if (![target, real].every((at) => isInside(top, at)) || isInside(path.join(top, '.git'), target)) return null;
  return path.relative(path.dirname(link), target) || '.';
}

const isInside = (top: string, at: string): boolean => at === top || at.startsWith(top + path.sep);

async function unlessThere(making: Promise<unknown>): Promise<boolean> {
  try {
    await making;
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
