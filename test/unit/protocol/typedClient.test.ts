import assert from 'node:assert/strict';
import { isBelayError } from '../../../protocol/errors.ts';
import { createApi } from '../../../protocol/typedClient.ts';

describe('the typed client', () => {
  const answering = (status: number, body: unknown, headers: Record<string, string> = {}) =>
    createApi(() => Promise.resolve({ status, headers, body: JSON.stringify(body) }));

  it('takes a refusal of the platform for what it is', async () => {
    const problem = { type: 'about:blank', title: 'x', status: 404, code: 'not_found', detail: 'There is none.' };
    await assert.rejects(answering(404, problem).getItem({ params: { id: 'x' } }), (error) => isBelayError(error, 'not_found'));
  });

  it('takes nobody else’s answer for a refusal: what it was asked is sent again, not given up', async () => {
    for (const status of [400, 403, 404, 413, 429, 500, 502])
      for (const body of [{}, { message: 'no' }, null, [], 'no', { code: 'not one of ours', detail: 'x', status }])
        await assert.rejects(
          answering(status, body).getItem({ params: { id: 'x' } }),
          (error) => isBelayError(error, 'unavailable'),
          `${status}`,
        );
  });

  it('takes an answer of another form for another version', async () => {
    await assert.rejects(answering(200, { id: 1 }).getItem({ params: { id: 'x' } }), (error) => isBelayError(error, 'internal'));
  });
});
