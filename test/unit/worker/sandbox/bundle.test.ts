import assert from 'node:assert/strict';
import { build } from 'esbuild';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root, scripted, Workbench } from '../../../fakes/workbench.ts';

/** Built as the shipped one is: the sandbox's helper program lies beside the bundle, or it does not. */
describe('the bundled run host', function () {
  this.timeout(60_000);
  let bench: Workbench;
  let folder: string;
  const runHost = () => path.join(folder, 'runHost.mjs');
  const helper = (place: string) => path.join(place, 'vendor/seccomp', process.arch);

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'bb-'));
    await build({
      bundle: true,
      platform: 'node',
      target: 'node22',
      format: 'esm',
      banner: { js: "import { createRequire as r } from 'node:module'; const require = r(import.meta.url);" },
      absWorkingDir: root,
      entryPoints: ['worker/run/main.ts'],
      outfile: runHost(),
      logLevel: 'silent',
    });
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => bench.close());

  async function run(): Promise<{ state: string; code: string | undefined; step: string | null }> {
    bench = await Workbench.open({ agents: [scripted('idle')], runHost: runHost() });
    await bench.worker.start();
    const { id } = await bench.queue({ agent: 'idle' });
    const session = await bench.ended(id);
    return { state: session.state, code: session.error?.code, step: session.sandboxStep };
  }

  it('refuses to run an agent when its system-call filter is missing', async function () {
    if (process.platform !== 'linux') this.skip();
    assert.deepEqual(await run(), { state: 'error', code: 'sandbox_unavailable', step: null });
  });

  it('finds the filter beside itself and proves it', async function () {
    if (process.platform !== 'linux') this.skip();
    cpSync(helper(path.join(root, 'node_modules/@anthropic-ai/sandbox-runtime')), helper(folder), { recursive: true });
    assert.deepEqual(await run(), { state: 'complete', code: undefined, step: 'ours' });
  });
});
