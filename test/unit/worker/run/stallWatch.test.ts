import assert from 'node:assert/strict';
import { StallWatch } from '../../../../worker/run/stallWatch.ts';
import { ManualClock } from '../../../support/manualClock.ts';

describe('the watch over an agent that may have stalled', () => {
  let clock: ManualClock;
  let watch: StallWatch;
  let stalls: number;
  let turning: boolean;
  let waiting: boolean;
  let sink: { lastSign: number; openCall: string | null; touch: () => void };

  beforeEach(() => {
    clock = new ManualClock();
    stalls = 0;
    turning = true;
    waiting = false;
    sink = { lastSign: 0, openCall: null, touch: () => (sink.lastSign = clock.now()) };
    const options = {
      stallMs: 300_000,
      callMs: 3_600_000,
      sink,
      turning: () => turning,
      waiting: () => waiting,
      onStall: () => (stalls += 1),
      clock,
    };
    watch = new StallWatch(options);
    watch.start();
  });
  afterEach(() => {
    watch.close();
  });

  it('speaks after five minutes without a sign, in a turn only', async () => {
    await clock.advance(300_000);
    assert.equal(stalls, 0);
    turning = false;
    await clock.advance(10_000);
    assert.equal(stalls, 0);
    turning = true;
    await clock.advance(5000);
    assert.equal(stalls, 1);
  });

  it('begins anew with each sign, and while a person is waited for', async () => {
    await clock.advance(200_000);
    sink.touch();
    await clock.advance(200_000);
    waiting = true;
    await clock.advance(3_600_000);
    waiting = false;
    await clock.advance(300_000);
    assert.equal(stalls, 0);
    await clock.advance(5000);
    assert.equal(stalls, 1);
  });

  it('waits longer while a call of a tool is open, and names what it waited for', async () => {
    sink.openCall = 'npm test';
    await clock.advance(3_600_000);
    assert.equal(stalls, 0);
    await clock.advance(5000);
    assert.equal(stalls, 1);
    assert.match(watch.error.message, /3600 s, while it waited for npm test/);
  });

  it('goes back to five minutes once the call is over', async () => {
    sink.openCall = 'npm test';
    await clock.advance(1_000_000);
    sink.touch();
    sink.openCall = null;
    await clock.advance(300_000);
    assert.equal(stalls, 0);
    await clock.advance(5000);
    assert.equal(stalls, 1);
    assert.match(watch.error.message, /for 300 s\./);
  });

  it('does not take the sleep of the machine for a stall', async () => {
    await clock.advance(100_000);
    clock.jump(8 * 3_600_000);
    await clock.advance(300_000);
    assert.equal(stalls, 0);
    await clock.advance(10_000);
    assert.ok(stalls > 0);
  });
});
