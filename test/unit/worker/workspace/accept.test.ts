import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { isBelayError } from '../../../../protocol/errors.ts';
import { acceptResult, finishAccepts, isAccepted, undoAccept } from '../../../../worker/workspace/accept.ts';
import type { AcceptRequest } from '../../../../worker/workspace/acceptPlan.ts';
import type { AcceptRecord } from '../../../../worker/workspace/acceptRecord.ts';
import { createClone } from '../../../../worker/workspace/clone.ts';
import { runGate } from '../../../../worker/workspace/gate.ts';
import { dropSnapshots } from '../../../../worker/workspace/removal.ts';
import { openCheckout, snapshotCommit, uncommittedPaths } from '../../../../worker/workspace/repository.ts';
import { moveOut, settleIn } from '../../../support/personHome.ts';
import { fingerprint, git, makeRepository, removeTempFolders, tempFolder, writeFiles } from '../../../support/repository.ts';

const lines = (...changed: [number, string][]) =>
  Array.from({ length: 30 }, (_, index) => changed.find(([at]) => at === index)?.[1] ?? `line ${index}`).join('\n') + '\n';

async function resultOf(repo: string, work: (clone: string) => void): Promise<AcceptRequest> {
  const lineDir = path.join(tempFolder(), 'line');
  const clone = await createClone({ repositoryPath: repo, lineDir, sessionId: 'ses_a', base: { kind: 'head' } });
  work(clone.path);
  const outcome = await runGate({ repositoryPath: repo, lineDir, clone, sessionId: 'ses_a', fence: 1, subject: 'BUG-1' });
  return {
    recordsDir: path.join(tempFolder(), 'accepts'),
    repositoryPath: repo,
    lineDir,
    sessionId: 'ses_a',
    baseCommit: outcome.baseCommit,
    headCommit: outcome.headCommit ?? '',
    leaveOut: [],
  };
}
function rewriteRecord(request: AcceptRequest, change: (record: AcceptRecord) => AcceptRecord): void {
  const file = path.join(request.recordsDir, request.sessionId, 'record.json');
  writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8')) as AcceptRecord)));
}
const tracked = (repo: string) => Object.fromEntries(Object.entries(fingerprint(repo)).filter(([name]) => !name.startsWith('.git/')));

