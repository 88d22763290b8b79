import assert from 'node:assert/strict';
import { Numbering } from '../../../../platform/store/postgres/numbering.ts';

describe('numbering events after their commit', () => {
  let passes: number;
  let woken: string[];
  let logged: string[];
  let waiting: number;
  let fail: Error | null;
  let numbering: Numbering;
  beforeEach(() => {
    passes = 0;
    waiting = 0;
    woken = [];
    logged = [];
    fail = null;
    numbering = new Numbering({
      pass: () => {
        passes += 1;
        if (fail) return Promise.reject(fail);
        const topics = waiting > 0 ? ['workspace:w'] : [];
        waiting = Math.max(0, waiting - 10);
        return Promise.resolve({ topics, more: waiting > 0 });
      },
      wake: (topics) => woken.push(...topics),
      log: (message) => logged.push(message),
    });
  });
  afterEach(() => numbering.close());

  it('whoever asks afterwards finds everything numbered, however much there is', async () => {
    waiting = 35;
    numbering.committed();
    await numbering.settle();
    assert.equal(waiting, 0);
    assert.equal(woken.length, 4);
  });

  it('costs nothing when nothing was committed', async () => {
    await numbering.settle();
    assert.equal(passes, 0);
  });

  it('commits that come together are numbered together', async () => {
    waiting = 5;
    for (let commit = 0; commit < 50; commit++) numbering.committed();
    await numbering.settle();
    assert.equal(passes, 1);
  });

  it('who waits is told when it cannot be done, and it is done later', async () => {
    waiting = 1;
    fail = new Error('no database');
    numbering.committed();
    await assert.rejects(numbering.settle(), /no database/);
    assert.match(logged.join(), /no database/);
    fail = null;
    await numbering.settle();
    assert.equal(waiting, 0);
  });

  it('what is still to be numbered is numbered before the end', async () => {
    waiting = 1;
    numbering.committed();
    await numbering.close();
    assert.equal(waiting, 0);
    numbering.committed();
    await numbering.settle();
    assert.equal(passes, 1, 'nobody waits for what will not be done');
  });
});
