import assert from 'node:assert/strict';
import { readFileSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isBelayError } from '../../../../protocol/errors.ts';
import { acceptResult, finishAccepts, isAccepted, undoAccept, type AcceptRequest } from '../../../../worker/workspace/accept.ts';
import { createClone } from '../../../../worker/workspace/clone.ts';
import { runGate } from '../../../../worker/workspace/gate.ts';
import { openCheckout, snapshotCommit, uncommittedPaths } from '../../../../worker/workspace/repository.ts';
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

  it('never writes through a link in the checkout', async () => {
    const repo = makeRepository({ 'dir/a.txt': 'a\n' });
    const request = await resultOf(repo, (clone) => writeFiles(clone, { 'dir/a.txt': 'A\n' }));
    const outside = tempFolder();
    rmSync(path.join(repo, 'dir'), { recursive: true });
    symlinkSync(outside, path.join(repo, 'dir'));
    await assert.rejects(acceptResult(request), /dir\/a\.txt/);
    assert.deepEqual(fingerprint(outside), {});
  });

  it('refuses a second accept of the same result', async () => {
    const repo = makeRepository({ 'a.txt': 'a\n' });
    const request = await resultOf(repo, (clone) => writeFiles(clone, { 'a.txt': 'A\n' }));
    await acceptResult(request);
    await assert.rejects(acceptResult(request), /accepted already/);
  });

  it('killed at any moment leaves the checkout before or after, once the next start has looked', async function () {
    this.timeout(120_000);
    const program = path.resolve(import.meta.dirname, '../../../support/acceptOnce.ts');
    for (let round = 0; round < 12; round += 1) {
      const repo = makeRepository(Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`f${index}.txt`, `${index}\n`])));
      const request = await resultOf(repo, (clone) =>
        writeFiles(clone, Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`f${index}.txt`, `${index} changed\n`]))),
      );
      const before = tracked(repo);
      const child = spawn(process.execPath, [program, JSON.stringify(request)], { stdio: ['ignore', 'pipe', 'inherit'] });
      await once(child.stdout, 'data');
      // Spins rather than waits, so that each round stops at a finer moment than a timer gives.
      const until = performance.now() + round * 22;
      while (performance.now() < until) await new Promise(setImmediate);
      child.kill('SIGKILL');
      await once(child, 'exit');
      const finished = await finishAccepts(request.recordsDir);
      const now = tracked(repo);
      const changed = Object.keys(before).filter((name) => now[name] !== before[name]).length;
      assert.ok(changed === 0 || changed === 60, `round ${round}: ${changed} of 60 files changed`);
      assert.equal(Object.keys(now).length, 60);
      if (finished.length > 0) assert.equal(changed, 60);
    }
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
});
