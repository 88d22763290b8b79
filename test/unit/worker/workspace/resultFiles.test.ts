import assert from 'node:assert/strict';
import { existsSync, renameSync } from 'node:fs';
import path from 'node:path';
import { ResultFiles } from '../../../../worker/workspace/resultFiles.ts';
import { ObjectReader } from '../../../../worker/workspace/objectReader.ts';
import { countGit } from '../../../support/countGit.ts';
import { git, makeRepository, removeTempFolders, tempFolder } from '../../../support/repository.ts';
import { until } from '../../../support/until.ts';

describe('files of a result', () => {
  const searchPath = process.env['PATH'] ?? '';
  let files: ResultFiles;
  beforeEach(() => {
    files = new ResultFiles();
  });
  afterEach(() => {
    process.env['PATH'] = searchPath;
    files.dispose();
    removeTempFolders();
  });

  const commitOf = (contents: Record<string, string>): [gitDir: string, commit: string] => {
    const repository = makeRepository(contents);
    return [path.join(repository, '.git'), git(repository, 'rev-parse', 'HEAD')];
  };

  it('of many are read, both sides, by one process of git', async () => {
    const names = Array.from({ length: 300 }, (_, i) => `src/${i}.txt`);
    const [gitDir, commit] = commitOf(Object.fromEntries(names.map((name) => [name, `this is ${name}\n`])));
    const started = countGit().started;
    const sides = await Promise.all([...names, ...names].map((name) => files.read(gitDir, commit, name)));
    assert.deepEqual(
      sides.map((side) => side?.bytes?.toString()),
      [...names, ...names].map((name) => `this is ${name}\n`),
    );
    assert.equal(started().length, 1);
  });

  it('are what the commit has under exactly that name, whatever the name looks like', async () => {
    const contents = {
      'with\nbreak': 'a break',
      'a blob 3': 'looks like an answer',
      HEAD: 'looks like a commit',
      'sub/é ü.txt': '',
      '-- x': 'looks like an option',
    };
    const [gitDir, commit] = commitOf(contents);
    for (const [name, text] of Object.entries(contents)) assert.equal((await files.read(gitDir, commit, name))?.bytes?.toString(), text);
    for (const name of ['no such file', 'sub', '', 'é', 'with', 'x\ny']) assert.equal(await files.read(gitDir, commit, name), null, name);
  });

  it('of several repositories are each read from their own', async () => {
    const pairs = ['one', 'two'].map((text) => commitOf({ 'a.txt': text }));
    const read = await Promise.all(pairs.map(([gitDir, commit]) => files.read(gitDir, commit, 'a.txt')));
    assert.deepEqual(
      read.map((file) => file?.bytes?.toString()),
      ['one', 'two'],
    );
  });

  it('are read again after the process was killed, and whoever waited is told', async () => {
    const [gitDir, commit] = commitOf({ 'a.txt': 'still here', 'long.bin': 'x'.repeat(8_000_000) });
    const started = countGit().started;
    await files.read(gitDir, commit, 'a.txt');
    const [pid = 0] = started();
    const waiting = [files.read(gitDir, commit, 'long.bin'), files.read(gitDir, commit, 'a.txt')];
    process.kill(pid, 'SIGKILL');
    const outcomes = await Promise.allSettled(waiting);
    assert.ok(outcomes.some(({ status }) => status === 'rejected'));
    assert.equal((await files.read(gitDir, commit, 'a.txt'))?.bytes?.toString(), 'still here');
  });

  it('are an error, and no empty text, where there is no git or no repository', async () => {
    const [gitDir, commit] = commitOf({ 'a.txt': 'x' });
    process.env['PATH'] = tempFolder();
    await assert.rejects(files.read(gitDir, commit, 'a.txt'));
    process.env['PATH'] = searchPath;
    assert.equal((await files.read(gitDir, commit, 'a.txt'))?.bytes?.toString(), 'x');
    files.dispose();
    renameSync(gitDir, `${gitDir}.away`);
    await assert.rejects(files.read(gitDir, commit, 'a.txt'));
  });

  it('are not taken in when they are too long, and what comes after them is', async () => {
    const [gitDir, commit] = commitOf({ 'long.bin': 'x'.repeat(300_000), 'short.txt': 'short' });
    const reader = new ObjectReader(gitDir, { maxBytes: 100_000, idleMs: 60_000 });
    const [long, short] = await Promise.all([reader.read(commit, 'long.bin'), reader.read(commit, 'short.txt')]);
    reader.dispose();
    assert.deepEqual(long, { size: 300_000, bytes: null });
    assert.equal(short?.bytes?.toString(), 'short');
  });

  it('leave no process behind when nothing more is asked', async () => {
    const [gitDir, commit] = commitOf({ 'a.txt': 'x' });
    const started = countGit().started;
    const reader = new ObjectReader(gitDir, { maxBytes: 100, idleMs: 0 });
    await reader.read(commit, 'a.txt');
    const [pid = 0] = started();
    await until('the end of git', () => (existsSync(`/proc/${pid}`) ? null : true));
  });
});
