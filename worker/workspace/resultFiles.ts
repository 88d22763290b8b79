import { gateDir } from './clone.ts';
import { safeGit } from './git.ts';
import { openCheckout } from './repository.ts';

/** Where a result's objects are: the main repository, or the gate's own for a folder without git. */
export async function resultObjects(repositoryPath: string, lineDir: string): Promise<string> {
  const checkout = await openCheckout(repositoryPath);
  return checkout.git?.gitDir ?? gateDir(lineDir);
}

/** One file of a commit as bytes; null when the commit has no such file. */
export async function committedFile(gitDir: string, commit: string, file: string): Promise<Buffer | null> {
  const reply = await safeGit(['cat-file', 'blob', `${commit}:${file}`], { gitDir, okCodes: [0, 128] });
  return reply.code === 0 ? reply.stdout : null;
}
