import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { aSession } from '../../../builders/session.ts';
import { outcomeText } from '../../../../cli/records/outcome.ts';
import { recapText } from '../../../../worker/review/recap.ts';
import { describeResult, makeResult } from '../../../../worker/run/result.ts';
import { runGate } from '../../../../worker/workspace/gate.ts';
import { gateOf, lineOn, told, type Line } from '../../../support/line.ts';
import { git, makeRepository, removeTempFolders, writeFiles } from '../../../support/repository.ts';

const started = () => lineOn(makeRepository({ 'a.txt': 'a\n', 'b.txt': 'b\n' }));
function commit({ clone }: Line, file: string, subject: string): void {
  writeFiles(clone.path, { [file]: `${subject}\n` });
  git(clone.path, 'add', '-A');
  git(clone.path, 'commit', '--quiet', '-m', subject);
}
const held = async (line: Line) => told(await gateOf(line)).held;

describe('work that stands in the clone and not in the result', function () {
  this.timeout(30_000);
  afterEach(removeTempFolders);

  it('is named where it was committed on another branch, with how to take it, and shown wherever the result is', async () => {
    const line = await started();
    git(line.clone.path, 'checkout', '--quiet', '-b', 'fix/it');
    commit(line, 'a.txt', 'First');
    commit(line, 'new.txt', 'Second');
    git(line.clone.path, 'checkout', '--quiet', '-');
    for (const pack of [false, true]) {
      if (pack) git(line.clone.path, 'pack-refs', '--all');
      const outcome = await gateOf(line);
      assert.deepEqual(
        [outcome.headCommit, told(outcome).held],
        [
          null,
          { 'branch fix/it': 'holds 2 commits ("Second"), not in the result; to have it, send the work back and ask for branch fix/it' },
        ],
      );
      const result = makeResult({ mode: 'code', gate: outcome, summary: 'Done.', checks: [], baseCommit: outcome.baseCommit });
      const session = aSession({ id: 'ses_a', state: 'complete', result });
      assert.equal(describeResult(result), 'Finished without changes, 1 held back');
      assert.match(outcomeText(session), /"branch fix\/it" held back: holds 2 commits.*belay back ses_a/su);
      const facts = { ...session, startedAt: null, finishedAt: null, usage: null, sandboxStep: null };
      assert.match(
        recapText({ place: 'private_clone', session: facts, result, leftOut: [], merged: [] }),
        /branch fix\/it.*: holds 2 commits/u,
      );
    }
  });

  it('is named where it was stashed, each stash by itself', async () => {
    const line = await started();
    for (const name of ['one', 'two']) {
      writeFiles(line.clone.path, { 'a.txt': `${name}\n` });
      git(line.clone.path, 'stash', 'push', '--quiet', '-m', name);
    }
    const names = await held(line);
    assert.deepEqual(Object.keys(names), ['stash@{0}', 'stash@{1}']);
    assert.match(names['stash@{0}'] ?? '', /^holds stashed work \("On belay\/ses_a: two"\)/u);
  });

  it('is named where it stands on a tag, in a linked working folder or on no branch at all', async () => {
    const line = await started();
    git(line.clone.path, 'checkout', '--quiet', '--detach');
    commit(line, 'a.txt', 'On no branch');
    const lost = git(line.clone.path, 'rev-parse', 'HEAD');
    git(line.clone.path, 'checkout', '--quiet', 'belay/ses_a');
    git(line.clone.path, 'checkout', '--quiet', '-b', 'gone');
    commit(line, 'a.txt', 'Tagged');
    git(line.clone.path, 'tag', '-a', '-m', 'v', 'v1');
    git(line.clone.path, 'checkout', '--quiet', 'belay/ses_a');
    git(line.clone.path, 'branch', '--quiet', '-D', 'gone');
    const beside = path.join(line.lineDir, 'beside');
    git(line.clone.path, 'worktree', 'add', '--quiet', '--detach', beside);
    writeFiles(beside, { 'b.txt': 'beside\n' });
    git(beside, 'commit', '--quiet', '-am', 'Beside');
    assert.deepEqual(Object.keys(await held(line)), ['tag v1', 'worktree beside', `commit ${lost.slice(0, 12)}`]);
  });

  it('is not named where the result has it: merged, squashed, picked or rebased', async () => {
    const line = await started();
    const on = (branch: string, file: string) => {
      git(line.clone.path, 'checkout', '--quiet', '-b', branch, line.clone.baseCommit);
      commit(line, file, branch);
      git(line.clone.path, 'checkout', '--quiet', 'belay/ses_a');
    };
    on('picked', 'picked.txt');
    on('merged', 'merged.txt');
    git(line.clone.path, 'cherry-pick', 'picked');
    git(line.clone.path, 'merge', '--quiet', '-m', 'Merge', 'merged');
    git(line.clone.path, 'branch', 'later');
    git(line.clone.path, 'checkout', '--quiet', '-b', 'squashed');
    commit(line, 'one.txt', 'one');
    commit(line, 'two.txt', 'two');
    git(line.clone.path, 'checkout', '--quiet', 'belay/ses_a');
    git(line.clone.path, 'merge', '--quiet', '--squash', 'squashed');
    assert.deepEqual(await held(line), {});
  });

  it('is named without a secret that the agent put into its words', async () => {
    const line = await started();
    git(line.clone.path, 'checkout', '--quiet', '-b', 'side');
    commit(line, 'a.txt', 'The word is Xq7vR2nLwTz9');
    git(line.clone.path, 'checkout', '--quiet', '-');
    const { repo: repositoryPath, lineDir, clone } = line;
    const secrets = ['Xq7vR2nLwTz9'];
    const outcome = await runGate({ repositoryPath, lineDir, clone, sessionId: 'ses_a', fence: 1, subject: 'Result', secrets });
    assert.match(told(outcome).held['branch side'] ?? '', /^holds 1 commit/u);
    assert.doesNotMatch(JSON.stringify(outcome), /Xq7vR2nLwTz9/u);
  });

  it('is named although it cannot be read', async () => {
    const line = await started();
    git(line.clone.path, 'checkout', '--quiet', '-b', 'broken');
    commit(line, 'a.txt', 'Broken');
    const id = git(line.clone.path, 'rev-parse', 'HEAD');
    git(line.clone.path, 'checkout', '--quiet', '-');
    rmSync(path.join(line.clone.path, '.git/objects', id.slice(0, 2), id.slice(2)));
    assert.match((await held(line))['branch broken'] ?? '', /^holds commits that cannot be read/u);
  });
});
