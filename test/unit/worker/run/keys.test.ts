import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { practice, Workbench } from '../../../fakes/workbench.ts';

const key = 'sk-a-key-that-somebody-put-into-settings';

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const file = path.join(folder, name);
    const info = statSync(file, { throwIfNoEntry: false });
    return info?.isDirectory() ? filesBelow(file) : info?.isFile() ? [file] : [];
  });
}

describe('keys in the settings of an agent', function () {
  this.timeout(60_000);
  let bench: Workbench;
  afterEach(() => bench.close());

  it('are in no file of the run once it is under way, and in nothing it reports', async () => {
    const launch = { ...practice.launch, env: { ...practice.launch.env, MY_MODEL_KEY: key } };
    bench = await Workbench.open({ agents: [{ ...practice, launch }] });
    await bench.worker.start();
    const { id } = await bench.queue();
    await bench.until('a question', async () => (await bench.session(id)).openInputs > 0);
    const holding = filesBelow(path.join(bench.stateDir, 'runs')).filter((file) => readFileSync(file, 'utf8').includes(key));
    assert.deepEqual(holding, []);
    await bench.answer(id);
    const session = await bench.ended(id);
    assert.equal(session.state, 'complete');
    assert.ok(!JSON.stringify([session, await bench.activities(id)]).includes(key));
  });
});
