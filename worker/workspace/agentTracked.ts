/** What the agent tracks: a path that its own commit or index has is not "ignored", whatever the ignore rules say. */
import { open, rm } from 'node:fs/promises';
import path from 'node:path';
import { cloneHead, clonesObjects } from './agentObjects.ts';
import { openBeneath } from './beneath.ts';
import { fields, safeGit, type GitOptions } from './git.ts';

const mostBytes = 512 * 1024 * 1024;

export interface AgentTracked {
  /** Paths that the agent's newest commit or its index has and the base has not. */
  readonly added: ReadonlySet<string>;
  /** Paths that its index has and that are left out of its folder, as in a sparse checkout; null when that cannot be told. */
  readonly skipped: ReadonlySet<string> | null;
}

export async function agentTracked(clone: string, base: string, git: GitOptions & { gitDir: string }): Promise<AgentTracked> {
  const objects = await clonesObjects(clone, git.gitDir);
  const at = { ...git, ...(objects !== null && { alternates: [objects] }), okCodes: [...Array(129).keys()] };
  const ask = async (args: readonly string[], where: GitOptions): Promise<string[] | null> => {
    const reply = await safeGit(args, where);
    return reply.code === 0 ? fields(reply.stdout) : null;
  };
  const added = ['--name-only', '-z', '--no-renames', '--diff-filter=A'];
  const head = await cloneHead(path.join(clone, '.git'));
  const committed = head !== null && head !== base && objects !== null ? await ask(['diff-tree', '-r', ...added, base, head], at) : [];
  const indexFile = path.join(git.gitDir, 'agent.index');
  const hasIndex = await copyIndex(clone, indexFile);
  const staged = hasIndex ? await ask(['diff-index', '--cached', ...added, base], { ...at, indexFile }) : null;
  const entries = hasIndex ? await ask(['ls-files', '-t', '-z'], { ...at, indexFile }) : null;
  await rm(indexFile, { force: true });
  const skipped = entries && new Set(entries.filter((entry) => entry.startsWith('S ')).map((entry) => entry.slice(2)));
  return { added: new Set([...(committed ?? []), ...(staged ?? [])]), skipped };
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
