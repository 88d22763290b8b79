import assert from 'node:assert/strict';
import { Standing } from '../../../../worker/run/standing.ts';

describe('the standing of a session', () => {
  it('is flushed once what is on its way has arrived too', async () => {
    const arrived: unknown[] = [];
    const begun = Promise.withResolvers<undefined>();
    const answer = Promise.withResolvers<undefined>();
    const standing = new Standing({
      held: {
        updateStanding: async ({ sandboxStep } = {}) => {
          begun.resolve(undefined);
          await answer.promise;
          arrived.push(sandboxStep);
        },
      },
      log: () => undefined,
      everyMs: 0,
    });
    standing.set({ sandboxStep: 'ours' });
    await begun.promise;
    const flushed = standing.flush().then(() => arrived.push('flushed'));
    setImmediate(() => {
      answer.resolve(undefined);
    });
    await flushed;
    assert.deepEqual(arrived, ['ours', 'flushed']);
  });
});
