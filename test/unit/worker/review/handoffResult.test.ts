import assert from 'node:assert/strict';
import path from 'node:path';
import { aHandoff } from '../../../builders/handoff.ts';
import type { SessionResult } from '../../../../protocol/records.ts';
import type { BelayApi } from '../../../../protocol/typedClient.ts';
import { recordHandoffResult, resultCandidates } from '../../../../worker/review/handoffResult.ts';
import { openCheckout } from '../../../../worker/workspace/repository.ts';
import { ResultFiles } from '../../../../worker/workspace/resultFiles.ts';
import { git, makeRepository, removeTempFolders, tempFolder, writeFiles } from '../../../support/repository.ts';

const text = Array.from({ length: 20 }, (_, index) => `line ${index}\n`).join('');

describe('the recorded result of a hand-off', () => {
  afterEach(removeTempFolders);

  async function recorded(repo: string, baseCommit: string, kind: 'branch' | 'uncommitted'): Promise<SessionResult> {
    const handoff = aHandoff({ baseCommit });
    const stored: SessionResult[] = [];
    const api = {
      closeHandoff: ({ body }: { body: { result: SessionResult } }) => Promise.resolve(stored.push(body.result)),
    } as unknown as BelayApi;
    const checkout = await openCheckout(repo);
    const candidate = (await resultCandidates(checkout, handoff, 'BUG-1')).find((one) => one.kind === kind);
    assert.ok(candidate);
    await recordHandoffResult(api, tempFolder(), checkout, handoff, candidate);
    assert.ok(stored[0]);
    return stored[0];
  }

  it('has a move as one, with the lines that changed on the way', async () => {
    const repo = makeRepository({ 'old.txt': text, 'gone.txt': 'gone\n', 'Makefile.txt': `make\n${text}` });
    const base = git(repo, 'rev-parse', 'HEAD');
    git(repo, 'checkout', '--quiet', '-b', 'BUG-1');
    git(repo, 'mv', 'old.txt', 'new.txt');
    git(repo, 'mv', 'Makefile.txt', 'Makefile');
    git(repo, 'rm', '--quiet', 'gone.txt');
    writeFiles(repo, { 'new.txt': `${text}more\n` });
    git(repo, 'commit', '--quiet', '-am', 'BUG-1: Move');
    git(repo, 'checkout', '--quiet', 'main');
    const result = await recorded(repo, base, 'branch');
    assert.deepEqual(
      result.files.map((file) => [file.status, file.oldPath, file.path, file.class]),
      [
        ['renamed', 'Makefile.txt', 'Makefile', 'host_executed'],
        ['deleted', null, 'gone.txt', 'ordinary'],
        ['renamed', 'old.txt', 'new.txt', 'ordinary'],
      ],
    );
    assert.deepEqual([result.added, result.deleted], [1, 1]);
  });

  it('can be looked at again when its branch and the commit it began with are gone', async () => {
    for (const kind of ['branch', 'uncommitted'] as const) {
      const repo = makeRepository({ 'a.txt': 'a\n' });
      git(repo, 'commit', '--quiet', '--amend', '-m', 'Base');
      const base = git(repo, 'rev-parse', 'HEAD');
      if (kind === 'branch') git(repo, 'checkout', '--quiet', '-b', 'BUG-1');
      writeFiles(repo, { 'a.txt': 'A\n' });
      if (kind === 'branch') {
        git(repo, 'commit', '--quiet', '-am', 'BUG-1');
        git(repo, 'checkout', '--quiet', 'main');
      }
      const { baseCommit, headCommit } = await recorded(repo, base, kind);
      git(repo, 'checkout', '--quiet', '--force', '--orphan', 'fresh');
      git(repo, 'commit', '--quiet', '--allow-empty', '-m', 'Fresh');
      for (const branch of ['main', ...(kind === 'branch' ? ['BUG-1'] : [])]) git(repo, 'branch', '--quiet', '-D', branch);
      git(repo, 'reflog', 'expire', '--expire=now', '--expire-unreachable=now', '--all');
      git(repo, 'gc', '--quiet', '--prune=now');
      const at = path.join(repo, '.git');
      const files = new ResultFiles();
      const sides = [await files.read(at, baseCommit ?? '', 'a.txt'), await files.read(at, headCommit ?? '', 'a.txt')];
      files.dispose();
      assert.deepEqual(
        sides.map((side) => side?.bytes?.toString()),
        ['a\n', 'A\n'],
        kind,
      );
    }
  });
});
