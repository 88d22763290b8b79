import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { isBelayError } from '../../../../protocol/errors.ts';
import { acceptResult, undoAccept } from '../../../../worker/workspace/accept.ts';
import type { AcceptRequest } from '../../../../worker/workspace/acceptPlan.ts';
import { createClone } from '../../../../worker/workspace/clone.ts';
import { runGate } from '../../../../worker/workspace/gate.ts';
import type { GateOutcome } from '../../../../worker/workspace/types.ts';
import { fingerprint, git, makeRepository, removeTempFolders, tempFolder, writeFiles } from '../../../support/repository.ts';

/** Puts another repository at `inner` into a checkout, without a trace in what the checkout tracks. */
const ways: Record<string, (repo: string) => void> = {
  'a nested clone': (repo) => {
    git(repo, 'init', '--quiet', 'inner');
  },
  'a bare repository': (repo) => {
    git(repo, 'init', '--quiet', '--bare', 'inner');
  },
  'a linked checkout': (repo) => {
    git(repo, 'worktree', 'add', '--quiet', '--detach', 'inner');
  },
  "a submodule's folder": (repo) => {
    git(repo, 'clone', '--quiet', '--separate-git-dir', path.join(tempFolder(), 'modules'), makeRepository({ 'x.txt': 'x\n' }), 'inner');
  },
  'a git directory of a linked checkout': (repo) => {
    writeFiles(repo, { 'inner/HEAD': 'ref: refs/heads/main\n', 'inner/commondir': '../.git\n' });
  },
};
const ignore = (repo: string): void => {
  writeFiles(repo, { '.git/info/exclude': 'inner\n' });
};

async function handedOver(repo: string, files: Record<string, string>): Promise<{ request: AcceptRequest; outcome: GateOutcome }> {
  const lineDir = path.join(tempFolder(), 'line');
  const clone = await createClone({ repositoryPath: repo, lineDir, sessionId: 'ses_a', base: { kind: 'head' } });
  writeFiles(clone.path, files);
  git(clone.path, 'add', '--force', '-A');
  const outcome = await runGate({ repositoryPath: repo, lineDir, clone, sessionId: 'ses_a', fence: 1, subject: 'Result' });
  const { baseCommit, headCommit } = outcome;
  const recordsDir = path.join(tempFolder(), 'accepts');
  const request = { recordsDir, repositoryPath: repo, lineDir, sessionId: 'ses_a', baseCommit, headCommit: headCommit ?? '', leaveOut: [] };
  return { request, outcome };
}
const refused = (error: unknown): boolean => isBelayError(error, 'conflict') && /^inner is another repository/u.test(error.message);

describe('a folder of another repository in the checkout', function () {
  this.timeout(30_000);
  afterEach(removeTempFolders);

  for (const [what, put] of Object.entries(ways))
    it(`is never written to: ${what}`, async () => {
      const repo = makeRepository({ 'a.txt': 'a\n' });
      put(repo);
      ignore(repo);
      const inner = fingerprint(path.join(repo, 'inner'));
      const { request, outcome } = await handedOver(repo, { 'inner/deep/config.txt': 'x\n', 'inner/notes.txt': 'x\n', 'a.txt': 'b\n' });
      assert.deepEqual(
        outcome.files.map((file) => file.path),
        ['a.txt'],
      );
      for (const name of ['inner/deep/config.txt', 'inner/notes.txt'])
        assert.equal(outcome.heldBack.find((entry) => entry.path === name)?.reason, 'inner in your checkout is another repository');
      await acceptResult(request);
      assert.deepEqual(fingerprint(path.join(repo, 'inner')), inner);

      // One that came after the hand-over.
      rmSync(path.join(repo, 'inner'), { recursive: true });
      git(repo, 'worktree', 'prune');
      const later = await handedOver(repo, { 'inner/notes.txt': 'x\n', 'a.txt': 'c\n' });
      put(repo);
      const all = fingerprint(repo);
      await assert.rejects(acceptResult(later.request), refused);
      assert.deepEqual(fingerprint(repo), all);
    });

  it('is not made one by what a result adds', async () => {
    const repo = makeRepository({ 'a.txt': 'a\n' });
    for (const name of ['objects', 'refs']) mkdirSync(path.join(repo, 'inner', name), { recursive: true });
    const { outcome } = await handedOver(repo, { 'inner/HEAD': 'ref: refs/heads/main\n', 'inner/read.txt': 'x\n' });
    assert.deepEqual(outcome.files, []);
  });

  it('stays as it is when a result is undone', async () => {
    const repo = makeRepository({ 'a.txt': 'a\n' });
    const { request } = await handedOver(repo, { 'inner/notes.txt': 'x\n' });
    await acceptResult(request);
    git(repo, 'init', '--quiet', 'inner');
    const all = fingerprint(repo);
    await assert.rejects(undoAccept(request.recordsDir, 'ses_a'), refused);
    assert.deepEqual(fingerprint(repo), all);
  });
});
