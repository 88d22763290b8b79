import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ApprovedWorkflows } from '../../../../../worker/workflow/file/approved.ts';
import { workflowSource } from '../../../../../worker/workflow/file/choose.ts';
import { sourceOf, type WorkflowSource } from '../../../../../worker/workflow/file/source.ts';
import { git, makeRepository, removeTempFolders, tempFolder, writeFiles } from '../../../../support/repository.ts';

const good = (body: string): WorkflowSource => sourceOf(`---\nversion: 1\n---\n${body}`, {});

describe('the workflow that runs go by', () => {
  let approved: ApprovedWorkflows;
  let stateDir: string;
  beforeEach(() => {
    stateDir = tempFolder();
    approved = new ApprovedWorkflows(stateDir, 'rep_1');
  });
  after(removeTempFolders);

  it('is none before a person approved it, and then exactly that version', () => {
    assert.equal(approved.choose(good('one')).workflow, null);
    approved.approve(good('one'));
    assert.equal(approved.choose(good('one')).workflow?.body, 'one');
    assert.equal(new ApprovedWorkflows(stateDir, 'rep_2').choose(good('one')).workflow, null);
  });

  it('stays the one approved last while a newer one is not approved, or has a mistake in it', () => {
    approved.approve(good('one'));
    const changed = approved.choose(good('two'));
    assert.equal(changed.workflow?.body, 'one');
    assert.match(changed.why, /not approved on this machine: the version you approved last is used/u);
    const bad = sourceOf('---\nversion: 7\n---\n', {});
    approved.approve(bad);
    assert.equal(approved.choose(bad).workflow, null);
    assert.equal(approved.choose(good('one')).workflow?.body, 'one');
  });

  it('is another one when a section of it changes', () => {
    const text = '---\nversion: 1\n---\n{% render "a" %}';
    approved.approve(sourceOf(text, { a: 'x' }));
    assert.equal(approved.has(sourceOf(text, { a: 'y' })), false);
  });

  it('is none when what was kept of it was changed', () => {
    approved.approve(good('one'));
    const folder = path.join(stateDir, 'grants/workflows');
    writeFileSync(path.join(folder, readdirSync(folder)[0] ?? ''), JSON.stringify({ text: '---\nversion: 1\n---\nevil', sections: {} }));
    assert.equal(approved.choose(good('two')).workflow, null);
  });

  it('is read from the commit, not from what lies in the folder', async () => {
    const repository = makeRepository({ 'WORKFLOW.md': 'committed', '.belay/sections/a.md': 'section', '.belay/sections/No.md': 'x' });
    writeFiles(repository, { 'WORKFLOW.md': 'edited' });
    const request = { stateDir, repositoryId: 'rep_1', repositoryPath: repository, commit: null };
    const source = await workflowSource(request);
    assert.deepEqual([source?.text, source?.sections], ['committed', { a: 'section' }]);
    git(repository, 'commit', '-qam', 'two');
    const first = git(repository, 'rev-parse', 'HEAD~1');
    assert.equal((await workflowSource({ ...request, commit: first }))?.text, 'committed');
    assert.equal((await workflowSource(request))?.text, 'edited');
  });

  it('is no link, no folder and no submodule', async () => {
    const repository = makeRepository({ 'a.txt': 'a' });
    git(repository, 'update-index', '--add', '--cacheinfo', `120000,${git(repository, 'hash-object', '-w', 'a.txt')},WORKFLOW.md`);
    git(repository, 'commit', '-qm', 'link');
    assert.equal(await workflowSource({ stateDir, repositoryId: 'r', repositoryPath: repository, commit: null }), null);
  });
});
