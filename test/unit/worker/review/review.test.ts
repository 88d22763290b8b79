import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { aResult } from '../../../builders/result.ts';
import { aSession } from '../../../builders/session.ts';
import { BelayError } from '../../../../protocol/errors.ts';
import type { BelayApi } from '../../../../protocol/typedClient.ts';
import { makeResult } from '../../../../worker/run/result.ts';
import { acceptSession, finishReviews } from '../../../../worker/review/review.ts';
import { createClone } from '../../../../worker/workspace/clone.ts';
import { runGate } from '../../../../worker/workspace/gate.ts';
import { makeRepository, removeTempFolders, tempFolder, writeFiles } from '../../../support/repository.ts';

/** A state folder with applied decisions of which the platform does not know yet. */
function stateWith(...sessions: string[]): string {
  const stateDir = tempFolder();
  for (const sessionId of sessions) {
    const folder = path.join(stateDir, 'accepts', sessionId);
    mkdirSync(folder, { recursive: true });
    const record = { sessionId, repositoryPath: '/nowhere', headCommit: 'a'.repeat(40), direction: 'undo', decision: `d-${sessionId}` };
    writeFileSync(path.join(folder, 'record.json'), JSON.stringify({ ...record, state: 'applied', leftOut: [], merged: [], changes: [] }));
  }
  return stateDir;
}
const stateOf = (stateDir: string, id: string) =>
  (JSON.parse(readFileSync(path.join(stateDir, 'accepts', id, 'record.json'), 'utf8')) as { state: string }).state;

describe('accepting a session', () => {
  afterEach(removeTempFolders);

  it('leaves out what the machine would execute and the person gave no yes of its own', async () => {
    const stateDir = tempFolder();
    const repo = makeRepository({ 'a.txt': 'a\n' });
    const lineDir = path.join(stateDir, 'lines', 'line_a');
    const clone = await createClone({ repositoryPath: repo, lineDir, sessionId: 'ses_a', base: { kind: 'head' } });
    writeFiles(clone.path, { 'a.txt': 'A\n', Makefile: 'all:\n', '.envrc': 'export A=1\n' });
    const gate = await runGate({ repositoryPath: repo, lineDir, clone, sessionId: 'ses_a', fence: 1, subject: 'Result' });
    const result = makeResult({ mode: 'code', gate, summary: '', checks: [], baseCommit: gate.baseCommit });
    const session = aSession({ id: 'ses_a', lineId: 'line_a', fence: 1, itemId: null, state: 'complete', can: ['accept'], result });
    const api = { addReview: () => Promise.resolve({}) } as unknown as BelayApi;
    const outcome = await acceptSession({ api, stateDir, folderOf: () => Promise.resolve(repo) }, session, ['Makefile']);
    assert.deepEqual([outcome.paths, outcome.leftOut], [['Makefile', 'a.txt'], ['.envrc']]);
    assert.ok(!existsSync(path.join(repo, '.envrc')));
  });

  it('touches nothing for who may not decide on it', async () => {
    const session = aSession({ state: 'complete', result: aResult() });
    const context = { api: {} as BelayApi, stateDir: tempFolder(), folderOf: () => Promise.reject(new Error('looked for the folder')) };
    await assert.rejects(acceptSession(context, session, []), { code: 'forbidden' });
  });
});

describe('finishing reviews at start-up', () => {
  afterEach(removeTempFolders);

  it('goes on with the other decisions when one is damaged and one is refused', async () => {
    const stateDir = stateWith('ses_1', 'ses_2', 'ses_3');
    writeFileSync(path.join(stateDir, 'accepts', 'ses_1', 'record.json'), '{');
    const api = {
      getSession: ({ params }: { params: { id: string } }) => Promise.resolve(aSession({ id: params.id, fence: 1, itemId: null })),
      addReview: ({ params }: { params: { id: string } }) =>
        params.id === 'ses_2' ? Promise.reject(new BelayError('forbidden', 'Refused.')) : Promise.resolve({}),
    } as unknown as BelayApi;
    const problems: string[] = [];
    const finished = await finishReviews({ api, stateDir }, (error) => problems.push(String(error)));
    assert.deepEqual(finished, ['ses_3']);
    assert.equal(problems.length, 2);
    assert.match(problems.join(), /damaged.*Refused|Refused.*damaged/s);
    assert.deepEqual([stateOf(stateDir, 'ses_2'), stateOf(stateDir, 'ses_3')], ['applied', 'recorded']);
  });
});