describe('accepting a result', () => {
  afterEach(removeTempFolders);

  it('writes, changes and removes files, touches nothing in .git, and undo brings the checkout back', async () => {
    const repo = makeRepository({ 'a.txt': 'a\n', 'b/c.txt': 'c\n', 'd.txt': 'd\n' });
    const request = await resultOf(repo, (clone) => {
      writeFiles(clone, { 'a.txt': 'A\n', 'new/deep/e.txt': 'e\n' });
      rmSync(path.join(clone, 'b'), { recursive: true });
    });
    const before = fingerprint(repo);
    const outcome = await acceptResult(request);
    assert.deepEqual([...outcome.paths].sort(), ['a.txt', 'b/c.txt', 'new/deep/e.txt']);
    assert.deepEqual(Object.keys(tracked(repo)).sort(), ['a.txt', 'd.txt', 'new/deep/e.txt']);
    assert.deepEqual(
      Object.entries(fingerprint(repo)).filter(([name]) => name.startsWith('.git/')),
      Object.entries(before).filter(([name]) => name.startsWith('.git/')),
    );
    assert.equal(await isAccepted(request.recordsDir, 'ses_a'), true);
    await undoAccept(request.recordsDir, 'ses_a');
    assert.deepEqual(fingerprint(repo), before);
    assert.equal(await isAccepted(request.recordsDir, 'ses_a'), false);
  });

  it('is not stopped by a folder that has the name of what it writes aside', async () => {
    const repo = makeRepository({ 'a.txt': 'a\n' });
    const request = await resultOf(repo, (clone) => {
      writeFiles(clone, { 'a.txt': 'A\n' });
    });
    const aside = `.belay-${createHash('sha256').update('a.txt').digest('hex').slice(0, 12)}`;
    writeFiles(repo, { [`${aside}/mine.txt`]: 'm\n' });
    await acceptResult(request);
    assert.deepEqual(Object.keys(tracked(repo)).sort(), [`${aside}/mine.txt`, 'a.txt']);
    assert.equal(readFileSync(path.join(repo, 'a.txt'), 'utf8'), 'A\n');
  });

  it('keeps uncommitted work of the person by a three-way merge, and undo leaves exactly that', async () => {
    const repo = makeRepository({ 'f.txt': lines() });
    const request = await resultOf(repo, (clone) => writeFiles(clone, { 'f.txt': lines([25, 'agent']) }));
    writeFiles(repo, { 'f.txt': lines([2, 'mine']), 'other.txt': 'untracked\n' });
    const outcome = await acceptResult(request);
    assert.deepEqual(outcome.merged, ['f.txt']);
    assert.equal(readFileSync(path.join(repo, 'f.txt'), 'utf8'), lines([2, 'mine'], [25, 'agent']));
    writeFiles(repo, { 'f.txt': lines([2, 'mine'], [12, 'later'], [25, 'agent']) });
    await undoAccept(request.recordsDir, 'ses_a');
    assert.equal(readFileSync(path.join(repo, 'f.txt'), 'utf8'), lines([2, 'mine'], [12, 'later']));
  });

  it('is undone also where the person took out or put back one of its files already', async () => {
    const repo = makeRepository({ 'a.txt': 'a\n', 'keep.bin': '\0\x01' });
    const before = fingerprint(repo);
    const request = await resultOf(repo, (clone) => {
      writeFiles(clone, { 'a.txt': 'changed\n', 'new.txt': 'n\n' });
      rmSync(path.join(clone, 'keep.bin'));
    });
    await acceptResult(request);
    rmSync(path.join(repo, 'new.txt'));
    writeFiles(repo, { 'keep.bin': '\0\x01' });
    await undoAccept(request.recordsDir, 'ses_a');
    assert.deepEqual(tracked(repo), { ...tracked(repo), 'a.txt': before['a.txt'] });
    assert.ok(!existsSync(path.join(repo, 'new.txt')));
  });

  it('changes nothing at all when one file cannot be merged, and names it', async () => {
    const repo = makeRepository({ 'a.txt': 'a\n', 'f.txt': lines() });
    const request = await resultOf(repo, (clone) => writeFiles(clone, { 'a.txt': 'A\n', 'f.txt': lines([5, 'agent']), 'n.txt': 'n\n' }));
    writeFiles(repo, { 'f.txt': lines([5, 'mine']), 'n.txt': 'my own\n' });
    const before = fingerprint(repo);
    await assert.rejects(
      acceptResult(request),
      (error) => isBelayError(error, 'conflict') && error.issues?.map((issue) => issue.path).join() === 'f.txt,n.txt',
    );
    assert.deepEqual(fingerprint(repo), before);
  });

  it('leaves host-executed files out unless they got their own yes', async () => {
    const repo = makeRepository({ 'package.json': '{}\n', 'a.txt': 'a\n' });
    const request = await resultOf(repo, (clone) => writeFiles(clone, { 'package.json': '{"scripts":{}}\n', 'a.txt': 'A\n' }));
    await acceptResult({ ...request, leaveOut: ['package.json'] });
    assert.equal(readFileSync(path.join(repo, 'package.json'), 'utf8'), '{}\n');
    assert.equal(readFileSync(path.join(repo, 'a.txt'), 'utf8'), 'A\n');
  });

  describe('where a file becomes a folder and a folder a file', () => {
    const start = { 'file.txt': 'f\n', 'folder/a.txt': 'a\n', 'folder/deep/b.txt': 'b\n', 'to-link/c.txt': 'c\n' };
    const turned = (repo: string) =>
      resultOf(repo, (clone) => {
        for (const name of ['file.txt', 'folder', 'to-link']) rmSync(path.join(clone, name), { recursive: true });
        writeFiles(clone, { 'file.txt/inside.txt': 'i\n', folder: 'now a file\n', 'elsewhere/c.txt': 'e\n' });
        symlinkSync('elsewhere', path.join(clone, 'to-link'));
      });
    const names = ['elsewhere/c.txt', 'file.txt/inside.txt', 'folder', 'to-link'];

    it('takes it over, and Undo takes it back', async () => {
      const repo = makeRepository(start);
      const request = await turned(repo);
      const before = fingerprint(repo);
      await acceptResult(request);
      assert.deepEqual(Object.keys(tracked(repo)).sort(), names);
      await undoAccept(request.recordsDir, 'ses_a');
      assert.deepEqual(fingerprint(repo), before);
    });

    it('is finished after a kill between the two halves', async () => {
      const repo = makeRepository(start);
      const request = await turned(repo);
      const before = tracked(repo);
      await acceptResult(request);
      const after = tracked(repo);
      for (const undo of [false, true]) {
        if (undo) await undoAccept(request.recordsDir, 'ses_a');
        const whole = undo ? before : after;
        for (const gone of [[], ['folder'], ['file.txt', 'to-link'], ['folder', 'file.txt', 'to-link', 'elsewhere']]) {
          rewriteRecord(request, (record) => ({ ...record, state: 'decided' }));
          for (const name of gone) rmSync(path.join(repo, name), { recursive: true, force: true });
          await finishAccepts(request.recordsDir);
          assert.deepEqual(tracked(repo), whole, `${undo ? 'undo' : 'accept'} without ${gone.join(', ')}`);
        }
      }
    });

    it('refuses where the person has other files in the folder, in either direction', async () => {
      const repo = makeRepository(start);
      const request = await turned(repo);
      writeFiles(repo, { 'folder/deep/mine.txt': 'mine\n' });
      const before = fingerprint(repo);
      await assert.rejects(acceptResult(request), (error) => isBelayError(error, 'conflict') && error.issues?.[0]?.path === 'folder');
      assert.deepEqual(fingerprint(repo), before);
      rmSync(path.join(repo, 'folder/deep/mine.txt'));
      await acceptResult(request);
      writeFiles(repo, { 'file.txt/mine.txt': 'mine\n' });
      const accepted = fingerprint(repo);
      await assert.rejects(
        undoAccept(request.recordsDir, 'ses_a'),
        (error) => isBelayError(error, 'conflict') && error.issues?.[0]?.path === 'file.txt',
      );
      assert.deepEqual(fingerprint(repo), accepted);
    });

    it('looks at nothing behind a link that stands in the place of a folder', async () => {
      const repo = makeRepository(start);
      const request = await turned(repo);
      const outside = tempFolder();
      writeFiles(outside, { 'a.txt': 'a\n', 'deep/b.txt': 'b\n' });
      const before = fingerprint(outside);
      rmSync(path.join(repo, 'folder'), { recursive: true });
      symlinkSync(outside, path.join(repo, 'folder'));
      await assert.rejects(acceptResult(request), (error) => isBelayError(error, 'conflict') && error.issues?.[0]?.path === 'folder');
      assert.deepEqual(fingerprint(outside), before);
    });
  });

  it('never writes through a link in the checkout', async () => {
    const repo = makeRepository({ 'dir/a.txt': 'a\n' });
    const request = await resultOf(repo, (clone) => writeFiles(clone, { 'dir/a.txt': 'A\n' }));
    const outside = tempFolder();
    rmSync(path.join(repo, 'dir'), { recursive: true });
    symlinkSync(outside, path.join(repo, 'dir'));
    await assert.rejects(acceptResult(request), /dir\/a\.txt/);
    assert.deepEqual(fingerprint(outside), {});
  });

  it('makes no new file through a link that stands in its way (CVE-2026-39861)', async () => {
    const repo = makeRepository({ 'a.txt': 'a\n' });
    const request = await resultOf(repo, (clone) => writeFiles(clone, { 'dir/new.txt': 'n\n' }));
    const outside = tempFolder();
    symlinkSync(outside, path.join(repo, 'dir'));
    await assert.rejects(acceptResult(request), /dir\/new\.txt/);
    assert.deepEqual(fingerprint(outside), {});
  });

  it('writes through no link that stands where a file is staged (CVE-2026-46406)', async () => {
    const repo = makeRepository({ 'a.txt': 'a\n' });
    const request = await resultOf(repo, (clone) => writeFiles(clone, { 'a.txt': 'A\n' }));
    const outside = tempFolder();
    writeFiles(outside, { target: 'untouched\n' });
    const before = fingerprint(outside);
    symlinkSync(path.join(outside, 'target'), path.join(repo, `.belay-${createHash('sha256').update('a.txt').digest('hex').slice(0, 12)}`));
    await acceptResult(request);
    assert.equal(readFileSync(path.join(repo, 'a.txt'), 'utf8'), 'A\n');
    assert.deepEqual(fingerprint(outside), before);
  });

  it('refuses a second accept of the same result', async () => {
    const repo = makeRepository({ 'a.txt': 'a\n' });
    const request = await resultOf(repo, (clone) => writeFiles(clone, { 'a.txt': 'A\n' }));
    await acceptResult(request);
    await assert.rejects(acceptResult(request), /accepted already/);
  });

  it('two processes that accept the same result at once: one does it, the other hears that it is done', async function () {
    this.timeout(60_000);
    const program = path.resolve(import.meta.dirname, '../../../support/acceptOnce.ts');
    for (let round = 0; round < 2; round += 1) {
      const names = Array.from({ length: 20 }, (_, index) => `f${index}.txt`);
      const repo = makeRepository(Object.fromEntries(names.map((name) => [name, `${name}\n`])));
      const request = await resultOf(repo, (clone) => writeFiles(clone, Object.fromEntries(names.map((name) => [name, 'changed\n']))));
      const ends = await Promise.all(
        [1, 2].map(async () => {
          const child = spawn(process.execPath, [program, JSON.stringify(request)], { stdio: ['ignore', 'ignore', 'pipe'] });
          const [words, [code]] = await Promise.all([text(child.stderr), once(child, 'exit') as Promise<[number]>]);
          return { code, words };
        }),
      );
      assert.equal(ends.filter((end) => end.code === 0).length, 1, ends.map((end) => end.words).join('\n'));
      assert.match(ends.find((end) => end.code !== 0)?.words ?? '', /accepted already/);
      for (const name of names) assert.equal(readFileSync(path.join(repo, name), 'utf8'), 'changed\n');
      await undoAccept(request.recordsDir, 'ses_a');
      assert.equal(git(repo, 'status', '--porcelain'), '');
    }
  });

  it('puts every file back when one cannot be written, and the next try works', async function () {
    if (process.platform !== 'linux') this.skip();
    const repo = makeRepository({});
    // As long as a path may be: the name that is staged beside it is too long, for every user.
    const folder = `m/${'d'.repeat(200)}/`.padEnd(4080 - repo.length, `${'e'.repeat(199)}/`).replace(/\/$/u, 'f');
    const names = ['a.txt', `${folder}/b.txt`, 'z.txt'];
    writeFiles(repo, Object.fromEntries(names.map((name) => [name, 'before\n'])));
    git(repo, 'add', '-A');
    git(repo, 'commit', '--quiet', '-m', 'Start');
    const request = await resultOf(repo, (clone) => {
      for (const name of names) appendFileSync(path.join(clone, name), 'after\n');
    });
    const before = fingerprint(repo);
    await assert.rejects(acceptResult(request), /ENAMETOOLONG/u);
    assert.deepEqual(fingerprint(repo), before);
    assert.deepEqual(await finishAccepts(request.recordsDir), []);
    const shorter = path.join(path.dirname(path.dirname(repo)), path.basename(path.dirname(repo)).slice(-6));
    renameSync(path.dirname(repo), shorter);
    try {
      assert.deepEqual((await acceptResult({ ...request, repositoryPath: path.join(shorter, 'repo') })).paths, names);
    } finally {
      rmSync(shorter, { recursive: true });
    }
  });

  it('goes back when a file was saved while a killed Accept stood half done, and keeps what was saved', async () => {
    const repo = makeRepository({ 'a.txt': 'a\n', 'b.txt': 'b\n', 'c.txt': 'c\n' });
    const request = await resultOf(repo, (clone) => writeFiles(clone, { 'a.txt': 'A\n', 'b.txt': 'B\n', 'c.txt': 'C\n' }));
    await acceptResult(request);
    rewriteRecord(request, (record) => ({ ...record, state: 'decided' }));
    const staged = path.join(repo, `.belay-${createHash('sha256').update('c.txt').digest('hex').slice(0, 12)}`);
    writeFiles(repo, { 'b.txt': 'saved\n', 'c.txt': 'c\n' });
    writeFileSync(staged, 'half');
    const problems: unknown[] = [];
    assert.deepEqual(await finishAccepts(request.recordsDir, (error) => problems.push(error)), []);
    assert.match(String(problems[0]), /b\.txt/);
    assert.equal(readFileSync(path.join(repo, 'a.txt'), 'utf8'), 'a\n');
    assert.equal(readFileSync(path.join(repo, 'b.txt'), 'utf8'), 'saved\n');
    assert.equal(existsSync(staged), false);
    assert.equal(await isAccepted(request.recordsDir, 'ses_a'), false);
  });

  it('an Undo that cannot go on leaves the result accepted', async () => {
    const repo = makeRepository({ 'a.txt': 'a\n', 'b.txt': 'b\n' });
    const request = await resultOf(repo, (clone) => writeFiles(clone, { 'a.txt': 'A\n', 'b.txt': 'B\n' }));
    await acceptResult(request);
    await undoAccept(request.recordsDir, 'ses_a');
    rewriteRecord(request, (record) => ({ ...record, state: 'decided' }));
    writeFiles(repo, { 'b.txt': 'saved\n' });
    await finishAccepts(request.recordsDir);
    assert.equal(readFileSync(path.join(repo, 'a.txt'), 'utf8'), 'A\n');
    assert.equal(await isAccepted(request.recordsDir, 'ses_a'), true);
  });

  it('a damaged record is named and stands in the way of its own session only', async () => {
    const repo = makeRepository({ 'a.txt': 'a\n' });
    const request = await resultOf(repo, (clone) => writeFiles(clone, { 'a.txt': 'A\n' }));
    const damaged = path.join(request.recordsDir, 'ses_b');
    mkdirSync(damaged, { recursive: true });
    writeFileSync(path.join(damaged, 'record.json'), '{"sess');
    const outcome = await acceptResult(request);
    const problems: unknown[] = [];
    const open = await finishAccepts(request.recordsDir, (error) => problems.push(error));
    assert.deepEqual(
      open.map((entry) => entry.decision),
      [outcome.decision],
    );
    assert.match(String(problems[0]), /damaged: .*ses_b/);
    await assert.rejects(acceptResult({ ...request, sessionId: 'ses_b' }), /damaged/);
  });

  it('keeps the permissions of the files it replaces, and gives new ones what the umask leaves', async function () {
    if (process.platform === 'win32') this.skip();
    const repo = makeRepository({ 'private.txt': 'a\n', 'private.sh': 'a\n', 'gone.txt': 'g\n' });
    const mode = (name: string) => statSync(path.join(repo, name)).mode & 0o777;
    for (const name of ['private.txt', 'private.sh', 'gone.txt']) chmodSync(path.join(repo, name), 0o600);
    const request = await resultOf(repo, (clone) => {
      writeFiles(clone, { 'private.txt': 'A\n', 'private.sh': 'A\n', 'new.txt': 'n\n' });
      chmodSync(path.join(clone, 'private.sh'), 0o755);
      rmSync(path.join(clone, 'gone.txt'));
    });
    await acceptResult(request);
    assert.equal(mode('private.txt'), 0o600);
    assert.equal(mode('private.sh'), 0o700);
    assert.equal(mode('new.txt'), 0o666 & ~process.umask());
    await undoAccept(request.recordsDir, 'ses_a');
    for (const name of ['private.txt', 'private.sh', 'gone.txt']) assert.equal(mode(name), 0o600, name);
  });

  it('killed before any step leaves the checkout before or after, once the next start has looked', async function () {
    this.timeout(300_000);
    const program = path.resolve(import.meta.dirname, '../../../support/acceptOnce.ts');
    const repo = makeRepository({ 'a.txt': 'a\n', 'gone.txt': 'g\n' });
    const request = await resultOf(repo, (clone) => {
      writeFiles(clone, { 'a.txt': 'A\n', 'new/b.txt': 'b\n' });
      rmSync(path.join(clone, 'gone.txt'));
    });
    const before = tracked(repo);
    await acceptResult(request);
    const after = tracked(repo);
    await undoAccept(request.recordsDir, 'ses_a');
    const seen = { before: 0, after: 0 };
    for (let step = 0, isOver = false; !isOver; step += 1) {
      const recordsDir = path.join(tempFolder(), 'accepts');
      const killed = spawn(process.execPath, [program, JSON.stringify({ ...request, recordsDir }), `${step}`], { stdio: 'inherit' });
      const [code] = (await once(killed, 'exit')) as [number | null];
      isOver = code === 0;
      assert.ok(isOver || killed.signalCode === 'SIGKILL', `step ${step}: ${code}`);
      const finished = await finishAccepts(recordsDir);
      const state = finished.length > 0 ? 'after' : 'before';
      assert.deepEqual(tracked(repo), state === 'after' ? after : before, `step ${step}: ${state}`);
      seen[state] += 1;
      if (state === 'after') await undoAccept(recordsDir, 'ses_a');
      assert.deepEqual(tracked(repo), before, `step ${step}, undone`);
    }
    assert.ok(seen.before > 5 && seen.after > 5, JSON.stringify(seen));
  });
});

