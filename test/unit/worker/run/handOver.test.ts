import assert from 'node:assert/strict';
import path from 'node:path';
import type { ProgressBody } from '../../../../protocol/activities.ts';
import { HandOver } from '../../../../worker/run/handOver.ts';
import type { RunSpec } from '../../../../worker/run/spec.ts';
import { createClone } from '../../../../worker/workspace/clone.ts';
import { git, makeRepository, removeTempFolders, tempFolder } from '../../../support/repository.ts';
import { sampleTokens } from '../../../support/sampleTokens.ts';

describe('commits that are told while a run works', function () {
  this.timeout(30_000);
  afterEach(removeTempFolders);

  it('are told without the secrets in their words', async () => {
    const repositoryPath = makeRepository({ 'a.txt': 'a\n' });
    const lineDir = path.join(tempFolder(), 'line');
    const clone = await createClone({ repositoryPath, lineDir, sessionId: 'ses_a', base: { kind: 'head' } });
    const told: ProgressBody[] = [];
    const handOver = new HandOver({
      spec: { lineDir, repositoryPath } as RunSpec,
      clone,
      fence: () => 1,
      sink: { write: ({ body }: { body: ProgressBody }) => told.push(body) } as never,
      records: { note: () => undefined },
      secrets: ['correct-horse-battery'],
      exitsOpen: () => true,
      check: () => undefined,
      signal: new AbortController().signal,
      log: () => undefined,
    });
    git(clone.path, 'commit', '--quiet', '--allow-empty', '-m', `Use ${sampleTokens['a GitHub token'] ?? ''} and correct-horse-battery`);
    await handOver.reportCommits();
    assert.deepEqual(
      told.map((body) => (body.type === 'commit' ? body.subject : body.type)),
      ['Use [secret] and [secret]'],
    );
  });
});
