import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { socketPath } from '../../../client/stateDir.ts';
import { runInThread } from '../../../extension/background/inThread.ts';
import { isBelayError } from '../../../protocol/errors.ts';
import { fileOf, ready } from '../../support/programs.ts';
import { removeTempFolders, tempFolder } from '../../support/repository.ts';

describe('work beside the thread of the editor', function () {
  this.timeout(30_000);
  let dist: string;
  before(async () => {
    await ready('backgroundThread', 'platform');
    dist = path.dirname(fileOf('backgroundThread'));
  });
  after(removeTempFolders);

  it('gives what the job gives', async () => {
    const home = tempFolder();
    const [practice, ...others] = await runInThread(dist, 'findAgents', { path: home, home, practiceAgentBundle: '/x/practiceAgent.mjs' });
    assert.deepEqual([practice?.slug, practice?.launch?.argv], ['practice', [process.execPath, '/x/practiceAgent.mjs']]);
    assert.ok(others.length > 2 && others.every(({ found }) => !found));
  });

  it('fails with the very problem the job fails with', async () => {
    const stateDir = tempFolder();
    writeFileSync(path.join(stateDir, 'platform'), 'a file where the folder should be');
    const started = runInThread(dist, 'startPlatform', { stateDir, socket: socketPath(stateDir), platformBundle: fileOf('platform') });
    await assert.rejects(started, (error) => isBelayError(error) && /cannot write in/u.test(error.message));
  });

  it('says so when the thread itself cannot be had', async () => {
    await assert.rejects(runInThread(tempFolder(), 'loginPath'), /backgroundThread/u);
  });
});
