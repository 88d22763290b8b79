import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { acceptResult, finishAccepts, undoAccept } from '../../../../worker/workspace/accept.ts';
import { openCheckout, snapshotCommit, uncommittedPaths } from '../../../../worker/workspace/repository.ts';
import { acceptOf, gateOf, lineOn, type Line } from '../../../support/line.ts';
import { moveOut, ownGit, settleIn } from '../../../support/personHome.ts';
import { fingerprint, makeRepository, removeTempFolders, tempFolder, writeFiles } from '../../../support/repository.ts';

const text = (name: string) => Array.from({ length: 12 }, (_, index) => `${name} line ${index}\n`).join('');
const files = { 'in/keep.txt': text('keep'), 'out/edit.txt': text('edit'), 'out/gone.txt': text('gone'), 'out/old.txt': text('old') };
/** Edits, removes, moves and adds a file; in a sparse clone after a look at everything. */
function work({ clone }: Line): void {
  if (existsSync(path.join(clone.path, '.git/info/sparse-checkout'))) ownGit(clone.path, 'sparse-checkout', 'disable');
  const at = (name: string) => path.join(clone.path, name);
  writeFiles(clone.path, { 'out/edit.txt': `${text('edit')}by the agent\n`, 'out/new.txt': text('new') });
  rmSync(at('out/gone.txt'));
  renameSync(at('out/old.txt'), at('out/moved.txt'));
}
const worked = [' M out/edit.txt', ' D out/gone.txt', ' D out/old.txt', '?? out/moved.txt', '?? out/new.txt'];
const status = (repo: string) => ownGit(repo, 'status', '--porcelain', '--untracked-files=all').split('\n').filter(Boolean);
const readable = (repo: string) => Object.fromEntries(Object.entries(fingerprint(repo)).filter(([name]) => name !== '.git/index'));

