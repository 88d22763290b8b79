/**
 * Commits the agent made in its clone, read as data: HEAD is followed by hand and the objects are read
 * through the gate's own repository, so nothing the agent configured is looked at, let alone run.
 */
import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { safeGit } from '../workspace/git.ts';

export interface CloneReader {
  /** The clone's working folder. */
  readonly clone: string;
  /** A bare repository of the host that sees the main repository's objects. */
  readonly gateDir: string;
}
const commitName = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

/** The commit HEAD of the clone names, or null where it cannot be told. */
export async function cloneHead(reader: CloneReader): Promise<string | null> {
  const gitDir = path.join(reader.clone, '.git');
  const head = await readSmall(path.join(gitDir, 'HEAD'));
  if (head === null) return null;
  if (commitName.test(head)) return head;
  const ref = /^ref: (refs\/[^\s]+)$/.exec(head)?.[1];
  if (ref === undefined || ref.split('/').some((part) => part === '..' || part === '')) return null;
  const loose = await readSmall(path.join(gitDir, ref));
  if (loose !== null) return commitName.test(loose) ? loose : null;
  const packed = await readFile(path.join(gitDir, 'packed-refs'), 'utf8').catch(() => '');
  return (
    packed
      .split('\n')
      .find((line) => line.endsWith(` ${ref}`))
      ?.split(' ')[0] ?? null
  );
}

/** Commits reachable from `to` and not from `from`, oldest first, at most 100. */
export async function commitsBetween(reader: CloneReader, from: string, to: string): Promise<{ commit: string; subject: string }[]> {
  if (from === to) return [];
  const reply = await safeGit(['rev-list', '--reverse', '--max-count=100', '--format=%x00%s', to, `^${from}`], {
    gitDir: reader.gateDir,
    alternates: [path.join(reader.clone, '.git', 'objects')],
    okCodes: [0, 128],
  });
  if (reply.code !== 0) return [];
  return [...reply.text.matchAll(/^commit ([0-9a-f]+)\n\0(.*)$/gm)].map((match) => ({
    commit: match[1] ?? '',
    subject: (match[2] ?? '').slice(0, 1000),
  }));
}

/** A short regular file's text, never through a link. */
async function readSmall(file: string): Promise<string | null> {
  const handle = await open(file, 'r').catch(() => null);
  if (!handle) return null;
  try {
    const info = await handle.stat();
    if (!info.isFile() || info.size > 4096) return null;
    return (await handle.readFile('utf8')).trim();
  } finally {
    await handle.close();
  }
}
