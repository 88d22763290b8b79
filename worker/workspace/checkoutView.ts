/** How the person's own git sees their checkout: what it has in its index, and what it takes for unchanged. */
import { BelayError } from '../../protocol/errors.ts';
import { fields, personGit } from './git.ts';
import { openCheckout, type Checkout } from './repository.ts';

export interface IndexEntry {
  readonly mode: string;
  readonly id: string;
  /** Git takes the file for there although it is not: a sparse checkout leaves it out. */
  readonly isSkipped: boolean;
}
export interface CheckoutView {
  /** False where git takes no notice of the executable bits on this disk. */
  readonly fileMode: boolean;
  /** False where git writes links as files with the target in them. */
  readonly symlinks: boolean;
  readonly entry: (file: string) => IndexEntry | null;
  /** True where git says that the file stands as its index has it. */
  readonly isUntouched: (file: string) => boolean;
}

/** A folder without git: only bytes and bits tell. */
const plainView: CheckoutView = { fileMode: true, symlinks: true, entry: () => null, isUntouched: () => false };

export async function viewCheckout(checkout: Checkout): Promise<CheckoutView> {
  if (!checkout.git) return plainView;
  const at = { gitDir: checkout.git.gitDir, workTree: checkout.path };
  const isOn = async (key: string): Promise<boolean> =>
    (await personGit(['config', '--type=bool', '--get', key], { ...at, okCodes: [0, 1, 128] })).text !== 'false';
  const entries = new Map<string, IndexEntry>();
  const unsure = new Set<string>();
  for (const [file, entry, tag] of await indexEntries(at)) {
    entries.set(file, entry);
    // Git does not look at these, so a change in them would count as none.
    if (tag !== 'H') unsure.add(file);
  }
  const status = ['status', '--porcelain=v2', '-z', '--no-renames', '--untracked-files=no', '--ignore-submodules=all'];
  for (const line of fields((await personGit(status, at)).stdout)) {
    // "1 XY …" is an ordinary entry, Y what the working tree has; "u …" is one in conflict.
    const [kind = '', states = ''] = line.split(' ', 2);
    const file = line
      .split(' ')
      .slice(kind === 'u' ? 10 : 8)
      .join(' ');
    if (kind === 'u' || states[1] !== '.') unsure.add(file);
  }
  return {
    fileMode: await isOn('core.fileMode'),
    symlinks: await isOn('core.symlinks'),
    entry: (file) => entries.get(file) ?? null,
    isUntouched: (file) => entries.has(file) && !unsure.has(file),
  };
}

interface Place {
  readonly gitDir: string;
  readonly workTree: string;
}

async function indexEntries(at: Place): Promise<[file: string, entry: IndexEntry, tag: string][]> {
  const found: [string, IndexEntry, string][] = [];
  for (const line of fields((await personGit(['ls-files', '-v', '--stage', '-z'], at)).stdout)) {
    const [, tag = '', mode = '', id = '', stage = '', file = ''] = /^(\S) (\d+) (\S+) (\d)\t(.*)$/su.exec(line) ?? [];
    if (stage === '0') found.push([file, { mode, id, isSkipped: tag.toUpperCase() === 'S' }, tag]);
  }
  return found;
}

/** Tells git which of these files it shall take for there although they are not; changes nothing else in its index. */
export async function setSkipped(top: string, files: readonly string[], skip: boolean): Promise<void> {
  const checkout = files.length > 0 ? await openCheckout(top) : null;
  if (!checkout?.git) return;
  const at = { gitDir: checkout.git.gitDir, workTree: checkout.path };
  const wanted = new Set(files);
  const differing = (await indexEntries(at)).filter(([file, entry]) => wanted.has(file) && entry.isSkipped !== skip).map(([file]) => file);
  if (differing.length === 0) return;
  const input = differing.map((file) => `${file}\0`).join('');
  await personGit(['update-index', skip ? '--skip-worktree' : '--no-skip-worktree', '-z', '--stdin'], { ...at, input }).catch(
    (cause: unknown) => {
      throw new BelayError('conflict', "Git's index of the checkout cannot be written. Nothing was changed.", {
        hint: 'Let the git command that works there end, or remove a lock that it left behind, and try again.',
        cause,
      });
    },
  );
}