describe("Accept and the person's own git", function () {
  this.timeout(30_000);
  afterEach(() => {
    moveOut();
    removeTempFolders();
  });

  for (const [kind, prepare] of Object.entries({
    'a sparse checkout of folders': (repo: string) => ownGit(repo, 'sparse-checkout', 'set', '--cone', 'in'),
    'a sparse checkout with a sparse index': (repo: string) => ownGit(repo, 'sparse-checkout', 'set', '--cone', '--sparse-index', 'in'),
    'a sparse checkout by patterns': (repo: string) => ownGit(repo, 'sparse-checkout', 'set', '--no-cone', '/in/'),
    'files that were marked by hand': (repo: string) => {
      const left = ['out/edit.txt', 'out/gone.txt', 'out/old.txt'];
      ownGit(repo, 'update-index', '--skip-worktree', ...left);
      for (const file of left) rmSync(path.join(repo, file));
    },
  }))
    it(`agree on what ${kind} leaves out, and Undo leaves it out again`, async () => {
      settleIn({});
      const repo = makeRepository(files);
      prepare(repo);
      assert.deepEqual([status(repo), existsSync(path.join(repo, 'out/edit.txt'))], [[], false]);
      const before = [readable(repo), ownGit(repo, 'ls-files', '-v')];
      const line = await lineOn(repo);
      work(line);
      const request = acceptOf(line, await gateOf(line));
      assert.deepEqual((await acceptResult(request)).merged, []);
      assert.deepEqual(status(repo), worked);
      await undoAccept(request.recordsDir, 'ses_a');
      assert.deepEqual(status(repo), []);
      assert.deepEqual([readable(repo), ownGit(repo, 'ls-files', '-v')], before);
    });

  it('leave a sparse checkout as it was when another git holds its index', async () => {
    settleIn({});
    const repo = makeRepository(files);
    ownGit(repo, 'sparse-checkout', 'set', 'in');
    const line = await lineOn(repo);
    work(line);
    const request = acceptOf(line, await gateOf(line));
    writeFileSync(path.join(repo, '.git/index.lock'), '');
    const before = fingerprint(repo);
    await assert.rejects(acceptResult(request), /index of the checkout cannot be written/);
    assert.deepEqual(fingerprint(repo), before);
    rmSync(path.join(repo, '.git/index.lock'));
    assert.deepEqual(await finishAccepts(request.recordsDir), []);
    await acceptResult(request);
    assert.deepEqual(status(repo), worked);
  });

  it('agree where the disk knows no executable bits', async () => {
    settleIn({});
    const repo = makeRepository({ ...files, 'out/run.sh': text('run') });
    ownGit(repo, 'update-index', '--chmod=+x', 'out/run.sh');
    ownGit(repo, 'commit', '--quiet', '-m', 'A program');
    ownGit(repo, 'config', 'core.fileMode', 'false');
    for (const name of Object.keys(files)) chmodSync(path.join(repo, name), 0o755);
    assert.deepEqual(status(repo), []);
    const before = readable(repo);
    const line = await lineOn(repo);
    work(line);
    writeFiles(line.clone.path, { 'out/run.sh': `${text('run')}more\n` });
    const request = acceptOf(line, await gateOf(line));
    assert.deepEqual((await acceptResult(request)).merged, []);
    assert.deepEqual(status(repo), [...worked.slice(0, 3), ' M out/run.sh', ...worked.slice(3)]);
    assert.equal(statSync(path.join(repo, 'out/edit.txt')).mode & 0o777, 0o755);
    await undoAccept(request.recordsDir, 'ses_a');
    assert.deepEqual(readable(repo), before);
  });

  it('agree where links are written as files', async () => {
    settleIn({});
    const repo = makeRepository(files);
    for (const name of ['edit', 'gone', 'same']) symlinkSync('in', path.join(repo, `${name}-link`));
    ownGit(repo, 'add', '-A');
    ownGit(repo, 'commit', '--quiet', '-m', 'Links');
    ownGit(repo, 'config', 'core.symlinks', 'false');
    ownGit(repo, 'rm', '--quiet', '-r', '--cached', '.');
    for (const name of ['edit', 'gone', 'same']) rmSync(path.join(repo, `${name}-link`));
    ownGit(repo, 'reset', '--quiet', '--hard');
    assert.deepEqual([status(repo), readFileSync(path.join(repo, 'edit-link'), 'utf8')], [[], 'in']);
    const before = readable(repo);
    const line = await lineOn(repo);
    for (const name of ['edit', 'gone']) rmSync(path.join(line.clone.path, `${name}-link`));
    for (const name of ['edit', 'new']) symlinkSync('out', path.join(line.clone.path, `${name}-link`));
    const request = acceptOf(line, await gateOf(line));
    assert.deepEqual((await acceptResult(request)).merged, []);
    assert.deepEqual(status(repo), [' M edit-link', ' D gone-link', '?? new-link']);
    assert.equal(readFileSync(path.join(repo, 'edit-link'), 'utf8'), 'out');
    await undoAccept(request.recordsDir, 'ses_a');
    assert.deepEqual(readable(repo), before);
  });

  describe('with a filter driver of their global configuration', () => {
    const driver = '[filter "turned"]\n\tclean = tr a-z n-za-m\n\tsmudge = tr n-za-m a-z\n\trequired\n';
    function turnedRepository(): string {
      settleIn({ '.gitconfig': driver, '.config/git/attributes': 'in/keep.txt filter=turned\n' });
      const repo = makeRepository({ '.gitattributes': 'out/** filter=turned\n' });
      writeFiles(repo, files);
      ownGit(repo, 'add', '-A');
      ownGit(repo, 'commit', '--quiet', '-m', 'Files');
      return repo;
    }
    const turn = (words: string) =>
      words.replaceAll(/[a-z]/gu, (letter) => String.fromCharCode(((letter.charCodeAt(0) - 97 + 13) % 26) + 97));

    it('agree on what is unchanged, and write what a checkout of theirs would', async () => {
      const repo = turnedRepository();
      assert.deepEqual(status(repo), []);
      assert.equal(ownGit(repo, 'show', 'HEAD:out/edit.txt'), turn(text('edit')).trimEnd());
      const before = readable(repo);
      const line = await lineOn(repo);
      const at = (name: string) => path.join(line.clone.path, name);
      writeFiles(line.clone.path, {
        'out/edit.txt': `${turn(text('edit'))}${turn('by the agent\n')}`,
        'out/new.txt': turn(text('new')),
        'in/keep.txt': `${turn(text('keep'))}${turn('kept\n')}`,
      });
      rmSync(at('out/gone.txt'));
      renameSync(at('out/old.txt'), at('out/moved.txt'));
      const request = acceptOf(line, await gateOf(line));
      assert.deepEqual((await acceptResult(request)).merged, []);
      assert.deepEqual(status(repo), [' M in/keep.txt', ...worked]);
      assert.equal(readFileSync(path.join(repo, 'out/edit.txt'), 'utf8'), `${text('edit')}by the agent\n`);
      assert.equal(readFileSync(path.join(repo, 'in/keep.txt'), 'utf8'), `${text('keep')}kept\n`);
      assert.equal(readFileSync(path.join(repo, 'out/new.txt'), 'utf8'), text('new'));
      await undoAccept(request.recordsDir, 'ses_a');
      assert.deepEqual(readable(repo), before);
    });

    it("merge the person's own uncommitted lines with what the agent changed", async () => {
      const repo = turnedRepository();
      writeFiles(repo, { 'out/edit.txt': `my own line\n${text('edit')}` });
      const line = await lineOn(repo);
      writeFiles(line.clone.path, { 'out/edit.txt': `${turn(text('edit'))}${turn('by the agent\n')}` });
      const request = acceptOf(line, await gateOf(line));
      assert.deepEqual((await acceptResult(request)).merged, ['out/edit.txt']);
      assert.equal(readFileSync(path.join(repo, 'out/edit.txt'), 'utf8'), `my own line\n${text('edit')}by the agent\n`);
    });

    it('neither store nor show untouched files as changed in a snapshot', async () => {
      const repo = turnedRepository();
      // As new, so that git has to look inside.
      for (const name of Object.keys(files)) writeFileSync(path.join(repo, name), readFileSync(path.join(repo, name)));
      writeFiles(repo, { 'out/edit.txt': `${text('edit')}mine\n` });
      const checkout = await openCheckout(repo);
      assert.deepEqual(await uncommittedPaths(checkout), ['out/edit.txt']);
      const before = fingerprint(repo);
      const commit = await snapshotCommit(checkout, 'x', path.join(tempFolder(), 'index'));
      assert.deepEqual(fingerprint(repo), before);
      assert.equal(ownGit(repo, 'diff', '--name-only', 'HEAD', commit), 'out/edit.txt');
      assert.equal(ownGit(repo, 'show', `${commit}:out/edit.txt`), `${turn(text('edit'))}${turn('mine')}`);
    });

    it("run none on a path that only the agent's attributes name", async () => {
      const mark = path.join(tempFolder(), 'ran');
      settleIn({ '.gitconfig': `[filter "marking"]\n\tclean = touch ${mark}; cat\n\tsmudge = touch ${mark}; cat\n` });
      const repo = makeRepository(files);
      const line = await lineOn(repo);
      writeFiles(line.clone.path, { '.gitattributes': '* filter=marking\n', 'in/.gitattributes': '* filter=marking\n' });
      work(line);
      const request = acceptOf(line, await gateOf(line));
      await acceptResult(request);
      assert.ok(existsSync(path.join(repo, '.gitattributes')));
      assert.ok(!existsSync(mark));
    });
  });

  it('have in a snapshot also what changed in the very moment of the last git command', async () => {
    settleIn({});
    const repo = makeRepository({ 'a.txt': 'a\n' });
    for (const [key, value] of Object.entries({ 'core.trustctime': 'false', 'core.checkStat': 'minimal' }))
      ownGit(repo, 'config', key, value);
    const moment = new Date(1_700_000_000_000);
    utimesSync(path.join(repo, 'a.txt'), moment, moment);
    ownGit(repo, 'update-index', '--refresh');
    writeFiles(repo, { 'a.txt': 'A\n' });
    for (const name of ['a.txt', '.git/index']) utimesSync(path.join(repo, name), moment, moment);
    const checkout = await openCheckout(repo);
    assert.deepEqual(await uncommittedPaths(checkout), ['a.txt']);
    const commit = await snapshotCommit(checkout, 'x', path.join(tempFolder(), 'index'));
    assert.equal(ownGit(repo, 'show', `${commit}:a.txt`), 'A');
  });

  it('leave a split index and what belongs to it as they are in a snapshot', async () => {
    settleIn({});
    const repo = makeRepository(files);
    ownGit(repo, 'update-index', '--split-index');
    ownGit(repo, 'config', 'core.splitIndex', 'true');
    writeFiles(repo, { 'in/keep.txt': 'mine\n', 'in/new.txt': 'n\n' });
    const before = fingerprint(repo);
    const commit = await snapshotCommit(await openCheckout(repo), 'x', path.join(tempFolder(), 'index'));
    assert.deepEqual(fingerprint(repo), before);
    assert.equal(ownGit(repo, 'diff', '--name-status', 'HEAD', commit), 'M\tin/keep.txt\nA\tin/new.txt');
  });

  it('leave snapshots of a sparse checkout whole', async () => {
    settleIn({});
    const repo = makeRepository(files);
    ownGit(repo, 'sparse-checkout', 'set', 'in');
    writeFiles(repo, { 'in/keep.txt': 'mine\n', 'beside/new.txt': 'n\n' });
    const commit = await snapshotCommit(await openCheckout(repo), 'x', path.join(tempFolder(), 'index'));
    assert.equal(ownGit(repo, 'diff', '--name-status', 'HEAD', commit), 'A\tbeside/new.txt\nM\tin/keep.txt');
  });

  it('overwrite no lines that the person hides from git', async () => {
    settleIn({});
    const repo = makeRepository(files);
    for (const flag of ['--assume-unchanged', '--skip-worktree']) {
      ownGit(repo, 'update-index', flag, 'out/edit.txt');
      writeFiles(repo, { 'out/edit.txt': `hidden\n${text('edit')}` });
      assert.deepEqual(status(repo), []);
      const line = await lineOn(repo);
      work(line);
      const request = acceptOf(line, await gateOf(line));
      assert.deepEqual((await acceptResult(request)).merged, ['out/edit.txt']);
      assert.equal(readFileSync(path.join(repo, 'out/edit.txt'), 'utf8'), `hidden\n${text('edit')}by the agent\n`);
      await undoAccept(request.recordsDir, 'ses_a');
      assert.equal(readFileSync(path.join(repo, 'out/edit.txt'), 'utf8'), `hidden\n${text('edit')}`);
      ownGit(repo, 'update-index', flag.replace('--', '--no-'), 'out/edit.txt');
      ownGit(repo, 'checkout', '--', 'out/edit.txt');
    }
  });
});

