/**
 * Deletes a folder whatever an agent left in it: folders that nobody may write to (package caches make such), and folders
 * deeper than a path may be long. Never follows a link.
 */
import { chmod, lstat, readdir, rename, rm, rmdir, unlink } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import path from 'node:path';

/** `aside`: a folder on the same disk that is ours alone; what is in the way is moved there. */
export async function removeTree(folder: string, aside: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    await takeApart(folder, aside);
  }
}

/** Moves each folder out before it is emptied, so that every path stays short. */
async function takeApart(folder: string, aside: string): Promise<void> {
  const waiting = [folder];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    await chmod(next, 0o700);
    for (const name of await readdir(next, { encoding: 'buffer' })) {
      const at = Buffer.concat([Buffer.from(next + path.sep), name]);
      if (!(await lstat(at)).isDirectory()) {
        await unlink(at);
        continue;
      }
      // A folder that may not be written to cannot be moved either.
      await chmod(at, 0o700);
      const moved = path.join(aside, `part-${randomUUID()}`);
      await rename(at, moved);
      waiting.push(moved);
    }
    await rmdir(next);
  }
}
