import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { closedInState, stateNames } from '../../../../worker/base/stateFolder.ts';
import { practice, Workbench } from '../../../fakes/workbench.ts';

describe('the state folder', function () {
  this.timeout(60_000);
  let bench: Workbench | null = null;
  afterEach(() => bench?.close());

  it('holds nothing that worker/base/stateFolder.ts does not name, and all of it but the lines is closed to agents by rule', async () => {
    bench = await Workbench.open({ agents: [practice] });
    await bench.worker.start();
    const { id } = await bench.queue({ mode: 'plan' });
    await bench.ended(id);
    const { stateDir } = bench;
    const there = readdirSync(stateDir);
    assert.deepEqual(
      there.filter((name) => !stateNames.includes(name)),
      [],
      'worker/base/stateFolder.ts',
    );
    assert.deepEqual(
      there.filter((name) => !closedInState(stateDir).includes(`${stateDir}/${name}`)),
      ['lines'],
    );
  });
});
