import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { startRetention } from '../../../platform/service/reaping.ts';
import { serviceOf } from './service.ts';

describe('taking away what was kept long enough', () => {
  afterEach(() => {
    mock.timers.reset();
  });

  it('lets others come in between its steps', async () => {
    const ending = new AbortController();
    const plain = await serviceOf({ ending: ending.signal });
    const order: string[] = [];
    const over = Promise.withResolvers<undefined>();
    let steps = 0;
    mock.timers.enable({ apis: ['setInterval'] });
    startRetention({
      ...plain,
      store: {
        ...plain.store,
        retain: () => {
          steps += 1;
          order.push(`step ${steps}`);
          if (steps === 1) setImmediate(() => order.push('another'));
          if (steps === 3) over.resolve(undefined);
          return Promise.resolve({ events: steps < 3 ? 1 : 0, folded: 0, forgotten: 0 });
        },
      },
    });
    mock.timers.tick(60_000);
    await over.promise;
    ending.abort();
    assert.deepEqual(order, ['step 1', 'another', 'step 2', 'step 3']);
    await plain.store.close();
  });
});
