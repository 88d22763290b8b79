import assert from 'node:assert/strict';
import path from 'node:path';
import type { OfferedAgent } from '../../worker/loop/worker.ts';
import { startChatServer } from '../fakes/chatServer.ts';
import type { ModelStep } from '../fakes/responsesServer.ts';
import { root, shape, Workbench } from '../fakes/workbench.ts';

/** The program itself: its wrapper wants an install script, and packages are installed without those. */
const program = path.join(root, `test/agents/node_modules/opencode-${process.platform}-${process.arch}/bin/opencode`);

/** The real OpenCode over ACP, its model a scripted server on loopback. */
function opencode(port: number): OfferedAgent {
  const provider = {
    npm: '@ai-sdk/openai-compatible',
    name: 'Scripted',
    options: { baseURL: `http://localhost:${port}/v1`, apiKey: 'none' },
    models: { scripted: { name: 'Scripted' } },
  };
  const config = { model: 'loopback/scripted', provider: { loopback: provider }, permission: { edit: 'ask', bash: 'ask' } };
  return {
    slug: 'opencode',
    name: 'OpenCode',
    launch: {
      slug: 'opencode',
      driver: 'acp',
      argv: [program, 'acp'],
      env: { OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_DISABLE_LSP_DOWNLOAD: '1' },
      hosts: [`localhost:${port}`],
      readable: [path.join(root, 'test/agents/node_modules')],
      homeFiles: { '.config/opencode/opencode.json': JSON.stringify(config) },
      loginFiles: [],
      codexHome: null,
      ownSandbox: false,
    },
  };
}

const bash = (command: string): ModelStep => ({ call: { name: 'bash', arguments: { command, description: 'work' } } });

describe('the real OpenCode in the sandbox', function () {
  this.timeout(120_000);
  let bench: Workbench;
  afterEach(() => bench.close());

  it('works without a question inside the sandbox, and its change is handed over', async () => {
    const model = await startChatServer([
      bash('cat src/save.js'),
      bash('echo "export const saved = true;" > src/saved.js && git add -A && git commit -q -m "Say that it is saved"'),
      { text: 'Added src/saved.js.' },
    ]);
    try {
      bench = await Workbench.open({ agents: [opencode(model.port)] });
      await bench.worker.start();
      const { id } = await bench.queue({ agent: 'opencode' });
      const session = await bench.ended(id, 90_000);
      assert.equal(session.state, 'complete', JSON.stringify(session.error));
      assert.equal(session.sandboxStep, 'ours');
      assert.deepEqual(
        session.result?.files.map((file) => file.path),
        ['src/saved.js'],
      );
      const kinds = shape(await bench.activities(id));
      for (const kind of ['command', 'commit', 'message']) assert.ok(kinds.includes(kind), `${kind} is among ${kinds.join(' ')}`);
      assert.ok(!kinds.includes('input_asked'));
    } finally {
      await model.close();
    }
  });
});
