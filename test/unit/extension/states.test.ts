import assert from 'node:assert/strict';
import { nextState } from '../../../extension/base/connectionState.ts';
import { takesWork } from '../../../extension/localWorker/workerSwitch.ts';

describe('whether the worker takes queued work', () => {
  it('is what the setting says until the switch is used', () => {
    assert.equal(takesWork(true, undefined), true);
    assert.equal(takesWork(false, undefined), false);
  });

  it('is what the switch says, until the setting is changed after it', () => {
    assert.equal(takesWork(true, { on: false, setting: true }), false);
    assert.equal(takesWork(false, { on: true, setting: false }), true);
    assert.equal(takesWork(false, { on: true, setting: true }), false);
    assert.equal(takesWork(true, { on: false, setting: false }), true);
  });
});

describe('how old what the panel shows may be', () => {
  it('is counted from when the connection was lost, not from when it was made', () => {
    const online = nextState({ state: 'connecting', asOf: null, problem: null }, 'online', 100);
    const lost = nextState(online, 'offline', 900);
    assert.deepEqual([online.asOf, lost.asOf], [100, 900]);
    assert.equal(nextState(lost, 'offline', 1_500).asOf, 900);
    assert.equal(nextState(lost, 'online', 2_000).asOf, 2_000);
  });
});
