/** What the gate's git sees: the agent's folder and what it borrows to read, and the gate's own repository. */
import path from 'node:path';
import type { ReadingRoom } from '../sandbox/readingRoom.ts';
import { borrowedObjects } from './baseObjects.ts';
import { clonePath, gateDir } from './clone.ts';
import type { GitOptions } from './git.ts';
import type { Survey } from './survey.ts';

type GateReading = GitOptions & { readonly gitDir: string; readonly room: ReadingRoom };

/** The gate's repository, for calls that read the clone of the line. */
export function gateReading(lineDir: string, signal?: AbortSignal): GateReading {
  const gitDir = gateDir(lineDir);
  return {
    gitDir,
    room: { readable: [clonePath(lineDir), borrowedObjects(lineDir)], writable: [gitDir] },
    ...(signal && { signal }),
  };
}

/** The same without the files that git must not come upon. */
export function covering({ covered }: Survey, git: GateReading): GateReading {
  const clone = git.room.readable[0] ?? '';
  return { ...git, room: { ...git.room, covered: covered.map((file) => path.join(clone, file.path)) } };
}
