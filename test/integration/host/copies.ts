import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { chooseBase } from '../../../extension/send/repository.ts';
import { openCheckout } from '../../../worker/workspace/repository.ts';

describe('a folder without git, sent from the editor', () => {
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'belay-plain-')));
    writeFileSync(path.join(folder, 'a.txt'), 'a\n');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('is not even asked about where Belay keeps its own in it: tokens and other sessions would be copied along', async () => {
    const repository = { id: 'r', name: 'plain', checkout: await openCheckout(folder), within: '' };
    for (const stateDir of [path.join(folder, 'state'), path.join(folder, 'deep', 'state'), folder]) {
      mkdirSync(stateDir, { recursive: true });
      await assert.rejects(chooseBase(repository, stateDir), /Belay's own folder lies in it/u);
    }
  });
});