describe("the person's own git settings", () => {
  afterEach(() => {
    moveOut();
    removeTempFolders();
  });

  for (const [where, files] of [
    ['a named file', { '.gitconfig': '[core]\n\texcludesFile = ~/ignored\n', ignored: 'secret.txt\n' }],
    ['the usual file', { '.config/git/ignore': 'secret.txt\n' }],
  ] as const) {
    it(`keeps what they ignore everywhere by ${where} out of the count and out of snapshots`, async () => {
      settleIn(files);
      const repo = makeRepository({ 'a.txt': 'a\n' });
      writeFiles(repo, { 'secret.txt': 's\n', 'b.txt': 'b\n' });
      const checkout = await openCheckout(repo);
      assert.deepEqual(await uncommittedPaths(checkout), ['b.txt']);
      const commit = await snapshotCommit(checkout, 'x', path.join(tempFolder(), 'index'));
      assert.equal(git(repo, 'ls-tree', '-r', '--name-only', commit), 'a.txt\nb.txt');
    });
  }

  it('decide the line endings of what Accept writes', async () => {
    settleIn({ '.gitconfig': '[core]\n\tautocrlf = true\n' });
    const repo = makeRepository({ 'a.txt': 'one\n' });
    const request = await resultOf(repo, (clone) => writeFiles(clone, { 'a.txt': 'one\ntwo\n' }));
    writeFiles(repo, { 'a.txt': 'one\r\n' });
    assert.deepEqual((await acceptResult(request)).merged, []);
    assert.equal(readFileSync(path.join(repo, 'a.txt'), 'utf8'), 'one\r\ntwo\r\n');
  });

  it('run no hook and no file monitor', async () => {
    const mark = path.join(tempFolder(), 'ran');
    const hooks = tempFolder();
    settleIn({ '.gitconfig': `[core]\n\tfsmonitor = touch ${mark}\n\thooksPath = ${hooks}\n` });
    const repo = makeRepository({ 'a.txt': 'a\n', 'b.txt': 'b\n' });
    for (const name of ['post-index-change', 'reference-transaction'])
      writeFileSync(path.join(hooks, name), `#!/bin/sh\ntouch ${mark}\n`, { mode: 0o755 });
    const request = await resultOf(repo, (clone) => writeFiles(clone, { 'a.txt': 'A\n', 'b.txt': 'B\n' }));
    git(repo, 'update-index', '--skip-worktree', 'b.txt');
    rmSync(path.join(repo, 'b.txt'));
    await uncommittedPaths(await openCheckout(repo));
    await snapshotCommit(await openCheckout(repo), 'x', path.join(tempFolder(), 'index'));
    await acceptResult(request);
    assert.deepEqual(fingerprint(path.dirname(mark)), {});
  });
});

