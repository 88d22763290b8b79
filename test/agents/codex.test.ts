import assert from 'node:assert/strict';
import type { Activity } from '../../protocol/activities.ts';
import type { Session } from '../../protocol/records.ts';
import { startResponsesServer, type ModelStep, type Script } from '../fakes/responsesServer.ts';
import { shape, Workbench } from '../fakes/workbench.ts';
import { codex } from './codexAgent.ts';

const patch = [
  '*** Begin Patch',
  '*** Update File: src/save.js',
  '@@',
  '-export const save = () => undefined;',
  '+export const save = (draft) => ({ ...draft, saved: true });',
  '*** End Patch',
  '',
].join('\n');
const shell = (cmd: string): ModelStep => ({ call: { name: 'exec_command', arguments: { cmd } } });
const editing: readonly ModelStep[] = [
  shell('cat src/save.js'),
  // Codex takes this command as an edit of its own, whichever tools a model has.
  shell(`apply_patch <<'PATCH'\n${patch}PATCH`),
  shell('node --test 2>&1 | tail -3; exit 0'),
  shell('git add -A && git commit -q -m "Save the draft" && git log --oneline -1'),
  { text: 'save() now returns the saved draft; committed.' },
];

interface CodexRun {
  readonly session: Session;
  readonly activities: readonly Activity[];
  readonly modelCalls: number;
  readonly text: string;
}

describe('the real Codex in the sandbox', function () {
  this.timeout(120_000);
  let bench: Workbench;
  afterEach(() => bench.close());

  async function codexRun(script: Script): Promise<CodexRun> {
    const model = await startResponsesServer(script);
    bench = await Workbench.open({ agents: [codex(model.port)], secrets: { SCRIPTED_KEY: 'scripted-secret-value' } });
    try {
      await bench.worker.start();
      const queued = await bench.queue({ agent: 'codex' });
      const session = await bench.ended(queued.id, 60_000);
      const activities = await bench.activities(session.id);
      return { session, activities, modelCalls: model.requests.length, text: JSON.stringify([session, activities]) + bench.hostLogs() };
    } finally {
      await model.close();
    }
  }

  function assertWorked({ session, activities }: CodexRun): void {
    assert.equal(session.state, 'complete', JSON.stringify(session.error));
    const kinds = shape(activities);
    for (const kind of ['command', 'file_change', 'commit']) assert.ok(kinds.includes(kind), `Codex made a ${kind}: ${kinds.join(' ')}`);
  }

  it('runs commands, changes a file and commits, all seen as activities, and hands the change over', async () => {
    const run = await codexRun(editing);
    assertWorked(run);
    const { session, activities } = run;
    assert.equal(session.sandboxStep, 'ours');
    assert.equal(session.result?.outcome, 'changes');
    assert.deepEqual(
      session.result.files.map((file) => file.path),
      ['src/save.js'],
    );
    assert.equal(session.result.agentCommits, 1);
    assert.match(session.result.summary, /returns the saved draft/);
    assert.ok(session.usage && session.usage.totalTokens >= 120 * editing.length);
    const commands = activities.flatMap((entry) =>
      entry.kind === 'progress' && entry.body.type === 'command' && entry.body.status !== 'running' ? [entry.body] : [],
    );
    assert.ok(
      commands.every((command) => command.exitCode === 0),
      JSON.stringify(commands),
    );
    assert.ok(session.result.checks.some((check) => check.command.includes('node --test')));
    assert.ok(!run.text.includes('scripted-secret-value'));
  });

  it('goes on in its own conversation when it is sent back with a note', async () => {
    const model = await startResponsesServer([{ text: 'I looked at the save button.' }]);
    bench = await Workbench.open({ agents: [codex(model.port)], secrets: { SCRIPTED_KEY: 'scripted-secret-value' } });
    try {
      await bench.worker.start();
      const first = await bench.queue({ agent: 'codex' });
      await bench.ended(first.id, 60_000);
      const second = await bench.queue({ agent: 'codex', parentSessionId: first.id, note: 'Look again.' });
      assert.equal((await bench.ended(second.id, 60_000)).state, 'complete');
      const asked = JSON.stringify(model.requests.at(-1));
      assert.match(asked, /Look again\./);
      assert.match(asked, /I looked at the save button/, 'what it said before is still in its conversation');
    } finally {
      await model.close();
    }
  });

  it('goes on when a helper of it is done, and tells its own words', async () => {
    const agents = (name: string, input: Record<string, unknown>): ModelStep => ({
      call: { namespace: 'multi_agent_v1', name, arguments: input },
    });
    const helping: readonly ModelStep[] = [shell('echo helped > helper.txt'), { text: 'These are the words of the helper.' }];
    const { session, activities } = await codexRun((input) => {
      if (JSON.stringify(input.findLast((entry) => entry.role === 'user')).includes('Help with the save button.')) return helping;
      const spawned = /agent_id\W+([\w-]+)/.exec(JSON.stringify(input.filter((entry) => entry.output !== undefined)))?.[1] ?? '';
      return [
        agents('spawn_agent', { message: 'Help with the save button.' }),
        agents('wait_agent', { targets: [spawned], timeout_ms: 60_000 }),
        shell('cat helper.txt > own.txt'),
        { text: 'I used what the helper wrote.' },
      ];
    });
    assert.equal(session.state, 'complete', JSON.stringify(session.error));
    assert.equal(session.result?.summary, 'I used what the helper wrote.');
    assert.deepEqual(session.result.files.map((file) => file.path).sort(), ['helper.txt', 'own.txt']);
    const commands = activities.flatMap((entry) =>
      entry.kind === 'progress' && entry.body.type === 'command' ? [entry.body.command] : [],
    );
    assert.ok(commands.includes('echo helped > helper.txt'), `what a helper ran is seen: ${commands.join(' | ')}`);
  });

  it('shows no file change and no commit when the model makes none', async () => {
    const run = await codexRun([shell('cat src/save.js'), { text: 'I looked at it.' }]);
    assert.throws(() => {
      assertWorked(run);
    }, /Codex made a file_change/);
    assert.equal(run.session.state, 'complete');
    assert.equal(run.session.result?.outcome, 'no_changes');
    assert.equal(run.modelCalls, 2);
  });
});
