import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Activity } from '../../../../protocol/activities.ts';
import { WorkflowApprovals } from '../../../../worker/workflow/file/approvals.ts';
import { readSource } from '../../../../worker/workflow/file/source.ts';
import { scripted, Workbench, type WorkbenchOptions } from '../../../fakes/workbench.ts';
import { git, writeFiles } from '../../../support/repository.ts';

/** Says its prompt back, and the variables it has. */
const echo = scripted('echo', {
  driver: 'command',
  argv: ['/bin/sh', '-c', 'cat; echo "TOKEN=$DEPLOY_TOKEN"; cat made.txt 2>/dev/null; true'],
});

describe('a run under a workflow file', function () {
  this.timeout(60_000);
  let bench: Workbench;
  afterEach(async () => {
    await bench.close();
  });

  async function open(files: Record<string, string>, options: WorkbenchOptions = {}): Promise<WorkflowApprovals> {
    bench = await Workbench.open({ agents: [echo], ...options });
    commit(files);
    return new WorkflowApprovals(bench.stateDir, bench.repositoryId);
  }
  function commit(files: Record<string, string>): void {
    writeFiles(bench.repository, files);
    git(bench.repository, 'add', '-A');
    git(bench.repository, 'commit', '-qm', 'workflow');
  }
  async function approve(approvals: WorkflowApprovals, requests = false): Promise<void> {
    const source = await readSource(path.join(bench.repository, '.git'), 'HEAD');
    assert.ok(source);
    approvals.approve(source, requests, 1);
  }
  async function run(mode: 'code' | 'plan' = 'code', agent = 'echo') {
    if (bench.worker.state === 'stopped') await bench.worker.start();
    const { id } = await bench.queue({ agent, mode, title: 'Fix “it”' });
    const session = await bench.ended(id);
    const activities = await bench.activities(id);
    return { session, activities, said: session.result?.summary ?? '', note: noteOf(activities) };
  }
  const noteOf = (activities: readonly Activity[]): string =>
    activities
      .map((entry) => (entry.kind === 'progress' && entry.body.type === 'phase' && entry.body.phase === 'prompt' ? entry.body.detail : ''))
      .join('');
  const hooksOf = (activities: readonly Activity[]): unknown[] =>
    activities.flatMap((entry) =>
      entry.kind === 'progress' && entry.body.type === 'command' && entry.body.callId.startsWith('hook-') && entry.body.status !== 'running'
        ? [[entry.body.command, entry.body.status, entry.body.output]]
        : [],
    );

  it('does not use a file nobody approved, and says so', async () => {
    await open({ 'WORKFLOW.md': '---\nversion: 1\nhooks:\n  before_run: touch made.txt\n---\nObey the file.\n' });
    const { said, note, activities } = await run();
    assert.doesNotMatch(said, /Obey the file/u);
    assert.match(note, /this version is not approved, it is not used/u);
    assert.deepEqual(hooksOf(activities), []);
  });

  it('puts the body and its sections into the trusted words, from the commit and never from the working folder', async () => {
    const approvals = await open({
      'WORKFLOW.md':
        '---\nversion: 1\nmodes:\n  code:\n    instructions: Only in code.\n---\nTake {{ item.title }}. {% render "checks" %}\n',
      '.belay/sections/checks.md': 'Check {{ item.key }} twice.',
    });
    await approve(approvals);
    writeFiles(bench.repository, { 'WORKFLOW.md': 'Not committed.', '.belay/sections/checks.md': 'Not committed.' });
    const { said, note } = await run();
    assert.match(said, /Take “Fix it”\. Check [A-Z]+-\d+ twice\.\n\nOnly in code\./u);
    assert.ok(said.indexOf('twice.') < said.indexOf('[belay-data-'));
    assert.doesNotMatch(said, /Not committed/u);
    assert.match(note, /approved/u);
  });

  it('goes on with the version approved last when the file has a mistake, or was changed and not approved', async () => {
    const approvals = await open({ 'WORKFLOW.md': '---\nversion: 1\n---\nVersion one.\n' });
    await approve(approvals);
    commit({ 'WORKFLOW.md': '---\nversion: 1\n---\nVersion two {{ nobody }}.\n' });
    const broken = await run();
    assert.match(broken.said, /Version one\./u);
    assert.match(broken.note, /a mistake in line 4 \(unknown_variable/u);
    commit({ 'WORKFLOW.md': '---\nversion: 1\n---\nVersion three.\n' });
    assert.match((await run()).said, /Version one\./u);
    await approve(approvals);
    assert.match((await run()).said, /Version three\./u);
  });

  it('runs hooks inside the sandbox: once a clone, before each run, after each run', async () => {
    const approvals = await open({
      'WORKFLOW.md': [
        ...[
          '---',
          'version: 1',
          'hooks:',
          '  after_create: echo created > made.txt',
          `  before_run: [/bin/sh, -c, 'echo "key=$DEPLOY_TOKEN"; touch ../planted']`,
        ],
        ...['  after_run: exit 4', '---', 'Go.', ''],
      ].join('\n'),
    });
    await approve(approvals);
    const { session, activities, said } = await run();
    assert.equal(session.state, 'complete', JSON.stringify(session.error));
    assert.match(said, /created/u);
    const [created, before, after] = hooksOf(activities) as [string, string, string | null][];
    assert.deepEqual(created, ['after_create: echo created > made.txt', 'done', null]);
    assert.equal(before?.[1], 'done');
    assert.match(before?.[2] ?? '', /^key=\n/u);
    assert.equal(existsSync(path.join(bench.stateDir, 'lines', session.lineId, 'planted')), false);
    assert.deepEqual(after?.slice(0, 2), ['after_run: exit 4', 'failed']);
  });

  it('ends the run when a hook before it fails or takes too long, before the agent starts', async () => {
    const approvals = await open({ 'WORKFLOW.md': '---\nversion: 1\nhooks:\n  before_run: echo no database; exit 3\n---\n' });
    await approve(approvals);
    const failed = await run();
    assert.equal(failed.session.state, 'error');
    assert.match(failed.session.error?.message ?? '', /before_run of WORKFLOW\.md failed: it ended with code 3/u);
    assert.match(JSON.stringify(hooksOf(failed.activities)), /no database/u);
    commit({ 'WORKFLOW.md': '---\nversion: 1\nhooks:\n  timeout_ms: 300\n  before_run: sleep 600\n---\n' });
    await approve(approvals);
    assert.match((await run()).session.error?.message ?? '', /took longer than 300 ms/u);
  });

  it('gives a secret only when the file names it and the person chose so', async () => {
    const approvals = await open(
      { 'WORKFLOW.md': '---\nversion: 1\nsecrets: [DEPLOY_TOKEN]\n---\n' },
      { secrets: { DEPLOY_TOKEN: 'abc-secret-123' } },
    );
    await approve(approvals);
    const without = await run();
    assert.match(without.said, /TOKEN=\n|TOKEN=$/u);
    assert.match(without.note, /Not given to its work on this machine: DEPLOY_TOKEN/u);
    approvals.chooseSecret('DEPLOY_TOKEN', 'environment');
    const given = await run();
    assert.match(given.said, /TOKEN=(?!$)\S+/mu);
    assert.doesNotMatch(JSON.stringify(given.activities), /abc-secret-123/u);
  });

  it('closes a mode, and starts from the branch it names', async () => {
    const approvals = await open({
      'WORKFLOW.md': '---\nversion: 1\nbase_branch: release\nmodes:\n  plan:\n    enabled: false\n---\nOn HEAD.\n',
    });
    await approve(approvals);
    git(bench.repository, 'checkout', '-q', '-b', 'release');
    commit({ 'WORKFLOW.md': '---\nversion: 1\nmodes:\n  plan:\n    enabled: false\n---\nOn release.\n', 'made.txt': 'of release' });
    await approve(approvals);
    git(bench.repository, 'checkout', '-q', '-');
    const { said } = await run();
    assert.match(said, /On release\./u);
    assert.match(said, /of release/u);
    const closed = await run('plan');
    assert.equal(closed.session.state, 'error');
    assert.match(closed.session.error?.message ?? '', /closes the mode "plan"/u);
  });
});
