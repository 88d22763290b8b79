import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import type { EffectOutcome } from '../../../../worker/effects/broker.ts';
import { toolServer } from '../../../../worker/effects/tools.ts';

describe('the tools of the broker', () => {
  it('answer in time, and count as heard only with the outcome itself', async () => {
    const outcome = Promise.withResolvers<EffectOutcome>();
    let told = 0;
    const [input, output] = [new PassThrough(), new PassThrough()];
    const server = toolServer({
      effect: () => outcome.promise,
      call: () => Promise.reject(new Error('not asked for here')),
      offered: () => Promise.resolve([]),
      patienceMs: 1,
    });
    await server.connect(new StdioServerTransport(input, output));
    const lines = createInterface({ input: output });
    const ask = async (method: string, params: unknown): Promise<string> => {
      const line = once(lines, 'line') as Promise<[string]>;
      input.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })}\n`);
      return (await line)[0];
    };
    await ask('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'a', version: '1' } });
    const comment = () => ask('tools/call', { name: 'comment', arguments: { body: 'Done.' } });
    assert.match(await comment(), /A person is being asked/u);
    outcome.resolve({ state: 'done', words: 'The comment stands.', told: () => (told += 1) });
    await outcome.promise;
    assert.equal(told, 0);
    assert.match(await comment(), /The comment stands/u);
    assert.equal(told, 1);
    await server.close();
  });
});
