import assert from 'node:assert/strict';
import { BelayError } from '../../../../protocol/errors.ts';
import type { ClaimGrant, PollReply } from '../../../../protocol/exchange.ts';
import type { BelayApi } from '../../../../protocol/typedClient.ts';
import { Lease } from '../../../../worker/run/lease.ts';
import { heldOn } from '../../../support/held.ts';
import { ManualClock } from '../../../support/manualClock.ts';

const quiet: PollReply = {
  serverNow: 0,
  leaseMs: 300,
  renewMs: 100,
  nextMs: 0,
  claims: [],
  renewed: [],
  lost: [],
  cancels: [],
  answers: [],
  messages: [],
};
type Body = Parameters<BelayApi['poll']>[0]['body'];

/** A lease of 300 ms against a platform that answers as `reply` says. */
class Bench {
  readonly clock = new ManualClock();
  readonly bodies: Body[] = [];
  readonly exits: string[] = [];
  lost: string | null = null;
  grants: number[] = [];
  cancels = 0;
  reply: (body: Body) => PollReply = (body) => ({ ...quiet, renewed: (body.renewals ?? []).map((entry) => ({ ...entry, leaseEnd: 0 })) });
  readonly lease: Lease;

  constructor(offlineMs = 60_000) {
    this.lease = new Lease({
      api: {
        poll: (input) => {
          this.bodies.push(input.body);
          try {
            return Promise.resolve(this.reply(input.body));
          } catch (error) {
            return Promise.reject(error as Error);
          }
        },
      },
      held: heldOn({}),
      workerId: 'w',
      leaseMs: 300,
      offlineMs,
      retryMs: 10,
      clock: this.clock,
      onCancel: () => (this.cancels += 1),
      onAnswers: () => undefined,
      onMessages: () => undefined,
      onExits: (state) => this.exits.push(state),
      onLost: (reason) => (this.lost = reason),
      onReclaimed: (grant) => this.grants.push(grant.fence),
      log: () => undefined,
    });
  }
}
const away = (): never => {
  throw new BelayError('unavailable', 'away');
};

describe('the lease of a run', () => {
  let bench: Bench;
  afterEach(() => bench.lease.stop());

  it('renews again and again, and keeps the exits open', async () => {
    bench = new Bench();
    bench.lease.start();
    await bench.clock.advance(1000);
    assert.equal(bench.bodies.length, 11);
    assert.ok(bench.bodies.every((body) => body.renewals?.[0]?.fence === 1 && body.capacity === 0));
    assert.deepEqual(bench.exits, []);
    assert.ok(bench.lease.exitsOpen);
  });

  it('comes again when the platform says, while that has something it was not told to be delivered, and in time for its lease', async () => {
    for (const [nextMs, polls] of [
      [150, 7],
      [1000, 6],
    ] as const) {
      bench = new Bench();
      bench.reply = () => ({ ...quiet, renewMs: 200, nextMs, renewed: [{ sessionId: 's', fence: 1, leaseEnd: 0 }] });
      bench.lease.start();
      await bench.clock.advance(1000);
      assert.equal(bench.bodies.length, polls);
      assert.deepEqual(bench.exits, []);
      await bench.lease.stop();
    }
  });

  it('closes the exits at 0.8 of the lease without a renewal and opens them with the next good one', async () => {
    bench = new Bench();
    const good = bench.reply;
    bench.reply = away;
    bench.lease.start();
    await bench.clock.advance(240);
    assert.ok(bench.lease.exitsOpen);
    await bench.clock.advance(10);
    assert.deepEqual(bench.exits, ['closed']);
    assert.ok(!bench.lease.exitsOpen);
    bench.reply = good;
    await bench.clock.advance(10);
    assert.deepEqual(bench.exits, ['closed', 'open']);
    assert.equal(bench.lost, null);
  });

  it('lets nothing out after a pause in which the lease ran down, before it has looked at the clock itself', async () => {
    bench = new Bench();
    bench.lease.start();
    await bench.clock.advance(100);
    bench.clock.jump(1000);
    assert.ok(!bench.lease.exitsOpen);
    await bench.clock.advance(100);
    assert.ok(bench.lease.exitsOpen, 'and opens again with the next renewal');
    assert.equal(bench.lost, null);
  });

  it('asks for its session again when the claim is lost, and goes on under the new fence', async () => {
    bench = new Bench();
    const good = bench.reply;
    bench.reply = (body) => {
      if (body.renewals?.length) return { ...quiet, lost: [{ sessionId: 's', fence: 1, code: 'claim_lost' }] };
      bench.reply = good;
      return { ...quiet, claims: [{ session: { id: 's' }, fence: 2, leaseMs: 300 } as ClaimGrant] };
    };
    bench.lease.start();
    await bench.clock.advance(20);
    assert.deepEqual(bench.grants, [2]);
    assert.deepEqual(bench.exits, ['closed', 'open']);
    await bench.clock.advance(200);
    assert.equal(bench.bodies.at(-1)?.renewals?.[0]?.fence, 2);
  });

  it('asks under the same name until it is answered, and under a new one after that', async () => {
    bench = new Bench();
    const good = bench.reply;
    let tries = 0;
    bench.reply = (body) => {
      if (body.renewals?.length) return { ...quiet, lost: [{ sessionId: 's', fence: 1, code: 'claim_lost' }] };
      tries += 1;
      if (tries <= 2) away();
      if (tries === 3) return quiet;
      bench.reply = good;
      return { ...quiet, claims: [{ session: { id: 's' }, fence: 2, leaseMs: 300 } as ClaimGrant] };
    };
    bench.lease.start();
    await bench.clock.advance(50);
    assert.deepEqual(bench.grants, [2]);
    const names = bench.bodies.filter((body) => body.capacity > 0).map((body) => body.requestId);
    assert.deepEqual(names, [names[0], names[0], names[0], names[3]]);
    assert.notEqual(names[0], names[3]);
  });

  it('gives up when nobody gives the session back in time', async () => {
    bench = new Bench(200);
    bench.reply = away;
    bench.lease.start();
    await bench.clock.advance(450);
    assert.equal(bench.lost, null);
    await bench.clock.advance(50);
    assert.match(bench.lost ?? '', /in time/);
    const asked = bench.bodies.length;
    await bench.clock.advance(1000);
    assert.equal(bench.bodies.length, asked);
  });

  it('does not count the time in which the machine slept as time of asking in vain', async () => {
    bench = new Bench(200);
    const good = bench.reply;
    bench.reply = away;
    bench.lease.start();
    await bench.clock.advance(300);
    assert.deepEqual(bench.exits, ['closed']);
    bench.clock.jump(3_600_000);
    await bench.clock.advance(50);
    assert.equal(bench.lost, null);
    bench.reply = good;
    await bench.clock.advance(50);
    assert.deepEqual(bench.exits, ['closed', 'open']);
  });

  it('stops at once when the session has ended', async () => {
    bench = new Bench();
    bench.reply = () => ({ ...quiet, lost: [{ sessionId: 's', fence: 1, code: 'session_final' }] });
    bench.lease.start();
    await bench.clock.advance(0);
    assert.match(bench.lost ?? '', /ended/);
  });

  it('does not count another session as its own', async () => {
    bench = new Bench();
    const good = bench.reply;
    bench.reply = (body) => ({ ...good(body), cancels: [{ sessionId: 'other', requestedAt: 0 }] });
    bench.lease.start();
    await bench.clock.advance(300);
    assert.equal(bench.bodies.length, 4);
    assert.equal(bench.cancels, 0);
  });
});
