/** What the person's git ignores beside the `.gitignore` files of the repository: in this repository, and everywhere. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { personGit } from './git.ts';
import type { Checkout } from './repository.ts';

/** Makes a git directory of ours ignore what the person's git does in this checkout. */
export async function takeOverIgnores(checkout: Checkout, gitDir: string): Promise<void> {
  if (!checkout.git) return;
  // Of two rules on a path the later one counts, and those of the repository count more.
  const rules = [await readRules(await everywhere(checkout)), await readRules(path.join(checkout.git.commonDir, 'info', 'exclude'))];
  await mkdir(path.join(gitDir, 'info'), { recursive: true });
  await writeFile(path.join(gitDir, 'info', 'exclude'), Buffer.concat(rules));
}

/** The file with what the person ignores in all repositories. */
async function everywhere(checkout: Checkout): Promise<string> {
  const gitDir = checkout.git?.gitDir ?? '';
  const named = await personGit(['config', '--type=path', '--get', 'core.excludesFile'], { gitDir, okCodes: [0, 1] });
  if (named.code === 0) return path.resolve(checkout.path, named.text);
  return path.join(process.env['XDG_CONFIG_HOME'] || path.join(homedir(), '.config'), 'git', 'ignore');
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** The rules as whole lines; none where there is no such file. */
async function readRules(file: string): Promise<Buffer> {
  const bytes = await readFile(file).catch(() => Buffer.alloc(0));
  const text = bytes.subarray(0, 3).equals(byteOrderMark) ? bytes.subarray(3) : bytes;
  return Buffer.concat([text, Buffer.from('\n')]);
}
