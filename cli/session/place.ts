/** Where something was done: people work in several folders and on several branches. */
import { safeGit } from '../../worker/workspace/git.ts';
import { openCheckout, type Checkout } from '../../worker/workspace/repository.ts';
import { terminalLine } from '../../worker/base/encode.ts';

export interface Place {
  readonly folder: string;
  /** Null without git, and where no branch is checked out. */
  readonly branch: string | null;
}

export async function placeOf(checkout: Checkout): Promise<Place> {
  if (!checkout.git) return { folder: checkout.path, branch: null };
  const { code, text } = await safeGit(['symbolic-ref', '--quiet', '--short', 'HEAD'], { gitDir: checkout.git.gitDir, okCodes: [0, 1] });
  return { folder: checkout.path, branch: code === 0 ? text.trim() : null };
}

export const placeAt = async (folder: string): Promise<Place> => await placeOf(await openCheckout(folder));

export const branchLine = ({ branch }: Place): string =>
  branch === null ? 'No branch is checked out there.' : `Branch: ${terminalLine(branch)}.`;
export const placeLine = ({ folder, branch }: Place): string =>
  `In ${terminalLine(folder)}${branch === null ? '' : `, branch ${terminalLine(branch)}`}.`;
