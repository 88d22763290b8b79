/** What the gate's git sees: the agent's folder and what it borrows to read, and the gate's own repository. */
import type { ReadingRoom } from '../sandbox/readingRoom.ts';
import { borrowedObjects } from './baseObjects.ts';
import { clonePath, gateDir } from './clone.ts';
import type { GitOptions } from './git.ts';

/** The gate's repository, for calls that read the clone of the line. */
export function gateReading(lineDir: string, signal?: AbortSignal): GitOptions & { gitDir: string; room: ReadingRoom } {
  const gitDir = gateDir(lineDir);
  return {
    gitDir,
    room: { readable: [clonePath(lineDir), borrowedObjects(lineDir)], writable: [gitDir] },
    ...(signal && { signal }),
  };
}
