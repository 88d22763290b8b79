import { gateDir } from './clone.ts';
import { safeGit } from './git.ts';
import { ObjectReader, type CommittedFile } from './objectReader.ts';
import { openCheckout } from './repository.ts';

/** Where a result's objects are: the main repository, or the gate's own for a folder without git. */
export async function resultObjects(repositoryPath: string, lineDir: string): Promise<string> {
  const checkout = await openCheckout(repositoryPath);
  return checkout.git?.gitDir ?? gateDir(lineDir);
}

/** No person reads a longer file in a review, and both its sides would stay in the editor's memory. */
const limits = { maxBytes: 20 * 1024 * 1024, idleMs: 30_000 };

/** Files of results, each git directory read by one process as long as there is something to read. */
export class ResultFiles {
  readonly #readers = new Map<string, ObjectReader>();

  /** Null when the commit has no such file. */
  async read(gitDir: string, commit: string, file: string): Promise<CommittedFile | null> {
    if (file.includes('\n')) return await readAlone(gitDir, commit, file);
    const reader = this.#readers.get(gitDir) ?? new ObjectReader(gitDir, limits);
    this.#readers.set(gitDir, reader);
    return await reader.read(commit, file);
  }

  dispose(): void {
    for (const reader of this.#readers.values()) reader.dispose();
  }
}

/** A name with a line break cannot be asked for in git's protocol of lines. */
async function readAlone(gitDir: string, commit: string, file: string): Promise<CommittedFile | null> {
  const { code, stdout } = await safeGit(['cat-file', 'blob', `${commit}:${file}`], { gitDir, okCodes: [0, 128] });
  return code === 0 ? { size: stdout.length, bytes: stdout.length > limits.maxBytes ? null : stdout } : null;
}
