/**
 * Commits the agent made in its clone, read as data: the objects are read through the gate's own repository,
 * so nothing the agent configured is looked at, let alone run.
 */
import { clonesObjects } from '../workspace/agentObjects.ts';
import { clonePath } from '../workspace/clone.ts';
import { gateReading } from '../workspace/gateRoom.ts';
import { safeGit } from '../workspace/git.ts';

/** Commits of a line's clone that are reachable from `to` and not from `from`, oldest first, at most 100. */
export async function commitsBetween(lineDir: string, from: string, to: string): Promise<{ commit: string; subject: string }[]> {
  if (from === to) return [];
  const git = gateReading(lineDir);
  const objects = await clonesObjects(clonePath(lineDir), git.gitDir);
  if (objects === null) return [];
  const reply = await safeGit(['rev-list', '--reverse', '--max-count=100', '--format=%x00%s', '--end-of-options', to, `^${from}`], {
    ...git,
    alternates: [objects],
    okCodes: [0, 128],
  });
  if (reply.code !== 0) return [];
  return [...reply.text.matchAll(/^commit ([0-9a-f]+)\n\0(.*)$/gm)].map((match) => ({
    commit: match[1] ?? '',
    subject: (match[2] ?? '').slice(0, 1000),
  }));
}
