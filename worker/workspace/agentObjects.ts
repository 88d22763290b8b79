/** Reads the git directory of the agent's clone as files, and its objects as data. Nothing configured there is looked at. */
import { lstat, readFile } from 'node:fs/promises';
import path from 'node:path';
import { openBeneath } from './beneath.ts';
import { safeGit, type GitOptions } from './git.ts';

/**
 * The clone's objects, for one reading by the gate; null when they are not as the host made them. Git would follow
 * `alternates` that the agent wrote to any repository of the person.
 */
export async function clonesObjects(clone: string, gate: string): Promise<string | null> {
  const objects = path.join(clone, '.git', 'objects');
  for (const folder of [path.join(clone, '.git'), objects, path.join(objects, 'info')])
    if (!(await lstat(folder).catch(() => null))?.isDirectory()) return null;
  const file = path.join('info', 'alternates');
  const there = await lstat(path.join(objects, file)).catch(() => null);
  if (!there) return objects;
  const own = await readFile(path.join(gate, 'objects', file), 'utf8').catch(() => null);
  return own !== null && (await readPlain(path.join(clone, '.git'), 'objects', file)) === own.trim() ? objects : null;
}

/** How many commits the agent made on the base; 0 when it cannot be told. */
export async function countAgentCommits(clone: string, base: string, git: GitOptions & { gitDir: string }): Promise<number> {
  const head = await cloneHead(path.join(clone, '.git'));
  const objects = await clonesObjects(clone, git.gitDir);
  if (!head || !objects) return 0;
  const reply = await safeGit(['rev-list', '--count', '--end-of-options', `${base}..${head}`], {
    ...git,
    alternates: [objects],
    okCodes: [0, 1, 128],
  });
  return reply.code === 0 ? Number(reply.text) || 0 : 0;
}

/** The commit the clone's HEAD names, read without git and without following links. Null when it cannot be told. */
export async function cloneHead(gitDir: string): Promise<string | null> {
  const isId = (text: string | null | undefined): text is string => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/u.test(text ?? '');
  const head = await readPlain(gitDir, 'HEAD');
  const name = /^ref: (refs\/[^\0\n]+)$/u.exec(head ?? '')?.[1];
  if (!name) return isId(head) ? head : null;
  if (name.split('/').includes('..')) return null;
  const loose = await readPlain(gitDir, name);
  if (isId(loose)) return loose;
  const packed = await readPlain(gitDir, 'packed-refs');
  const line = packed?.split('\n').find((entry) => entry.endsWith(` ${name}`));
  return isId(line?.split(' ')[0]) ? (line?.split(' ')[0] ?? null) : null;
}

/** The text of a small plain file in the clone's git directory, through no link and without waiting for anybody. */
export async function readPlain(gitDir: string, ...names: readonly string[]): Promise<string | null> {
  const handle = await openBeneath(path.dirname(gitDir), path.basename(gitDir), ...names);
  if (!handle) return null;
  try {
    const info = await handle.stat();
    if (!info.isFile() || info.size > 4 * 1024 * 1024) return null;
    return (await handle.readFile('utf8')).trim();
  } finally {
    await handle.close();
  }
}
