/** Folders of a checkout that are another repository's: nested clones, linked checkouts, submodules, bare ones, also those git ignores. */
import { lstatSync, type Stats } from 'node:fs';
import path from 'node:path';

/** What stands at a path, or nothing: also where a file stands on the way to it. */
function look(file: string): Stats | null {
  try {
    return lstatSync(file);
  } catch {
    return null;
  }
}

/**
 * Tells the folder of another repository that a path lies in, or null. Names fold where the file system folds them.
 * `planned`: paths that will stand there, too; they may complete what only looks like a folder.
 */
export function foreignFolders(top: string, planned: readonly string[] = []): (file: string) => string | null {
  const folders = new Map<string, boolean>();
  const coming = new Set(planned.flatMap((file) => file.split('/').map((_, depth, parts) => parts.slice(0, depth + 1).join('/'))));
  const isForeign = (folder: string): boolean => {
    const stands = (name: string): boolean => look(path.join(top, folder, name)) !== null;
    const has = (name: string): boolean => coming.has(`${folder}/${name}`) || stands(name);
    if (look(path.join(top, folder))?.isDirectory() !== true) return false;
    return stands('.git') || (has('HEAD') && ((has('objects') && has('refs')) || has('commondir')));
  };
  return (file) => {
    const parts = file.split('/');
    for (let depth = 1; depth < parts.length; depth += 1) {
      const folder = parts.slice(0, depth).join('/');
      const foreign = folders.get(folder) ?? isForeign(folder);
      folders.set(folder, foreign);
      if (foreign) return folder;
    }
    return null;
  };
}
