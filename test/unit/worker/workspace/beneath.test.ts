import assert from 'node:assert/strict';
import { mkdirSync, renameSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { listBeneath } from '../../../../worker/workspace/beneath.ts';
import { removeTempFolders, tempFolder, writeFiles } from '../../../support/repository.ts';

describe('what is listed beneath a folder', () => {
  afterEach(removeTempFolders);
  const namesIn = async (...place: [string, ...string[]]) => (await listBeneath(...place)).map((entry) => entry.name).sort();

  it('is what stands in it, and nothing that a link leads to, at its end or on its way', async () => {
    const [top, outside] = [tempFolder(), tempFolder()];
    writeFiles(outside, { 'refs/heads/private': 'x\n' });
    writeFiles(top, { '.git/refs/heads/main': 'x\n', '.git/refs/tags': 'a file\n' });
    assert.deepEqual(await namesIn(top, '.git', 'refs'), ['heads', 'tags']);
    assert.deepEqual(await namesIn(top, '.git', 'refs/heads'), ['main']);
    for (const none of ['refs/tags', 'none', '..', 'refs/../..']) assert.deepEqual(await namesIn(top, '.git', none), [], none);
    renameSync(path.join(top, '.git/refs'), path.join(top, 'refs'));
    symlinkSync(path.join(outside, 'refs'), path.join(top, '.git/refs'));
    assert.deepEqual([await namesIn(top, '.git', 'refs'), await namesIn(top, '.git', 'refs/heads')], [[], []]);
    mkdirSync(path.join(top, 'other'));
    symlinkSync(outside, path.join(top, 'other/.git'));
    assert.deepEqual(await namesIn(top, 'other', '.git/refs'), []);
  });
});
