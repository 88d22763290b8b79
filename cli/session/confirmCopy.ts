/** A folder without git is copied whole for a run: the person says yes to that, with its size before them. */
import { createInterface } from 'node:readline/promises';
import { BelayError } from '../../protocol/errors.ts';
import { copySize, type BoundRepository } from '../../worker/queue/queueSession.ts';
import { terminalLine } from '../../worker/base/encode.ts';
import { megabytes } from '../../worker/workspace/plainFolder.ts';
import { fileCount } from '../base/output.ts';

/** Throws where the person did not say yes, by `--copy` or at the terminal. */
export async function confirmCopy(repository: BoundRepository, hasSaidYes: boolean, stateDir: string): Promise<void> {
  const size = await copySize(repository, stateDir);
  if (size === null || hasSaidYes) return;
  const much = `${size.isMore ? 'more than ' : ''}${fileCount(size.files)}, ${megabytes(size)} MB`;
  const what = `${terminalLine(repository.checkout.path)} is no git repository: a run would work in a copy of all of it (${much}).`;
  if (process.stdin.isTTY && process.stderr.isTTY) {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    const answer = await lines.question(`${what} Copy it? [y/N] `).finally(() => {
      lines.close();
    });
    if (/^y(?:es)?$/iu.test(answer.trim())) return;
  }
  throw new BelayError('bad_request', what, { hint: 'Say --copy, or make it a repository with "git init".' });
}
