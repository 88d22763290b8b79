import assert from 'node:assert/strict';
import { nextConnectionState } from '../../../extension/base/connectionState.ts';
import { workerTakesWork } from '../../../extension/localWorker/workerSwitch.ts';

describe('whether the worker takes queued work', () => {
  it('is what the setting says until the switch is used', () => {
    assert.equal(workerTakesWork(true, undefined), true);
    assert.equal(workerTakesWork(false, undefined), false);
  });

  it('is what the switch says, until the setting is changed after it', () => {
    assert.equal(workerTakesWork(true, { on: false, setting: true }), false);
    assert.equal(workerTakesWork(false, { on: true, setting: false }), true);
    assert.equal(workerTakesWork(false, { on: true, setting: true }), false);
    assert.equal(workerTakesWork(true, { on: false, setting: false }), true);
  });
});

describe('how old what the panel shows may be', () => {
  it('is counted from when the connection was lost, not from when it was made', () => {
    const online = nextConnectionState({ state: 'connecting', asOf: null, problem: null }, 'online', 100);
    const lost = nextConnectionState(online, 'offline', 900);
    assert.deepEqual([online.asOf, lost.asOf], [100, 900]);
    assert.equal(nextConnectionState(lost, 'offline', 1_500).asOf, 900);
    assert.equal(nextConnectionState(lost, 'online', 2_000).asOf, 2_000);
  });
});
