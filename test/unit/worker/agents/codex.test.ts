import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { CodexDriver } from '../../../../worker/agents/codex/driver.ts';
import type { AgentEvent, TurnEnd } from '../../../../worker/agents/base/driver.ts';
import { root } from '../../../fakes/workbench.ts';

interface Scenario {
  /** Messages before and after Codex names the turn. */
  readonly before?: readonly object[];
  readonly after?: readonly object[];
}
interface Names {
  readonly threadId?: string;
  readonly turnId?: string;
}
const own = { threadId: 'own', turnId: 'turn' };
const helper = { threadId: 'helper', turnId: 'turn-of-helper' };

const says = (names: Names, text: string) => ({
  method: 'item/completed',
  params: { ...names, item: { type: 'agentMessage', id: 'item-1', text } },
});
const runs = (names: Names, command: string, over: boolean) => ({
  method: over ? 'item/completed' : 'item/started',
  params: {
    ...names,
    item: { type: 'commandExecution', id: 'item-2', command, status: over ? 'completed' : 'inProgress', exitCode: over ? 0 : null },
  },
});
const ends = ({ threadId, turnId }: Names, status = 'completed') => ({
  method: 'turn/completed',
  params: { threadId, turn: { id: turnId ?? 'turn', status, error: status === 'failed' ? { message: 'out of tokens' } : null } },
});

describe("what Codex's app-server tells of several threads", function () {
  this.timeout(30_000);
  const started: CodexDriver[] = [];
  afterEach(() => {
    for (const { pid } of started.splice(0)) if (pid !== null) process.kill(pid, 'SIGKILL');
  });

  async function turn(scenario: Scenario): Promise<{ end: TurnEnd; events: readonly AgentEvent[] }> {
    const events: AgentEvent[] = [];
    const driver = new CodexDriver(
      {
        cwd: root,
        mode: 'code',
        step: 'ours',
        launch: (argv, env) => Promise.resolve(spawn(argv[0] ?? '', argv.slice(1), { env, stdio: 'pipe' })),
        emit: (event) => events.push(event),
        ask: () => Promise.resolve(null),
        toolServers: [],
        onThread: () => undefined,
        log: () => undefined,
        startMs: 20_000,
      },
      {
        argv: [process.execPath, path.join(root, 'test/fakes/agents/appServer.mjs')],
        env: { SCENARIO: JSON.stringify(scenario) },
        login: null,
      },
    );
    started.push(driver);
    await driver.start(null);
    const end = await driver.prompt({ kind: 'note', text: 'go' });
    return { end, events };
  }
  const messages = (events: readonly AgentEvent[]) =>
    events.flatMap((event) => (event.kind === 'progress' && event.body.type === 'message' ? [event.body.text] : []));

  it('does not end the turn when a helper ends its own, well or not', async () => {
    for (const status of ['completed', 'failed', 'interrupted']) {
      const { end, events } = await turn({
        after: [says(helper, "the helper's words"), ends(helper, status), says(own, 'my words'), ends(own)],
      });
      assert.deepEqual(end, { stop: 'done', final: 'my words' }, status);
      assert.deepEqual(messages(events), ['my words'], status);
    }
  });

  it('keeps the words of a helper out of the summary, also of one that speaks last', async () => {
    const { end } = await turn({ after: [says(own, 'my words'), says(helper, "the helper's words"), ends(own)] });
    assert.equal(end.final, 'my words');
  });

  it('does not take the late end of an earlier turn for that of this one, before it has its name or after', async () => {
    const earlier = { threadId: 'own', turnId: 'earlier' };
    for (const scenario of [
      { before: [ends(earlier, 'interrupted')], after: [says(own, 'my words'), ends(own)] },
      { after: [ends(earlier, 'failed'), says(own, 'my words'), ends(own)] },
    ])
      assert.deepEqual((await turn(scenario)).end, { stop: 'done', final: 'my words' });
  });

  it('takes the end of its turn that is told before the turn has its name', async () => {
    assert.deepEqual((await turn({ before: [says(own, 'quick'), ends(own)] })).end, { stop: 'done', final: 'quick' });
  });

  it('fails with its own turn', async () => {
    await assert.rejects(turn({ after: [ends(helper), ends(own, 'failed')] }), /out of tokens/);
  });

  it('takes what names no thread as its own', async () => {
    const { end } = await turn({ after: [says({}, 'my words'), ends({})] });
    assert.deepEqual(end, { stop: 'done', final: 'my words' });
  });

  it("tells a helper's commands apart from its own that have the same name", async () => {
    const { events } = await turn({
      after: [runs(own, 'npm test', false), runs(helper, 'ls', false), runs(helper, 'ls', true), says(own, 'done'), ends(own)],
    });
    const calls = events.flatMap((event) =>
      event.kind === 'progress' && event.body.type === 'command' ? [[event.body.callId, event.body.command, event.body.status]] : [],
    );
    assert.deepEqual(calls, [
      ['item-2', 'npm test', 'running'],
      ['helper/item-2', 'ls', 'running'],
      ['helper/item-2', 'ls', 'done'],
    ]);
  });

  it('adds up what every thread used', async () => {
    const used = (names: Names, total: number) => ({
      method: 'thread/tokenUsage/updated',
      params: { ...names, tokenUsage: { total: { inputTokens: total, outputTokens: 0, totalTokens: total } } },
    });
    const { events } = await turn({ after: [used(own, 100), used(helper, 10), used(own, 150), used(helper, 30), ends(own)] });
    const deltas = events.flatMap((event) => (event.kind === 'usage' ? [event.usage.totalTokens] : []));
    assert.deepEqual(deltas, [100, 10, 50, 20]);
  });
});
