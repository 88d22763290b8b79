/** Every pair of standing and event, as the store's own operations play it, against the table. */
import assert from 'node:assert/strict';
import { transition, type SessionEventName } from '../../protocol/states.ts';
import { Fixture, profile, result, standingOf, type Arrived, type OpenStore, type Standing } from './fixture.ts';

const standings: readonly Standing[] = [
  { state: 'pending', held: false },
  { state: 'queued', held: false },
  { state: 'active', held: true },
  { state: 'awaiting_input', held: true },
  { state: 'awaiting_input', held: false },
  { state: 'stale', held: false },
  { state: 'complete', held: false },
  { state: 'error', held: false },
  { state: 'cancelled', held: false },
];

/** How somebody makes the event happen. Refusals are thrown; some do nothing where the event is not legal. */
type Play = (f: Fixture, arrived: Arrived) => Promise<unknown>;
const acts: Partial<Record<SessionEventName, Play>> = {
  claim: (f, { session }) => f.poll({ capacity: 1, sessionId: session.id, execution: session.execution }),
  ask: (f, { session, holder }) => f.ask(session.id, holder, { key: 'q2' }),
  park: (f, { session, holder }) => f.store.park(f.call, session.id, { holder }),
  unpark: async (f, { input }) => input && f.answer(input.id),
  release: (f, { session, holder }) => f.store.release(f.call, session.id, { holder, reason: 'later', notBeforeMs: null }),
  defer: (f, { session, holder }) => f.store.release(f.call, session.id, { holder, reason: 'later', notBeforeMs: 5_000 }),
  complete: (f, { session, holder }) => f.store.complete(f.call, session.id, { holder, result, usage: null }),
  fail: (f, { session, holder }) =>
    f.store.fail(f.call, session.id, { holder, error: { code: 'x', message: 'y', hint: null }, usage: null, result: null }),
  requeue: (f, { session }) => f.store.retrySession(f.call, session.id),
  cancel: (f, { session }) => f.store.cancelSession(f.call, session.id),
  cancel_acknowledged: (f, { session, holder }) => f.store.cancelled(f.call, session.id, { holder, text: '', result: null, usage: null }),
  answer_delivered: async (f, { session, holder, input }) => {
    if (!input) return;
    if (session.claim) await f.answer(input.id);
    await f.store.inputDelivered(f.call, session.id, input.id, { holder });
  },
};

/** Events that time brings, played where the table has them. */
const times: Partial<Record<SessionEventName, Play>> = {
  ready: async (f) => {
    f.wait(60_000);
    await f.store.reap(f.duty);
  },
  lease_ended: (f) => f.loseLeases(),
  lease_ended_cancelling: async (f, { session }) => {
    await f.store.cancelSession(f.call, session.id);
    await f.loseLeases();
  },
  attempts_exhausted: async (f, { session }) => {
    // Used up: lost again and again until the reaper gives up.
    for (let attempt = session.attempt; attempt < session.maxAttempts; attempt++) {
      await f.store.retrySession(f.call, session.id);
      await f.claim(session.id, 'local');
      await f.loseLeases();
    }
    f.wait(10 * 60_000 + profile.reap);
    await f.store.reap(f.duty);
  },
  expire: async (f) => {
    f.wait(8 * 86_400_000);
    await f.store.reap(f.duty);
    f.wait(8 * 86_400_000);
    await f.store.reap(f.duty);
  },
};

export function stateTableConformance(open: OpenStore): void {
  describe('the state table', () => {
    for (const [event, play] of Object.entries(acts) as [SessionEventName, Play][])
      it(`${event}: legal where the table says so, without effect elsewhere`, async () => {
        for (const standing of standings) {
          const f = await Fixture.open(open);
          const arrived = await f.arrive(standing);
          assert.deepEqual(standingOf(arrived.session), standing);
          let refused = false;
          await play(f, arrived).catch(() => (refused = true));
          const after = standingOf(await f.get(arrived.session.id));
          const wanted = transition(standing, event);
          const label = `${standing.state}${standing.held ? ' (held)' : ''} on ${event}`;
          assert.deepEqual(after, wanted ?? standing, label);
          if (wanted) assert.equal(refused, false, label);
          await f.store.close();
        }
      });

    for (const [event, play] of Object.entries(times) as [SessionEventName, Play][])
      it(`${event}: comes with time`, async () => {
        for (const standing of standings) {
          const wanted = transition(standing, event);
          if (!wanted) continue;
          const f = await Fixture.open(open);
          const arrived = await f.arrive(standing);
          await play(f, arrived);
          assert.deepEqual(standingOf(await f.get(arrived.session.id)), wanted, `${standing.state} on ${event}`);
          await f.store.close();
        }
      });
  });
}
