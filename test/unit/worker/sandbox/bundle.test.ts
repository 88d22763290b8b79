import assert from 'node:assert/strict';
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { programBundle, programFile } from '../../../../scripts/bundles.ts';
import type { Session } from '../../../../protocol/records.ts';
import type { OfferedAgent } from '../../../../worker/loop/worker.ts';
import { root, scripted, Workbench } from '../../../fakes/workbench.ts';

/** Built as the shipped one is: the sandbox's helper program lies beside the bundle, or it does not. */
describe('the bundled run host', function () {
  this.timeout(60_000);
  let bench: Workbench;
  let folder: string;
  const runHost = () => programFile('runHost', folder);
  const vendor = path.join(root, 'node_modules/@anthropic-ai/sandbox-runtime/vendor');
  const ship = (...parts: string[]) => {
    cpSync(path.join(vendor, ...parts), path.join(folder, 'vendor', ...parts), { recursive: true });
  };

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'bb-'));
    await build(programBundle('runHost', folder));
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => bench.close());

  async function run(agent: OfferedAgent): Promise<Session> {
    bench = await Workbench.open({ agents: [agent], runHost: runHost() });
    await bench.worker.start();
    const { id } = await bench.queue({ agent: agent.slug });
    return await bench.ended(id);
  }

  it('refuses to run an agent when its system-call filter is missing', async function () {
    if (process.platform !== 'linux') this.skip();
    const { state, error, sandboxStep } = await run(scripted('idle'));
    assert.deepEqual([state, error?.code, sandboxStep], ['error', 'sandbox_unavailable', null]);
  });

  it('finds the filter beside itself and proves it', async function () {
    if (process.platform !== 'linux') this.skip();
    ship('seccomp', process.arch);
    const { state, error, sandboxStep } = await run(scripted('idle'));
    assert.deepEqual([state, error?.code, sandboxStep], ['complete', undefined, 'ours']);
  });

  it("sends a Java program's connections to its proxy, which knows the list of hosts", async function () {
    if (process.platform !== 'linux' || spawnSync('javac', ['-version']).status !== 0) this.skip();
    ship('seccomp', process.arch);
    ship('java-proxy-agent', 'srt-proxy-agent.jar');
    const program = [
      'public class Ask { public static void main(String[] urls) throws Exception { for (String url : urls) try {',
      'System.out.println(((java.net.HttpURLConnection) new java.net.URL(url).openConnection()).getResponseCode());',
      '} catch (java.io.IOException error) { System.out.println(error); } } }',
    ].join(' ');
    const script = `cd "$TMPDIR" && echo '${program}' > Ask.java && java Ask.java http://listed.invalid/ http://other.invalid/ 2>&1`;
    const session = await run(scripted('probe', { env: { ELECTRON_RUN_AS_NODE: '1', PROBE: script }, hosts: ['listed.invalid:80'] }));
    const refused = (await bench.activities(session.id)).flatMap(({ kind, body }) => (kind === 'policy' ? [body.resource] : []));
    assert.deepEqual(refused, ['other.invalid:80'], session.result?.summary);
    assert.match(session.result?.summary ?? '', /403/);
    assert.doesNotMatch(session.result?.summary ?? '', /UnknownHost|407/);
  });
});
