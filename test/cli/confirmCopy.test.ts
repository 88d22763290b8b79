import assert from 'node:assert/strict';
import { realpathSync } from 'node:fs';
import path from 'node:path';
import { confirmCopy } from '../../cli/session/confirmCopy.ts';
import { isBelayError } from '../../protocol/errors.ts';
import { folderSize } from '../../worker/workspace/plainFolder.ts';
import { openCheckout } from '../../worker/workspace/repository.ts';
import { moveOut, settleIn } from '../support/personHome.ts';
import { makeRepository, removeTempFolders } from '../support/repository.ts';

const refused = (pattern: RegExp) => (error: unknown) => isBelayError(error) && pattern.test(error.message) && Boolean(error.hint);

describe('a folder without git', () => {
  afterEach(() => {
    moveOut();
    removeTempFolders();
  });

  it('is copied only after a yes, asked with its size', async () => {
    const home = settleIn({ 'notes/a.txt': 'a\n', 'notes/big': 'x'.repeat(3 * 1024 * 1024), 'notes/deep/b.txt': 'b\n' });
    const folder = realpathSync(path.join(home, 'notes'));
    const stateDir = path.join(home, 'state');
    const { files, isMore } = await folderSize(folder);
    assert.deepEqual([files, isMore], [3, false]);
    const repository = { id: 'r', name: 'notes', checkout: await openCheckout(folder), within: '' };
    await assert.rejects(confirmCopy(repository, false, stateDir), refused(/is no git repository.*3 files, 3 MB/u));
    await confirmCopy(repository, true, stateDir);
    await confirmCopy({ ...repository, checkout: await openCheckout(makeRepository({ 'a.txt': 'a\n' })) }, false, stateDir);
    await assert.rejects(confirmCopy({ ...repository, checkout: await openCheckout(home) }, true, stateDir), refused(/whole home folder/u));
  });

  it('is never copied where Belay keeps its own in it', async () => {
    const home = settleIn({ 'notes/a.txt': 'a\n', 'notes/state/machine.json': '{}' });
    const folder = realpathSync(path.join(home, 'notes'));
    const repository = { id: 'r', name: 'notes', checkout: await openCheckout(folder), within: '' };
    for (const own of ['notes/state', 'notes', 'notes/deep/state'])
      await assert.rejects(confirmCopy(repository, true, path.join(home, own)), refused(/Belay's own folder lies in it/u));
    await confirmCopy(repository, true, path.join(home, 'state'));
  });
});
