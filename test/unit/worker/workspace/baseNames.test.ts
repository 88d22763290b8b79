/** Paths that stand in the base under their very name are no new danger; what only the agent brings is judged as ever. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { appendFileSync, chmodSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { acceptResult } from '../../../../worker/workspace/accept.ts';
import { createClone } from '../../../../worker/workspace/clone.ts';
import { runGate } from '../../../../worker/workspace/gate.ts';
import { judgeCommits } from '../../../../worker/workspace/judgeCommits.ts';
import type { GateOutcome, LineClone } from '../../../../worker/workspace/types.ts';
import { git, makeRepository, removeTempFolders, tempFolder, writeFiles } from '../../../support/repository.ts';

interface Worked {
  readonly repo: string;
  readonly lineDir: string;
  readonly clone: LineClone;
  readonly outcome: GateOutcome;
}
async function worked(repo: string, work: (clone: string) => void): Promise<Worked> {
  const lineDir = path.join(tempFolder(), 'line');
  const clone = await createClone({ repositoryPath: repo, lineDir, sessionId: 'ses_a', base: { kind: 'head' } });
  work(clone.path);
  const outcome = await runGate({ repositoryPath: repo, lineDir, clone, sessionId: 'ses_a', fence: 1, subject: 'Result' });
  return { repo, lineDir, clone, outcome };
}
const leaving = ({ outcome }: Worked) => outcome.files.map((file) => file.path);
const held = ({ outcome }: Worked) => Object.fromEntries(outcome.heldBack.map((entry) => [entry.path, entry.reason]));
const commitAll = (folder: string) => {
  git(folder, 'add', '-A');
  git(folder, 'commit', '--quiet', '-m', 'More');
};

describe('names the base already has', function () {
  this.timeout(30_000);
  before(function () {
    // They cannot stand on other systems.
    if (process.platform !== 'linux') this.skip();
  });
  afterEach(removeTempFolders);

  const odd = ['aux.c', 'net/con.h', 'readme.txt', 'README.txt', 'Net/twin.h', 'a:b.txt', 'PROGRA~1', 'back\\slash', 'two\nlines'];
  const base = () => makeRepository(Object.fromEntries(odd.map((name) => [name, 'x\n'])));

  it('are worked on like any other, and accepted', async () => {
    const repo = base();
    const result = await worked(repo, (clone) => {
      for (const name of odd.slice(1)) appendFileSync(path.join(clone, name), 'y\n');
      rmSync(path.join(clone, 'aux.c'));
      commitAll(clone);
    });
    assert.deepEqual([leaving(result).sort(), held(result)], [[...odd].sort(), {}]);
    const { commits } = await judgeCommits({ repositoryPath: repo, lineDir: result.lineDir, clone: result.clone, sessionId: 'ses_a' });
    assert.deepEqual(
      commits.map((commit) => commit.problems),
      [[]],
    );
    const { baseCommit, headCommit } = result.outcome;
    const recordsDir = path.join(tempFolder(), 'accepts');
    await acceptResult({
      ...{ recordsDir, repositoryPath: repo, lineDir: result.lineDir, sessionId: 'ses_a' },
      ...{ baseCommit, headCommit: headCommit ?? '', leaveOut: [] },
    });
    assert.equal(git(repo, 'status', '--porcelain').split('\n').length, odd.length);
  });

  it('do not let a new twin leave, nor a new odd name, nor a link in the place of a file', async () => {
    const result = await worked(base(), (clone) => {
      writeFiles(clone, { 'ReadMe.txt': 'x\n', 'NET/more.h': 'x\n', 'nul.c': 'x\n', 'c:d.txt': 'x\n', 'readme.txt': 'changed\n' });
      rmSync(path.join(clone, 'net/con.h'));
      symlinkSync('../readme.txt', path.join(clone, 'net/con.h'));
    });
    assert.deepEqual(leaving(result), ['readme.txt']);
    assert.deepEqual(Object.keys(held(result)).sort(), ['NET/more.h', 'ReadMe.txt', 'c:d.txt', 'net/con.h', 'nul.c']);
  });

  it('of more than 20 MB are listed when they differ, and not else', async () => {
    const repo = makeRepository({ 'a.txt': 'a\n' });
    for (const name of ['same.bin', 'longer.bin', 'changed.bin', 'gone.bin'])
      writeFileSync(path.join(repo, name), randomBytes((name === 'gone.bin' ? 22 : 21) * 1024 * 1024));
    commitAll(repo);
    const result = await worked(repo, (clone) => {
      writeFiles(clone, { 'a.txt': 'b\n' });
      appendFileSync(path.join(clone, 'longer.bin'), 'x');
      writeFileSync(path.join(clone, 'changed.bin'), 'CHANGED.bin', { flag: 'r+' });
      rmSync(path.join(clone, 'gone.bin'));
    });
    assert.deepEqual(leaving(result), ['a.txt', 'gone.bin']);
    assert.deepEqual(held(result), { 'changed.bin': 'larger than 20 MB', 'longer.bin': 'larger than 20 MB' });
  });

  it('of more than 20 MB that become executable are listed', async () => {
    const repo = makeRepository({ 'a.txt': 'a\n', 'same.bin': '' });
    truncateSync(path.join(repo, 'same.bin'), 21 * 1024 * 1024);
    commitAll(repo);
    const result = await worked(repo, (clone) => {
      chmodSync(path.join(clone, 'same.bin'), 0o755);
    });
    assert.deepEqual(held(result), { 'same.bin': 'larger than 20 MB' });
  });
});
