import assert from 'node:assert/strict';
import { alive, cleanUp, connect, tempFolder, until } from './support.ts';
import { often } from '../../support/long.ts';

const rounds = often({ suite: 12, long: 50 });
const starters = 8;

describe('starting', function () {
  this.timeout(240_000);
  afterEach(cleanUp);

  it(`${starters} starters at once, ${rounds} times: one process, ${starters} clients, no error`, async () => {
    const folder = tempFolder();
    for (let round = 0; round < rounds; round++) {
      const all = await Promise.all(Array.from({ length: starters }, () => connect(folder)));
      const pids = new Set(await Promise.all(all.map(async (one) => (await one.api.about()).pid)));
      assert.equal(pids.size, 1, `round ${round}`);
      const [pid] = pids;
      // Every other time it dies without a word and leaves its socket behind.
      process.kill(pid!, round % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
      for (const one of all) one.close();
      await until('it has ended', () => !alive(pid!));
    }
  });
});
