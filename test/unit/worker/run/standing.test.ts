import assert from 'node:assert/strict';
import { Standing } from '../../../../worker/run/standing.ts';

describe('the standing of a session', () => {
  it('is flushed once what is on its way has arrived too', async () => {
    const arrived: unknown[] = [];
    const begun = Promise.withResolvers<undefined>();
    const answer = Promise.withResolvers<undefined>();
    const standing = new Standing({
      api: {
        updateStanding: async ({ body }: { body: { sandboxStep?: string } }) => {
          begun.resolve(undefined);
          await answer.promise;
          arrived.push(body.sandboxStep);
        },
      } as never,
      hold: () => ({ sessionId: 'ses_a', claimToken: 't', instanceId: 'ins_a', fence: 1 }) as never,
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
