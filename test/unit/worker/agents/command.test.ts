import assert from 'node:assert/strict';
import { scripted, shape, Workbench } from '../../../fakes/workbench.ts';

describe('any program as an agent', function () {
  this.timeout(60_000);
  let bench: Workbench;
  afterEach(() => bench.close());

  const run = async (script: string) => {
    bench = await Workbench.open({ agents: [scripted('program', { driver: 'command', argv: ['/bin/sh', '-c', script] })] });
    await bench.worker.start();
    const { id } = await bench.queue({ agent: 'program', title: 'Say hello' });
    return await bench.ended(id);
  };

  it('gets the prompt on its input, reports by lines of JSON or plain text, and ends with its exit code', async () => {
    const plan = JSON.stringify({ plan: [{ title: 'Say it', status: 'completed' }] });
    const progress = JSON.stringify({ progress: { type: 'blocker', text: 'It is quiet here.' } });
    const session = await run(
      `grep -o 'Say hello' > hello.txt; echo '${plan}'; echo '${progress}'; echo Hello,; echo '{not json'; echo I am done.`,
    );
    assert.equal(session.state, 'complete', JSON.stringify(session.error));
    assert.deepEqual(
      session.result?.files.map((file) => file.path),
      ['hello.txt'],
    );
    assert.match(session.result?.summary ?? '', /Hello,\n\{not json\nI am done\./);
    assert.deepEqual(session.plan, [{ title: 'Say it', status: 'completed' }]);
    assert.ok(shape(await bench.activities(session.id)).includes('blocker'));
  });

  it('fails with what it wrote to its error output', async () => {
    const session = await run('cat > /dev/null; echo "no such model" >&2; exit 4');
    assert.equal(session.error?.code, 'agent_exited');
    assert.match(session.error.message, /exit code 4.*no such model/s);
  });

  it('says plainly that a program is not there', async () => {
    bench = await Workbench.open({ agents: [scripted('missing', { driver: 'command', argv: ['/nowhere/agent'] })] });
    await bench.worker.start();
    const { id } = await bench.queue({ agent: 'missing' });
    const session = await bench.ended(id);
    assert.equal(session.state, 'error');
    assert.match(session.error?.message ?? '', /nowhere\/agent/);
  });
});