describe('uncommitted work', () => {
  afterEach(removeTempFolders);

  it('is seen without touching the index, and kept by a snapshot commit', async () => {
    const repo = makeRepository({ 'a.txt': 'a\n', '.gitignore': 'ignored\n' });
    writeFiles(repo, { 'a.txt': 'dirty\n', 'new.txt': 'n\n', ignored: 'i\n' });
    const before = fingerprint(repo);
    const checkout = await openCheckout(repo);
    assert.deepEqual((await uncommittedPaths(checkout)).sort(), ['a.txt', 'new.txt']);
    const commit = await snapshotCommit(checkout, 'ses_a', path.join(tempFolder(), 'index'));
    assert.equal(git(repo, 'show', `${commit}:a.txt`), 'dirty');
    assert.equal(git(repo, 'show', `${commit}:new.txt`), 'n');
    assert.deepEqual(fingerprint(repo), before);
  });

  it('lets go of a snapshot by its commit, and of no other', async () => {
    const repo = makeRepository({ 'a.txt': 'a\n' });
    const checkout = await openCheckout(repo);
    const take = async (name: string, text: string) => {
      writeFiles(repo, { 'a.txt': text });
      return snapshotCommit(checkout, name, path.join(tempFolder(), 'index'));
    };
    const first = await take('one', '1\n');
    const second = await take('two', '2\n');
    await dropSnapshots(repo, first);
    await dropSnapshots(repo, 'f'.repeat(40));
    assert.equal(git(repo, 'for-each-ref', '--format=%(objectname)', 'refs/belay/snapshots'), second);
  });
});
