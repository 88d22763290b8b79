/** Takes working folders away: in two steps, never through links, and never one that still matters. */
import { lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { safeGit } from './git.ts';
import { openCheckout } from './repository.ts';

/** Moves the line's folder aside, then deletes it. A second start finishes a deletion that was cut short. */
export async function removeLine(linesDir: string, lineId: string): Promise<void> {
  const trash = path.join(linesDir, '.trash');
  await mkdir(trash, { recursive: true, mode: 0o700 });
  const from = path.join(linesDir, lineId);
  if (await lstat(from).catch(() => null)) await rename(from, path.join(trash, `${lineId}-${process.pid}-${performance.now()}`));
  await emptyTrash(linesDir);
}

export async function emptyTrash(linesDir: string): Promise<void> {
  const trash = path.join(linesDir, '.trash');
  for (const name of await readdir(trash).catch(() => [])) {
    // Agents leave read-only folders behind (package caches do).
    await rm(path.join(trash, name), { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Drops the refs that kept a discarded session's objects. */
export async function dropRefs(repositoryPath: string, sessionId: string): Promise<void> {
  await dropMatching(repositoryPath, [`refs/belay/base/${sessionId}`, `refs/belay/sessions/${sessionId}-*`]);
}

/** Drops the snapshots of uncommitted work that are this commit. What a session made of it keeps its objects itself. */
export async function dropSnapshots(repositoryPath: string, commit: string): Promise<void> {
  await dropMatching(repositoryPath, [`--points-at=${commit}`, 'refs/belay/snapshots']);
}

async function dropMatching(repositoryPath: string, which: readonly string[]): Promise<void> {
  const checkout = await openCheckout(repositoryPath);
  if (!checkout.git) return;
  const at = { gitDir: checkout.git.gitDir };
  // A commit that is not here any more has no refs.
  const names = await safeGit(['for-each-ref', '--format=%(refname)', ...which], { ...at, okCodes: [0, 128, 129] });
  const commands = names.text
    .split('\n')
    .filter(Boolean)
    .map((name) => `delete ${name}\n`);
  if (commands.length > 0) await safeGit(['update-ref', '--stdin'], { ...at, input: commands.join('') });
}
