import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isBelayError } from '../../../../protocol/errors.ts';
import { acceptResult, undoAccept } from '../../../../worker/workspace/accept.ts';
import { createClone } from '../../../../worker/workspace/clone.ts';
import { acceptOf, gateOf, lineOn, told } from '../../../support/line.ts';
import { moveOut, ownGit, settleIn } from '../../../support/personHome.ts';
import { makeRepository, removeTempFolders, tempFolder, writeFiles } from '../../../support/repository.ts';

const text = (name: string) => Array.from({ length: 12 }, (_, index) => `${name} line ${index}\n`).join('');
const names = ['root.txt', 'in/a.txt', 'in/deep/b.txt', 'out/c.txt', 'out/d.txt', 'out/deep/e.txt', 'far/f.txt'];

/** A partial clone of a repository that another holds; `patterns` make it a sparse checkout. */
function partialClone(filter: string, patterns: readonly string[]): { repo: string; origin: string } {
  settleIn({});
  const origin = makeRepository(Object.fromEntries(names.map((name) => [name, text(name)])), 'origin');
  for (const key of ['uploadpack.allowFilter', 'uploadpack.allowAnySHA1InWant']) ownGit(origin, 'config', key, 'true');
  const at = tempFolder();
  ownGit(at, 'clone', '--quiet', `--filter=${filter}`, '--no-checkout', `file://${origin}`, 'repo');
  const repo = path.join(at, 'repo');
  if (patterns.length > 0) ownGit(repo, 'sparse-checkout', 'set', ...patterns);
  ownGit(repo, 'checkout', '--quiet', 'main');
  return { repo, origin };
}
const missing = (repo: string) =>
  ownGit(repo, 'rev-list', '--objects', '--no-walk', '--missing=print', 'HEAD')
    .split('\n')
    .filter((line) => line.startsWith('?')).length;
const status = (repo: string) => ownGit(repo, 'status', '--porcelain', '--untracked-files=all').split('\n').filter(Boolean);

describe('a run on a large repository', function () {
  this.timeout(60_000);
  afterEach(() => {
    moveOut();
    removeTempFolders();
  });

  for (const [kind, filter, patterns] of [
    ['folders of a partial clone', 'blob:none', ['--cone', 'in']],
    ['patterns in a partial clone', 'blob:none', ['--no-cone', '/in/', '/out/d.txt']],
    ['folders of a clone without trees', 'tree:0', ['--cone', 'in']],
  ] as const)
    it(`takes over ${kind}, and leaves the rest as it is`, async () => {
      const { repo } = partialClone(filter, patterns);
      const lacking = missing(repo);
      assert.ok(lacking > 0);
      const line = await lineOn(repo);
      const at = (name: string) => path.join(line.clone.path, name);
      assert.deepEqual([existsSync(at('in/deep/b.txt')), existsSync(at('out/c.txt'))], [true, false]);
      assert.equal(ownGit(line.clone.path, 'status', '--porcelain'), '');
      if (filter === 'blob:none') assert.equal(missing(repo), lacking);
      assert.deepEqual(told(await gateOf(line)), { leaves: [], held: {} });

      writeFiles(line.clone.path, { 'in/a.txt': `${text('in/a.txt')}more\n`, 'in/new.txt': 'n\n', 'beside/new.txt': 'b\n' });
      ownGit(line.clone.path, 'add', '--sparse', '-A');
      ownGit(line.clone.path, 'commit', '--quiet', '-m', 'Work');
      const outcome = await gateOf(line);
      assert.deepEqual(told(outcome), { leaves: ['added beside/new.txt', 'added in/new.txt', 'modified in/a.txt'], held: {} });
      const request = acceptOf(line, outcome);
      await acceptResult(request);
      assert.deepEqual(status(repo), [' M in/a.txt', '?? beside/new.txt', '?? in/new.txt']);
      await undoAccept(request.recordsDir, 'ses_a');
      assert.deepEqual(status(repo), []);
    });

  it('compares what the agent wrote or removed outside the patterns with the base', async () => {
    const { repo } = partialClone('blob:none', ['--cone', 'in']);
    const line = await lineOn(repo);
    writeFiles(line.clone.path, { 'out/c.txt': `${text('out/c.txt')}more\n` });
    ownGit(line.clone.path, 'rm', '--quiet', '--sparse', '--cached', 'far/f.txt');
    const outcome = await gateOf(line);
    assert.deepEqual(told(outcome), { leaves: ['deleted far/f.txt', 'modified out/c.txt'], held: {} });
    assert.deepEqual([outcome.added, outcome.deleted], [1, 12]);
    const request = acceptOf(line, outcome);
    await acceptResult(request);
    assert.deepEqual(status(repo), [' D far/f.txt', ' M out/c.txt']);
    assert.equal(readFileSync(path.join(repo, 'out/c.txt'), 'utf8'), `${text('out/c.txt')}more\n`);
    await undoAccept(request.recordsDir, 'ses_a');
    assert.deepEqual([status(repo), existsSync(path.join(repo, 'out'))], [[], false]);
  });

  it("fetches what a partial clone lacks of another commit by the person's own git, and says when it cannot", async () => {
    const { repo, origin } = partialClone('blob:none', []);
    writeFiles(origin, { 'in/a.txt': 'later\n', 'in/c.txt': 'c\n' });
    ownGit(origin, 'add', '-A');
    ownGit(origin, 'commit', '--quiet', '-m', 'Later');
    const commit = ownGit(origin, 'rev-parse', 'HEAD');
    ownGit(repo, 'fetch', '--quiet');
    const make = (sessionId: string) =>
      createClone({ repositoryPath: repo, lineDir: path.join(tempFolder(), 'l'), sessionId, base: { kind: 'commit', commit } });
    ownGit(repo, 'remote', 'set-url', 'origin', `file://${origin}-moved`);
    await assert.rejects(make('ses_a'), (error) => isBelayError(error, 'unavailable') && /partial clone/u.test(error.message));
    ownGit(repo, 'remote', 'set-url', 'origin', `file://${origin}`);
    const clone = await make('ses_b');
    assert.equal(readFileSync(path.join(clone.path, 'in/a.txt'), 'utf8'), 'later\n');
  });

  it('takes over the patterns of a linked working folder alone', async () => {
    settleIn({});
    const repo = makeRepository(Object.fromEntries(names.map((name) => [name, text(name)])));
    const linked = path.join(tempFolder(), 'linked');
    ownGit(repo, 'worktree', 'add', '--quiet', '-b', 'other', linked);
    ownGit(linked, 'sparse-checkout', 'set', 'in');
    const there = (folder: string) => names.filter((name) => existsSync(path.join(folder, name)));
    assert.deepEqual(there((await lineOn(linked)).clone.path), ['root.txt', 'in/a.txt', 'in/deep/b.txt']);
    assert.deepEqual(there((await lineOn(repo)).clone.path), names);
  });

  it('keeps an empty sparse checkout empty', async () => {
    settleIn({});
    const repo = makeRepository({ 'in/a.txt': 'a\n' });
    ownGit(repo, 'sparse-checkout', 'set', 'nowhere');
    const line = await lineOn(repo);
    mkdirSync(path.join(line.clone.path, 'nowhere'));
    writeFiles(line.clone.path, { 'nowhere/x.txt': 'x\n' });
    assert.deepEqual(told(await gateOf(line)), { leaves: ['added nowhere/x.txt'], held: {} });
  });
});
