import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { isBelayError } from '../../../../protocol/errors.ts';
import { readWorkerConfig, workerConfigFile } from '../../../../worker/workerConfig/workerConfig.ts';
import { removeTempFolders, tempFolder } from '../../../support/repository.ts';

describe('the policy file of a machine', () => {
  let stateDir: string;
  beforeEach(() => (stateDir = tempFolder()));
  after(removeTempFolders);
  const written = (text: string) => {
    writeFileSync(workerConfigFile(stateDir), text);
    return () => readWorkerConfig(stateDir);
  };

  it('may be missing, and says little then', async () => {
    assert.deepEqual((await readWorkerConfig(stateDir)).rules, []);
  });

  it('is read whole', async () => {
    const read = await written("version: 1\nrules: [{class: run, decision: deny, match: ['git push *']}]\nhosts: ['a.example:443']")();
    assert.equal(read.rules[0]?.match?.[0], 'git push *');
    assert.deepEqual(read.hosts, ['a.example:443']);
  });

  it('with any mistake is an error that names the file, never a file that is ignored', async () => {
    for (const text of [
      'rules: [',
      'version: 2',
      'version: 1\nrule: []',
      'version: 1\nrules: [{class: run}]',
      'version: 1\nhosts: [example.com]',
      '- a',
      '',
      'version: 1\nversion: 1',
      'a: &a [*a]',
    ])
      await assert.rejects(
        written(text),
        (error) =>
          isBelayError(error, 'bad_request') &&
          /policy of this machine cannot be read/u.test(error.message) &&
          (error.hint ?? '').includes('policy.yaml'),
        text,
      );
  });
});
