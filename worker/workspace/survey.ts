/** A look at an agent's folder before git reads it: at what git would stumble over, and at what it passes over without a word. */
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { BelayError } from '../../protocol/errors.ts';
import type { HeldBack } from './types.ts';
import { unreadable } from './unreadable.ts';

export interface Survey {
  /** Folders with a `.git` of their own: git records them as links and hides their files. */
  readonly nested: readonly string[];
  /** Folders that nobody may look into. */
  readonly closed: readonly string[];
  /** Files that git reads wherever it comes along, and had better not. */
  readonly covered: readonly HeldBack[];
}

const readOnTheWay: ReadonlySet<string> = new Set(['.gitignore', '.gitattributes']);
const most = { nested: 100, closed: 1000, covered: 500 } as const;

export async function surveyFolder(top: string, limits: { readonly fileBytes: number }): Promise<Survey> {
  if ((await kindOf(top)) !== 'open')
    throw new BelayError('conflict', 'The working folder of the agent is not a folder any more, or one that nobody may look into.', {
      hint: 'Discard the result and start again.',
    });
  const found = { nested: [] as string[], closed: [] as string[], covered: [] as HeldBack[] };
  const look = async (folder: string): Promise<void> => {
    for (const entry of await readdir(path.join(top, folder), { withFileTypes: true }).catch(() => [])) {
      const at = path.posix.join(folder, entry.name);
      if (entry.name === '.git') {
        if (folder !== '' && found.nested.length < most.nested && !/(?:^|\/)node_modules(?:\/|$)/u.test(folder)) found.nested.push(folder);
      } else if (entry.isDirectory()) await enter(at);
      else if (readOnTheWay.has(entry.name)) await weigh(at);
    }
  };
  const enter = async (folder: string): Promise<void> => {
    const kind = await kindOf(path.join(top, folder));
    if (kind === 'open') await look(folder);
    if (kind === 'closed' && found.closed.length < most.closed) found.closed.push(folder);
  };
  const weigh = async (file: string): Promise<void> => {
    const reason = await unreadable(path.join(top, file), limits);
    if (reason === null) return;
    if (found.covered.length >= most.covered)
      throw new BelayError(
        'conflict',
        `The working folder of the agent has more than ${most.covered} files of rules that git cannot read.`,
        {
          hint: `Remove them, ${file} among them, and try again.`,
        },
      );
    found.covered.push({ path: file, reason });
  };
  await look('');
  return found;
}

/** Whether git, without any rights of root, may look into a folder of ours. */
async function kindOf(folder: string): Promise<'open' | 'closed' | 'none'> {
  const info = await lstat(folder).catch(() => null);
  if (info?.isDirectory() !== true) return 'none';
  return process.platform === 'win32' || (info.mode & 0o500) === 0o500 ? 'open' : 'closed';
}
