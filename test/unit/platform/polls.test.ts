import assert from 'node:assert/strict';
import type { PollRequest } from '../../../protocol/exchange.ts';
import { createBus, Waiter, type Bus } from '../../../platform/service/bus.ts';
import { heldPoll } from '../../../platform/events/polls.ts';
import type { Service } from '../../../platform/service/service.ts';
import { Fixture, profile } from '../../store/fixture.ts';
import { openSqliteStore } from '../../../platform/store/sqlite/open.ts';

describe('a held poll', () => {
  let f: Fixture;
  let bus: Bus;
  let ending: AbortController;
  let service: Service;
  /** Resolves when somebody waits on the bus. */
  let waiting: Promise<void>;

  beforeEach(async () => {
    bus = createBus();
    f = await Fixture.open((settings) => Promise.resolve(openSqliteStore({ file: ':memory:', ...settings, onWake: bus.publish })));
    ending = new AbortController();
    let polls = 0;
    let looked: () => void = () => {};
    waiting = new Promise((resolve) => (looked = resolve));
    const store = {
      ...f.store,
      poll: async (...args: Parameters<typeof f.store.poll>) => {
        const outcome = await f.store.poll(...args);
        // After the first look the poll goes on to wait, in the same turn.
        if ((polls += 1) === 1) setImmediate(looked);
        return outcome;
      },
    };
    const unused = {} as Service;
    service = {
      ...unused,
      store,
      bus,
      clock: () => f.now,
      profile,
      rules: [{ class: 'run', decision: 'deny', match: ['npm publish *'] }],
      claimKey: new Uint8Array(32),
      ending: ending.signal,
    };
  });
  afterEach(() => f.store.close());

  const request = (over: Partial<PollRequest> = {}): Parameters<typeof heldPoll>[2] => ({
    workerId: f.workers.cloud.id,
    instanceId: 'cloud-1',
    requestId: 'r1',
    capacity: 1,
    reclaim: [],
    repositoryIds: [],
    renewals: [],
    waitMs: 25_000,
    ...over,
  });
  const stays = new AbortController().signal;

  it('answers at once when a session is queued', async () => {
    const held = heldPoll(service, f.call.caller, request(), stays);
    await waiting;
    const { id } = await f.create();
    const reply = await held;
    assert.deepEqual(
      reply.claims.map((grant) => grant.session.id),
      [id],
    );
    assert.equal(reply.nextMs, 0);
    assert.deepEqual(reply.claims[0]?.policy, service.rules, "the organisation's rules go with the claim");
  });

  it('answers at once when its session is cancelled, answered or written to', async () => {
    const { id } = await f.create();
    const holder = await f.claim(id);
    const input = await f.ask(id, holder);
    const renewals = [{ sessionId: id, fence: holder.fence }];
    const held = heldPoll(service, f.call.caller, request({ capacity: 0, renewals }), stays);
    await waiting;
    await f.answer(input.id);
    const reply = await held;
    assert.equal(reply.answers.length, 1);
    assert.equal(reply.renewed.length, 1);
    assert.ok(reply.nextMs > 0, 'what is told again must not be asked for without a pause');
    await f.store.sendMessage(f.call, id, { kind: 'steer', body: 'x' });
    await f.store.cancelSession(f.call, id);
    const next = await heldPoll(service, f.call.caller, request({ requestId: 'r2', capacity: 0, renewals }), stays);
    assert.deepEqual([next.messages.length, next.cancels.length], [1, 1]);
  });

  it('claims nothing for a worker that has gone', async () => {
    const gone = new AbortController();
    const held = heldPoll(service, f.call.caller, request(), gone.signal);
    await waiting;
    // The session is there before the poll could look again.
    gone.abort();
    const { id } = await f.create();
    assert.deepEqual((await held).claims, []);
    assert.equal((await f.get(id)).state, 'queued');
  });

  it('lets go when the platform ends', async () => {
    const held = heldPoll(service, f.call.caller, request(), stays);
    await waiting;
    ending.abort();
    assert.deepEqual((await held).claims, []);
  });

  it('a wake-up between the look and the wait is not lost', async () => {
    const waiter = new Waiter(bus, ['a', 'b']);
    bus.publish(new Set(['b']));
    await waiter.wait(60_000);
    waiter.close();
    assert.ok(true);
  });
});
