import assert from 'node:assert/strict';
import { dispatch, type PanelHandlers } from '../../../extension/panel/dispatch.ts';
import type { PanelNotice } from '../../../protocol/panel.ts';

describe('messages of the panel', () => {
  const posted: PanelNotice[] = [];
  const refused: string[] = [];
  const handled: unknown[] = [];
  const handlers = new Proxy({} as PanelHandlers, {
    get: (_, name) => (params: unknown) => {
      handled.push([name, params]);
      return Promise.resolve({});
    },
  });
  const send = (message: unknown) =>
    dispatch(
      message,
      handlers,
      (notice) => posted.push(notice),
      (reason) => refused.push(reason),
    );
  beforeEach(() => {
    for (const list of [posted, refused, handled]) list.length = 0;
  });

  it('reach the handler of their name and are answered once', async () => {
    await send({ type: 'call', id: 7, name: 'queue', params: { key: 'BUG-1' } });
    assert.deepEqual(handled, [['queue', { key: 'BUG-1' }]]);
    assert.deepEqual(posted, [{ type: 'reply', id: 7, result: {} }]);
  });

  for (const [what, message] of [
    ['no call at all', 'hello'],
    ['an unknown name', { type: 'call', id: 1, name: 'executeCommand', params: { command: 'workbench.action.quit' } }],
    ['a name that every object has', { type: 'call', id: 1, name: 'constructor', params: {} }],
    ['parameters of another form', { type: 'call', id: 1, name: 'queue', params: { key: 1 } }],
    ['unknown parameters', { type: 'call', id: 1, name: 'queue', params: { key: 'BUG-1', command: 'x' } }],
  ] as const) {
    it(`are refused: ${what}`, async () => {
      await send(message);
      assert.deepEqual(handled, []);
      assert.equal(refused.length, 1);
      // Who asked for something that there is learns that it was not done.
      assert.deepEqual(
        posted.map((notice) => notice.type === 'reply' && notice.problem?.code),
        what.includes('parameters') ? ['invalid_body'] : [],
      );
    });
  }
});
