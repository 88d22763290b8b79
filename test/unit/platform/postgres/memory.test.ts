import assert from 'node:assert/strict';
import { Memory } from '../../../../platform/store/postgres/memory.ts';
import { QueueHeads } from '../../../../platform/store/postgres/queueHeads.ts';

describe('what was read a moment ago', () => {
  it('is given again until it is too old or forgotten', async () => {
    const memory = new Memory(100);
    let loads = 0;
    const load = () => Promise.resolve((loads += 1));
    assert.deepEqual(
      [await memory.recall('k', 0, load), await memory.recall('k', 99, load), await memory.recall('k', 100, load)],
      [1, 1, 2],
    );
    memory.forget('k');
    assert.equal(await memory.recall('k', 101, load), 3);
  });

  it('a failure is not remembered', async () => {
    const memory = new Memory(100);
    await assert.rejects(memory.recall('k', 0, () => Promise.reject(new Error('no'))));
    assert.equal(await memory.recall('k', 1, () => Promise.resolve(7)), 7);
  });
});

describe('where a queue begins', () => {
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  it('is not known at first, then as of the last look, and no longer when that is old', async () => {
    let head = 500;
    const heads = new QueueHeads(() => Promise.resolve(head));
    assert.equal(heads.of('w', 'cloud', 0), 0);
    await settled();
    assert.equal(heads.of('w', 'cloud', 10), 500);
    head = 700;
    assert.equal(heads.of('w', 'cloud', 600), 500, 'a look is begun');
    await settled();
    assert.equal(heads.of('w', 'cloud', 601), 700);
    assert.equal(heads.of('w', 'cloud', 60_000), 0);
  });

  it('is looked up by one at a time, for each workspace apart', async () => {
    let looks = 0;
    const heads = new QueueHeads(() => Promise.resolve((looks += 1)));
    for (let claim = 0; claim < 5; claim++) heads.of('w', 'cloud', 0);
    heads.of('v', 'cloud', 0);
    await settled();
    assert.equal(looks, 2);
  });

  it('a look that fails leaves claims to the whole queue', async () => {
    const heads = new QueueHeads(() => Promise.reject(new Error('no database')));
    heads.of('w', 'cloud', 0);
    await settled();
    assert.equal(heads.of('w', 'cloud', 1), 0);
  });
});
