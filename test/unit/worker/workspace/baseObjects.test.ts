import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createClone } from '../../../../worker/workspace/clone.ts';
import { gateReading } from '../../../../worker/workspace/gateRoom.ts';
import { safeGit } from '../../../../worker/workspace/git.ts';
import { git, makeRepository, removeTempFolders, tempFolder, writeFiles } from '../../../support/repository.ts';

describe('what a clone borrows', function () {
  this.timeout(60_000);
  afterEach(removeTempFolders);
  const commit = (repo: string, files: Record<string, string>, message = 'More') => {
    writeFiles(repo, files);
    git(repo, 'add', '-A');
    git(repo, 'commit', '--quiet', '-m', message);
    return git(repo, 'rev-parse', 'HEAD');
  };
  const clone = (repo: string, lines: string, name: string, base?: string) =>
    createClone({
      repositoryPath: repo,
      lineDir: path.join(lines, name),
      sessionId: name,
      base: base === undefined ? { kind: 'head' } : { kind: 'commit', commit: base },
    });
  const has = (folder: string, object: string): boolean => {
    try {
      execFileSync('git', ['cat-file', '-e', object], { cwd: folder, stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  };
  const packsOf = (lines: string, name: string) =>
    readdirSync(path.join(lines, name, 'base/pack')).filter((file) => file.endsWith('.pack'));

  it('is what its base commit reaches: no stash, other branch, amended or dropped work, and no later run’s base', async () => {
    const repo = makeRepository({ 'a.txt': 'a\n' });
    const first = git(repo, 'rev-parse', 'HEAD');
    const second = commit(repo, { 'b.txt': 'b\n' });
    git(repo, 'checkout', '--quiet', '-b', 'private', first);
    const hidden = commit(repo, { 'private.txt': 'private\n' });
    const amended = commit(repo, { 'amended.txt': 'before\n' });
    git(repo, 'commit', '--quiet', '--amend', '-m', 'After');
    writeFiles(repo, { 'private.txt': 'stashed\n' });
    git(repo, 'stash');
    const stash = git(repo, 'rev-parse', 'refs/stash');
    const dangling = git(repo, 'hash-object', '-w', '--no-filters', 'amended.txt');
    git(repo, 'checkout', '--quiet', 'main');
    const lines = path.join(tempFolder(), 'lines');
    const onPrivate = await clone(repo, lines, 'ses_p', hidden);
    assert.ok(has(onPrivate.path, hidden));
    const line = await clone(repo, lines, 'ses_a');
    assert.deepEqual(
      [first, second].map((object) => has(line.path, object)),
      [true, true],
    );
    assert.equal(git(line.path, 'log', '--oneline').split('\n').length, 2);
    for (const object of [hidden, amended, stash, dangling, `${stash}^2`]) assert.ok(!has(line.path, object), object);
    assert.ok(!has(onPrivate.path, second));
    assert.equal(git(line.path, 'fsck', '--full', '--connectivity-only'), '');
  });

  it('comes from a store that grows by what is new', async () => {
    const repo = makeRepository({ 'a.txt': 'a\n' });
    const lines = path.join(tempFolder(), 'lines');
    await clone(repo, lines, 'ses_a');
    commit(repo, { 'b.txt': 'b\n' });
    await clone(repo, lines, 'ses_b');
    await clone(repo, lines, 'ses_c');
    assert.deepEqual([packsOf(lines, 'ses_a').length, packsOf(lines, 'ses_b').length], [1, 2]);
    assert.deepEqual(packsOf(lines, 'ses_c'), packsOf(lines, 'ses_b'));
    const [shared = ''] = packsOf(lines, 'ses_a');
    const inode = (name: string) => statSync(path.join(lines, name, 'base/pack', shared)).ino;
    assert.equal(inode('ses_a'), inode('ses_c'), 'linked, not copied');
    const store = readdirSync(path.join(lines, '.objects'));
    assert.equal(store.length, 1);
    // What a kill left, and a record that cannot be read, are of no matter.
    writeFileSync(path.join(lines, '.objects', store[0] ?? '', 'packs.json'), '{');
    writeFileSync(path.join(lines, '.objects', store[0] ?? '', 'making-x.pack'), 'x');
    const last = await clone(repo, lines, 'ses_d');
    assert.equal(git(last.path, 'status', '--porcelain'), '');
  });

  it('replaces what a line of an older Belay borrowed, where the agent put links', async () => {
    const repo = makeRepository({ 'a.txt': 'a\n' });
    const lines = path.join(tempFolder(), 'lines');
    const line = await clone(repo, lines, 'ses_a');
    const outside = path.join(tempFolder(), 'alternates');
    writeFileSync(outside, 'kept\n');
    const alternates = path.join(line.path, '.git/objects/info/alternates');
    rmSync(path.join(lines, 'ses_a/base'), { recursive: true });
    rmSync(alternates);
    symlinkSync(outside, alternates);
    const again = await clone(repo, lines, 'ses_a');
    assert.equal(again.reused, true);
    assert.equal(git(line.path, 'status', '--porcelain'), '');
    assert.equal(readFileSync(outside, 'utf8'), 'kept\n');
  });

  it('are whole again once a shallow clone was deepened or a partial one made whole', async () => {
    const far = makeRepository({ 'a.txt': 'one\n' });
    for (const text of ['two', 'three', 'four', 'five']) commit(far, { 'a.txt': `${text}\n` }, text);
    git(far, 'config', 'uploadpack.allowFilter', 'true');
    git(far, 'config', 'uploadpack.allowAnySHA1InWant', 'true');
    const [shallow, partial] = [path.join(tempFolder(), 'shallow'), path.join(tempFolder(), 'partial')];
    git(far, 'clone', '--quiet', '--depth=2', `file://${far}`, shallow);
    git(far, 'clone', '--quiet', '--filter=blob:none', `file://${far}`, partial);
    const subjects = (folder: string) => git(folder, 'log', '-p', '--format=%s').match(/^[a-zA-Z]+$/gmu) ?? [];
    const lines = path.join(tempFolder(), 'lines');
    for (const [name, deepen, all] of [
      ['s2', [], ['five', 'four']],
      ['s3', ['fetch', '--quiet', '--deepen=1'], ['five', 'four', 'three']],
      ['s5', ['fetch', '--quiet', '--unshallow'], ['five', 'four', 'three', 'two', 'Start']],
      ['again', ['fetch', '--quiet', '--depth=1'], ['five']],
    ] as const) {
      if (deepen.length > 0) git(shallow, ...deepen);
      assert.deepEqual(subjects((await clone(shallow, lines, name)).path), all);
    }
    await clone(partial, lines, 'part');
    git(partial, 'fetch', '--quiet', '--refetch', '--no-filter');
    git(partial, 'config', '--unset', 'remote.origin.promisor');
    git(partial, 'config', '--unset', 'remote.origin.partialclonefilter');
    assert.equal(subjects((await clone(partial, lines, 'whole')).path).length, 5);
  });
});

describe('the gate’s git', function () {
  this.timeout(60_000);
  afterEach(removeTempFolders);

  it('sees the clone and its own folder, and nothing that a link in the clone leads to', async function () {
    if (process.platform !== 'linux') this.skip();
    const repo = makeRepository({ 'a.txt': 'a\n' });
    const lineDir = path.join(tempFolder(), 'lines/ses_a');
    const { path: clone } = await createClone({ repositoryPath: repo, lineDir, sessionId: 'ses_a', base: { kind: 'head' } });
    const outside = tempFolder();
    writeFiles(outside, { 'key.txt': 'key\n' });
    symlinkSync(outside, path.join(clone, 'out'));
    symlinkSync(repo, path.join(clone, 'person'));
    const at = { ...gateReading(lineDir), workTree: clone, okCodes: [0, 1, 128, 255] };
    const read = async (...args: string[]) => (await safeGit(args, at)).code;
    assert.equal(await read('hash-object', '-w', 'a.txt'), 0);
    for (const file of ['out/key.txt', 'person/a.txt', path.join(outside, 'key.txt'), '/etc/passwd', '/proc/self/environ'])
      assert.equal(await read('hash-object', '-w', '--no-filters', file), 128, file);
    assert.equal(await read('--git-dir', path.join(repo, '.git'), 'rev-parse', 'HEAD'), 128);
    assert.equal(await read('config', '--file', path.join(clone, 'a.txt'), 'x.y', 'z'), 255, 'the clone is read only');
  });
});