describe('the executable bit', () => {
  afterEach(removeTempFolders);
  const bit = (repo: string) => (statSync(path.join(repo, 'run.txt')).mode & 0o100) !== 0;
  const start = { 'run.txt': text('run') };

  for (const [what, mine, agents, expected] of [
    ['stays as the person set it where the agent changed lines', true, { lines: true }, true],
    ['stays as the person set it where the agent touched only other files', true, {}, true],
    ['is taken from the agent where the person changed lines only', false, { bit: true }, true],
    ['is one where both set it', true, { bit: true, lines: true }, true],
  ] as const)
    it(`${what}, and Undo brings the person's own back`, async () => {
      const repo = makeRepository(start);
      const line = await lineOn(repo);
      const theirs = path.join(line.clone.path, 'run.txt');
      writeFiles(line.clone.path, { 'other.txt': 'o\n' });
      if ('lines' in agents) writeFileSync(theirs, `${text('run')}by the agent\n`);
      if ('bit' in agents) chmodSync(theirs, 0o755);
      if (mine) chmodSync(path.join(repo, 'run.txt'), 0o755);
      else writeFiles(repo, { 'run.txt': `mine\n${text('run')}` });
      const before = fingerprint(repo);
      const request = acceptOf(line, await gateOf(line));
      await acceptResult(request);
      assert.equal(bit(repo), expected);
      await undoAccept(request.recordsDir, 'ses_a');
      assert.deepEqual(fingerprint(repo), before);
    });

  it('that the person takes away after an Accept stays away when it is undone', async () => {
    const repo = makeRepository(start);
    chmodSync(path.join(repo, 'run.txt'), 0o755);
    ownGit(repo, 'commit', '--quiet', '-am', 'A program');
    const line = await lineOn(repo);
    writeFiles(line.clone.path, { 'run.txt': `${text('run')}by the agent\n` });
    const request = acceptOf(line, await gateOf(line));
    await acceptResult(request);
    chmodSync(path.join(repo, 'run.txt'), 0o644);
    await undoAccept(request.recordsDir, 'ses_a');
    assert.deepEqual([bit(repo), readFileSync(path.join(repo, 'run.txt'), 'utf8')], [false, text('run')]);
  });
});
