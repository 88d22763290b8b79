/**
 * Commits the agent made in its clone, read as data: the objects are read through the gate's own repository,
 * so nothing the agent configured is looked at, let alone run.
 */
import { clonesObjects } from '../workspace/agentObjects.ts';
import { safeGit } from '../workspace/git.ts';

export interface CloneReader {
  /** The clone's working folder. */
  readonly clone: string;
  /** A bare repository of the host that sees the main repository's objects. */
  readonly gateDir: string;
}

/** Commits reachable from `to` and not from `from`, oldest first, at most 100. */
export async function commitsBetween(reader: CloneReader, from: string, to: string): Promise<{ commit: string; subject: string }[]> {
  if (from === to) return [];
  const objects = await clonesObjects(reader.clone, reader.gateDir);
  if (objects === null) return [];
  const reply = await safeGit(['rev-list', '--reverse', '--max-count=100', '--format=%x00%s', '--end-of-options', to, `^${from}`], {
    gitDir: reader.gateDir,
    alternates: [objects],
    okCodes: [0, 128],
  });
  if (reply.code !== 0) return [];
  return [...reply.text.matchAll(/^commit ([0-9a-f]+)\n\0(.*)$/gm)].map((match) => ({
    commit: match[1] ?? '',
    subject: (match[2] ?? '').slice(0, 1000),
  }));
}
