/** Takes working folders away: in two steps, never through links, and never one that still matters. */
import { lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { safeGit } from './git.ts';
import { openCheckout } from './repository.ts';

export interface LineStanding {
  readonly running: boolean;
  /** Its newest result was accepted or discarded, or it never had one. */
  readonly settled: boolean;
}

/** Why a line's folder must stay, or null when it may go. */
export function keepReason(standing: LineStanding): string | null {
  if (standing.running) return 'A session is still running in it.';
  if (!standing.settled) return 'Its result is neither accepted nor discarded.';
  return null;
}

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
  const checkout = await openCheckout(repositoryPath);
  if (!checkout.git) return;
  const at = { gitDir: checkout.git.gitDir };
  const names = await safeGit(
    [
      'for-each-ref',
      '--format=%(refname)',
      `refs/belay/base/${sessionId}`,
      `refs/belay/snapshots/${sessionId}`,
      `refs/belay/sessions/${sessionId}-*`,
    ],
    at,
  );
  const commands = names.text
    .split('\n')
    .filter(Boolean)
    .map((name) => `delete ${name}\n`);
  if (commands.length > 0) await safeGit(['update-ref', '--stdin'], { ...at, input: commands.join('') });
}

/** Bytes on disk of a line's folder, links not followed. */
export async function lineBytes(folder: string): Promise<number> {
  let total = 0;
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const at = path.join(folder, entry.name);
    if (entry.isDirectory()) total += await lineBytes(at);
    else total += (await lstat(at).catch(() => null))?.size ?? 0;
  }
  return total;
}
