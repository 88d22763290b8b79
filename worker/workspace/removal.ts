/** Takes working folders away: in two steps, never through links, and never one that still matters. */
import { lstat, mkdir, readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { BelayError, messageOf } from '../../protocol/errors.ts';
import { safeGit } from './git.ts';
import { removeTree } from './removeTree.ts';
import { openCheckout } from './repository.ts';

/** Moves the line's folder aside, then deletes it. A second start finishes a deletion that was cut short. */
export async function removeLine(linesDir: string, lineId: string): Promise<void> {
  const trash = path.join(linesDir, '.trash');
  await mkdir(trash, { recursive: true, mode: 0o700 });
  const from = path.join(linesDir, lineId);
  if (await lstat(from).catch(() => null)) await rename(from, path.join(trash, `${lineId}-${process.pid}-${performance.now()}`));
  // What cannot be deleted now stays aside for the next start, which says so.
  await emptyTrash(linesDir).catch(() => undefined);
}

/** Deletes everything there, the rest also where one folder cannot be deleted; then says which. */
export async function emptyTrash(linesDir: string): Promise<void> {
  const trash = path.join(linesDir, '.trash');
  const stuck: string[] = [];
  let why: unknown;
  for (const name of await readdir(trash).catch(() => [])) {
    await removeTree(path.join(trash, name), trash).catch((error: unknown) => {
      stuck.push(name);
      why = error;
    });
  }
  if (stuck.length > 0)
    throw new BelayError(
      'conflict',
      `These discarded folders could not be deleted: ${stuck.join(', ').slice(0, 500)} (${messageOf(why)})`,
      {
        hint: `Delete what is in ${trash}. It is in nobody's way.`,
      },
    );
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
