import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { judgeCommits } from '../../../../worker/workspace/judgeCommits.ts';
import { gateOf, lineOn, told } from '../../../support/line.ts';
import { git, makeRepository, removeTempFolders, writeFiles } from '../../../support/repository.ts';

const long = `*.txt text ${'x'.repeat(3000)}\n`;
const odd = '[submodule "a"]\n\tpath = a\n\turl = -u./payload\n[submodule "../b"]\n\tpath = b\n\turl = https://x.test/b\n';

describe('what the base holds and nobody touched', function () {
  this.timeout(30_000);
  afterEach(removeTempFolders);

  for (const [what, files] of [
    ['attributes with a line longer than git takes', { '.gitattributes': long, 'sub/.gitattributes': long }],
    ['addresses of submodules that git refuses', { '.gitmodules': odd }],
  ] as const)
    it(`stops no hand-over: ${what}`, async () => {
      const line = await lineOn(makeRepository({ ...files, 'a.txt': 'a\n', 'sub/b.txt': 'b\n' }));
      writeFiles(line.clone.path, { 'a.txt': 'A\n', 'sub/b.txt': 'B\n', 'sub/deep/c.txt': 'c\n' });
      git(line.clone.path, 'add', '-A');
      git(line.clone.path, 'commit', '--quiet', '-m', 'Work');
      const outcome = await gateOf(line);
      assert.deepEqual(told(outcome), { leaves: ['added sub/deep/c.txt', 'modified a.txt', 'modified sub/b.txt'], held: {} });
      assert.equal(git(line.repo, 'show', `${outcome.headCommit ?? ''}:sub/b.txt`), 'B');
      const { lineDir, clone } = line;
      const verdict = await judgeCommits({ repositoryPath: line.repo, lineDir, clone, sessionId: 'ses_a' });
      assert.equal(verdict.refused, null);
    });

  it('stops no hand-over: a link in the place of attributes', async () => {
    const repo = makeRepository({ 'a.txt': 'a\n' });
    symlinkSync('elsewhere', path.join(repo, '.gitattributes'));
    git(repo, 'add', '-A');
    git(repo, 'commit', '--quiet', '-m', 'A link');
    const line = await lineOn(repo);
    writeFiles(line.clone.path, { 'a.txt': 'A\n' });
    assert.deepEqual(told(await gateOf(line)), { leaves: ['modified a.txt'], held: {} });
  });

  it('is held back by itself where the agent wrote it', async () => {
    const line = await lineOn(makeRepository({ 'a.txt': 'a\n' }));
    mkdirSync(path.join(line.clone.path, 'sub'));
    writeFiles(line.clone.path, { 'a.txt': 'A\n', 'sub/.gitattributes': long, '.gitmodules': odd });
    const { leaves, held } = told(await gateOf(line));
    assert.deepEqual([leaves, Object.keys(held).sort()], [['modified a.txt'], ['.gitmodules', 'sub/.gitattributes']]);
  });
});
