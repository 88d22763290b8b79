import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Activity } from '../../../../protocol/activities.ts';
import { ApprovedWorkflows } from '../../../../worker/workflow/file/approved.ts';
import { workflowSource } from '../../../../worker/workflow/file/choose.ts';
import { scripted, Workbench } from '../../../fakes/workbench.ts';
import { git } from '../../../support/repository.ts';

describe('a run in a repository with a WORKFLOW.md', function () {
  this.timeout(60_000);
  let bench: Workbench;
  afterEach(() => bench.close());

  async function open(head: string, body: string, script = 'env | grep ^TOKEN_; cat made.txt'): Promise<void> {
    const agents = [scripted('probe', { env: { ELECTRON_RUN_AS_NODE: '1', PROBE: script } })];
    bench = await Workbench.open({ agents, secrets: { TOKEN_A: 'value-of-token-a', TOKEN_B: 'value-of-token-b' } });
    writeFileSync(path.join(bench.repository, 'WORKFLOW.md'), `---\nversion: 1\n${head}\n---\n${body}`);
    git(bench.repository, 'add', '-A');
    git(bench.repository, 'commit', '-qm', 'workflow');
    await bench.worker.start();
  }

  async function approve(): Promise<void> {
    const { stateDir, repositoryId, repository: repositoryPath } = bench;
    const source = await workflowSource({ stateDir, repositoryId, repositoryPath, commit: null });
    assert.ok(source);
    new ApprovedWorkflows(stateDir, repositoryId).approve(source);
  }

  async function run() {
    const { id } = await bench.queue({ agent: 'probe' });
    const session = await bench.ended(id);
    return { session, activities: await bench.activities(id) };
  }
  const commands = (activities: readonly Activity[]): (readonly [string, string, string | null])[] =>
    activities.flatMap((entry) =>
      entry.kind === 'progress' && entry.body.type === 'command' && entry.body.status !== 'running'
        ? [[entry.body.command, entry.body.status, entry.body.output] as const]
        : [],
    );

  const hooks = 'hooks:\n  after_create: echo made > made.txt\n  before_run: cat made.txt\n  after_run: exit 3';

  it('does not use it before it was approved, and says so', async () => {
    await open(hooks, 'Be brief.');
    const { session, activities } = await run();
    assert.equal(session.state, 'complete', JSON.stringify(session.error));
    assert.deepEqual(commands(activities), []);
    assert.match(JSON.stringify(activities), /WORKFLOW\.md is not approved on this machine/u);
  });

  it('runs its hooks inside the sandbox, tells their output, and goes on when the last one fails', async () => {
    await open(`${hooks}\nsecrets: [TOKEN_A]`, 'Be brief.');
    await approve();
    const { session, activities } = await run();
    assert.equal(session.state, 'complete', JSON.stringify(session.error));
    assert.deepEqual(commands(activities), [
      ['after_create: echo made > made.txt', 'done', null],
      ['before_run: cat made.txt', 'done', 'made\n'],
      ['after_run: exit 3', 'failed', null],
    ]);
    assert.match(session.result?.summary ?? '', /TOKEN_A=/u);
    assert.ok(!(session.result?.summary ?? '').includes('TOKEN_B'), 'only what the file names');
    assert.ok(!JSON.stringify([session, activities]).includes('value-of-token-a'), 'values are taken out of what is told');
  });

  it('fails with the hook that it cannot go on without, and with one that does not end', async () => {
    await open('hooks:\n  before_run: echo no; exit 7', '');
    await approve();
    const failed = await run();
    assert.deepEqual([failed.session.state, failed.session.error?.code], ['error', 'hook_failed']);
    assert.match(failed.session.error?.message ?? '', /"before_run" ended with 7/u);
  });

  it('ends a hook after its time, with everything it started', async () => {
    await open('hooks:\n  before_run: sleep 600 & wait\n  timeout_ms: 1000', '');
    await approve();
    const { session } = await run();
    assert.match(session.error?.message ?? '', /did not end within 1000 ms/u);
    assert.deepEqual(
      bench.processes().filter(({ args }) => args.includes('sleep 600')),
      [],
    );
  });

  it('keeps a hook inside: it reaches nothing that the agent does not', async () => {
    await open('hooks:\n  before_run: echo x > ../../../../repo/owned || true; cat ../../../platform/* || true', '');
    await approve();
    await run();
    assert.equal(git(bench.repository, 'status', '--porcelain'), '');
  });

  it('ends an agent that works longer than it allows', async () => {
    await open('limits: { turn_timeout_ms: 10000 }', '', 'sleep 60');
    await approve();
    const { session } = await run();
    assert.deepEqual([session.state, session.error?.code], ['error', 'turn_timeout']);
  });

  it('goes on without one whose template cannot be rendered, and says so', async () => {
    await open('secrets: []', '{% for n in (1..3000000) %}{{ item.key }}{% endfor %}');
    await approve();
    const { session, activities } = await run();
    assert.equal(session.state, 'complete', JSON.stringify(session.error));
    assert.match(JSON.stringify(activities), /WORKFLOW\.md has a mistake in it/u);
  });
});
