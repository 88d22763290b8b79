/** How many runs of a repository one machine has: what its workflow file may limit, over all windows and terminals. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { inState } from '../base/stateFolder.ts';
import { withLock } from '../base/lock.ts';
import { readPrivate } from '../base/privateFiles.ts';
import { isSameProcess } from '../run/processes.ts';
import { runFolders, startingMs } from '../run/recover.ts';
import { HostRecord, runFiles, RunSpec } from '../run/spec.ts';

/** A start takes a moment only. */
const lockWaitMs = 20_000;

/** Runs of the repository whose hosts live, or are just starting. */
export function liveRuns(stateDir: string, repositoryId: string): number {
  return runFolders(stateDir).filter((runDir) => isLiveRun(runDir, repositoryId)).length;
}

function isLiveRun(runDir: string, repositoryId: string): boolean {
  const file = path.join(runDir, runFiles.spec);
  const record = readPrivate(path.join(runDir, runFiles.host), HostRecord);
  // The specification is the larger file: it is read of those alone that count.
  const lives = record === null ? isYoung(file) : !record.settled && isSameProcess(record.host);
  return lives && readPrivate(file, RunSpec)?.grant.session.repositoryId === repositoryId;
}

function isYoung(file: string): boolean {
  const made = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  return made !== undefined && Date.now() - made < startingMs;
}

/**
 * Starts a run if the repository has room for it, else returns null. Two windows that claimed at the same moment are
 * asked one after the other.
 */
export async function startWithin<T>(stateDir: string, repositoryId: string, limit: number, start: () => Promise<T>): Promise<T | null> {
  if (limit === Infinity) return await start();
  const busy = 'Another window is starting a run of this repository.';
  return await withLock(inState(stateDir, 'startingLock'), lockWaitMs, busy, async () =>
    liveRuns(stateDir, repositoryId) < limit ? await start() : null,
  );
}
