/** What the agent tracks: a path that its own commit or index has is not "ignored", whatever the ignore rules say. */
import { open, rm } from 'node:fs/promises';
import path from 'node:path';
import { cloneHead, clonesObjects } from './agentObjects.ts';
import { openBeneath } from './beneath.ts';
import { fields, safeGit, type GitOptions } from './git.ts';

const mostBytes = 512 * 1024 * 1024;

/** Paths that the agent's newest commit or its index has and the base has not. */
export async function agentAdded(clone: string, base: string, git: GitOptions & { gitDir: string }): Promise<Set<string>> {
  const added = new Set<string>();
  const objects = await clonesObjects(clone, git.gitDir);
  const at = { ...git, ...(objects !== null && { alternates: [objects] }), okCodes: [...Array(129).keys()] };
  const note = async (args: readonly string[], where: GitOptions): Promise<void> => {
    const reply = await safeGit([...args, '--raw', '-z', '--no-renames', '--diff-filter=A', '--no-abbrev'], where);
    if (reply.code !== 0) return;
    const parts = fields(reply.stdout);
    for (let index = 0; index + 1 < parts.length; index += 2) added.add(parts[index + 1] ?? '');
  };
  const head = await cloneHead(path.join(clone, '.git'));
  if (head !== null && head !== base && objects !== null) await note(['diff-tree', '-r', base, head], at);
  const indexFile = path.join(git.gitDir, 'agent.index');
  if (await copyIndex(clone, indexFile)) await note(['diff-index', '--cached', base], { ...at, indexFile });
  await rm(indexFile, { force: true });
  return added;
}

/** The agent's index as a plain file of the host's; false when there is none that can be read. */
async function copyIndex(clone: string, to: string): Promise<boolean> {
  const handle = await openBeneath(clone, '.git', 'index');
  if (!handle) return false;
  try {
    const info = await handle.stat();
    if (!info.isFile() || info.size > mostBytes) return false;
    const copy = await open(to, 'w', 0o600);
    try {
      await copy.writeFile(handle.createReadStream({ autoClose: false }));
    } finally {
      await copy.close();
    }
    return true;
  } finally {
    await handle.close();
  }
}
