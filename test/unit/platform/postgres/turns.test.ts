import assert from 'node:assert/strict';
import { Turns } from '../../../../platform/store/postgres/turns.ts';

const late = () => new Error('too late');
const never = 60_000;

describe('places that workspaces take in turn', () => {
  it('are given at once while there are any', async () => {
    const turns = new Turns(2);
    const first = await turns.take('a', never, late);
    await turns.take('a', never, late);
    first();
    await turns.take('b', never, late);
  });

  it('one workspace with many requests does not keep another one out', async () => {
    const turns = new Turns(1);
    const order: string[] = [];
    const leave = await turns.take('busy', never, late);
    const work = async (key: string, name: string): Promise<void> => {
      const done = await turns.take(key, never, late);
      order.push(name);
      done();
    };
    const all = [1, 2, 3, 4].map((n) => work('busy', `busy ${n}`));
    all.push(work('quiet', 'quiet'), work('third', 'third'));
    leave();
    await Promise.all(all);
    assert.deepEqual(order, ['busy 1', 'quiet', 'third', 'busy 2', 'busy 3', 'busy 4']);
  });

  it('who waited too long is told so, and takes no place', async () => {
    const turns = new Turns(1);
    const leave = await turns.take('a', never, late);
    await assert.rejects(turns.take('a', 0, late), /too late/);
    const next = turns.take('a', never, late);
    leave();
    (await next)();
    await turns.take('a', never, late);
  });

  it('a place that is given back twice is one place', async () => {
    const turns = new Turns(1);
    const leave = await turns.take('a', never, late);
    leave();
    leave();
    await turns.take('a', never, late);
    await assert.rejects(turns.take('a', 0, late), /too late/);
  });
});
