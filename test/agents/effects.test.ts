import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { startResponsesServer, type ModelStep } from '../fakes/responsesServer.ts';
import { root, Workbench } from '../fakes/workbench.ts';
import { codex } from './codexAgent.ts';

const git = (cwd: string, ...args: string[]): string => execFileSync('git', args, { cwd, encoding: 'utf8' }).trim();
const tool = (name: string, input: Record<string, unknown>): ModelStep => ({ call: { namespace: 'mcp__belay', name, arguments: input } });
const change: ModelStep = {
  call: {
    name: 'exec_command',
    arguments: { cmd: "echo 'export const saved = true;' >> src/save.js; mkdir -p .vscode; echo '{}' > .vscode/tasks.json" },
  },
};

describe('effects of the real Codex through the broker', function () {
  this.timeout(120_000);
  let bench: Workbench;
  afterEach(() => bench.close());

  async function open(script: readonly ModelStep[]) {
    const model = await startResponsesServer(script);
    bench = await Workbench.open({
      agents: [codex(model.port)],
      secrets: { SCRIPTED_KEY: 'scripted-secret-value', WEATHER_KEY: 'weather-secret-value' },
      settings: {
        effects: {
          forges: {},
          toolServers: {
            weather: { command: [process.execPath, path.join(root, 'test/fakes/tools/weather.mjs')], secrets: ['WEATHER_KEY'] },
          },
        },
      },
    });
    const remote = path.join(bench.folder, 'remote.git');
    git(bench.folder, 'init', '-q', '--bare', remote);
    git(bench.repository, 'remote', 'add', 'origin', remote);
    await bench.worker.start();
    return { model, remote, queued: await bench.queue({ agent: 'codex' }) };
  }

  it('pushes what the gate let through to a branch of the claim, once a person allowed it', async () => {
    const { model, remote, queued } = await open([change, tool('push', { subject: 'Save it' }), { text: 'Pushed.' }]);
    try {
      await bench.answer(queued.id);
      const session = await bench.ended(queued.id, 60_000);
      assert.equal(session.state, 'complete', JSON.stringify(session.error));
      const branch = `belay/${session.itemKey}-${session.id.slice(-8)}-f1`;
      assert.equal(git(remote, 'for-each-ref', '--format=%(refname:short)'), branch);
      assert.equal(git(remote, 'show', '--name-only', '--format=%s', branch), 'Save it\n\nsrc/save.js');
      const told = JSON.stringify(model.requests.at(-1));
      assert.match(told, /Pushed to origin as belay/);
      const policy = (await bench.activities(session.id)).flatMap((entry) => (entry.kind === 'policy' ? [entry.body] : []));
      const effects = policy.filter((entry) => entry.class === 'effect' && entry.resource === `push:origin/refs/heads/${branch}`);
      assert.deepEqual(
        effects.map((entry) => entry.decision),
        ['ask', 'allow', 'allow', 'allow'],
      );
      // The question, its answer, and what the broker was about to do before it did it.
      assert.deepEqual(
        effects.slice(-2).map((entry) => entry.rule),
        ['about to be done', `done: Pushed to origin as ${branch}.`],
      );
    } finally {
      await model.close();
    }
  });

  it('does nothing that a person refused, and the agent hears it', async () => {
    const { model, remote, queued } = await open([change, tool('push', { subject: 'Save it' }), { text: 'Not pushed.' }]);
    try {
      await bench.answer(queued.id, 'deny');
      assert.equal((await bench.ended(queued.id, 60_000)).state, 'complete');
      assert.equal(git(remote, 'for-each-ref'), '');
      assert.match(JSON.stringify(model.requests.at(-1)), /It was not allowed/);
    } finally {
      await model.close();
    }
  });

  it('comments on the item, and calls a tool of the person, whose secret stays outside', async () => {
    const { model, queued } = await open([
      tool('comment', { body: 'Half of it is done.' }),
      tool('weather__forecast', { town: 'Bergen' }),
      { call: { name: 'exec_command', arguments: { cmd: 'env; cat /proc/*/environ 2>/dev/null | tr "\\0" "\\n"' } } },
      { text: 'Done.' },
    ]);
    try {
      await bench.answer(queued.id);
      await bench.answer(queued.id);
      const session = await bench.ended(queued.id, 60_000);
      const { entries } = await bench.api.listComments({ params: { id: session.itemId ?? '' }, query: {} });
      assert.deepEqual(
        entries.map((entry) => [entry.origin, entry.body]),
        [['agent', 'Half of it is done.']],
      );
      const told = JSON.stringify(model.requests.at(-1));
      assert.match(told, /Rain in Bergen, with its key\./);
      assert.ok(!told.includes('weather-secret-value'), 'the secret of the tool server is nowhere in the sandbox');
    } finally {
      await model.close();
    }
  });
});
