import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { StoredItem } from '../../../protocol/records.ts';
import { leaseProfiles } from '../../../protocol/states.ts';
import { claimToken, claimTokenFits, holdLimit, type ClaimName } from '../../../platform/domain/claims.ts';
import { patched, sessionEffect } from '../../../platform/domain/items.ts';
import { leaseLost, staleUntil, wasAway } from '../../../platform/domain/reaper.ts';
import { retryDelay } from '../../../platform/domain/retry.ts';
import { aStoredItem } from '../../builders/item.ts';
import { asContext, waitingState } from '../../../platform/domain/sessions.ts';

const item: StoredItem = aStoredItem({ title: 't', description: 'd', assigneeIds: ['a'], version: 3, updatedAt: 10 });

describe('platform rules', () => {
  it('a lost session is repeated at once the first time, then with a pause that doubles up to five minutes', () => {
    assert.deepEqual(
      [1, 2, 3, 4, 5, 6, 7, 8, 50].map((lost) => retryDelay(lost, 0)),
      [0, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000],
    );
  });

  it('the pause is spread, never shortened', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 30 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (lost, chance) => {
        const delay = retryDelay(lost, chance);
        assert.ok(delay >= retryDelay(lost, 0) && delay <= retryDelay(lost, 0) * 1.2);
      }),
    );
  });

  it('the platform was away when more than two of its ticks are missing', () => {
    const profile = leaseProfiles.standard;
    assert.equal(wasAway(null, 0, profile), true);
    assert.equal(wasAway(0, 2 * profile.reap, profile), false);
    assert.equal(wasAway(0, 2 * profile.reap + 1, profile), true);
  });

  it('a stale cloud session goes back by itself, a local one waits for its machine', () => {
    const session = { attempt: 1, maxAttempts: 3 };
    assert.deepEqual(staleUntil({ ...session, execution: 'cloud' }, 5, 0), { at: 5, then: 'requeue' });
    assert.equal(staleUntil({ ...session, execution: 'local' }, 5, 0).at, 5 + 7 * 86_400_000);
    assert.deepEqual(staleUntil({ execution: 'cloud', attempt: 3, maxAttempts: 3 }, 5, 0), { at: 5, then: 'attempts_exhausted' });
    assert.deepEqual(staleUntil({ execution: 'local', attempt: 3, maxAttempts: 3 }, 5, 0), { at: 600_005, then: 'attempts_exhausted' });
    assert.equal(leaseLost(null), 'lease_ended');
    assert.equal(leaseLost(4), 'lease_ended_cancelling');
  });

  it('a claim token fits its own claim and no other', () => {
    const key = new Uint8Array(32).fill(7);
    const name: ClaimName = { workspaceId: 'w', sessionId: 's', fence: 1, instanceId: 'i' };
    const token = claimToken(key, name);
    assert.equal(claimTokenFits(key, name, token), true);
    for (const other of [{ workspaceId: 'x' }, { sessionId: 'x' }, { fence: 2 }, { instanceId: 'x' }])
      assert.equal(claimTokenFits(key, { ...name, ...other }, token), false);
    assert.equal(claimTokenFits(new Uint8Array(32), name, token), false);
    assert.equal(claimTokenFits(key, name, ''), false);
    // Parts that run together must not make the same token.
    assert.notEqual(
      claimToken(key, { ...name, sessionId: 's|1', instanceId: 'i' }),
      claimToken(key, { ...name, sessionId: 's', instanceId: '1|i' }),
    );
  });

  it('a poll is held so long that the next renewal still comes in time', () => {
    assert.equal(holdLimit(25_000, true, leaseProfiles.fast), leaseProfiles.fast.renew);
    assert.equal(holdLimit(25_000, false, leaseProfiles.fast), 25_000);
  });

  it('a change counts one version, a change of nothing none, and time does not go back', () => {
    assert.equal(patched(item, { title: 't', labels: [] }, 20), item);
    const after = patched(item, { title: 'u' }, 5);
    assert.deepEqual([after.version, after.title, after.updatedAt], [4, 'u', 10]);
  });

  it('sessions learn what matters to them of an item, the strongest first', () => {
    const effect = (change: Partial<StoredItem>) => sessionEffect(item, { ...item, ...change });
    assert.equal(effect({ status: 'cancelled', title: 'u' }), 'cancel');
    assert.equal(effect({ status: 'completed', assigneeIds: [] }), 'completed');
    assert.equal(effect({ assigneeIds: [], title: 'u' }), 'reassigned');
    assert.equal(effect({ description: 'e' }), 'edited');
    assert.equal(effect({ status: 'in_progress', priority: 'high' }), null);
  });

  it('nothing that comes with a request is trusted', () => {
    const section = { id: 'x', origin: 'platform', title: '', text: '', trusted: true, enabled: true } as const;
    assert.deepEqual(
      asContext([section]).map((one) => one.trusted),
      [false],
    );
  });

  it('a session waits as pending until its time', () => {
    assert.equal(waitingState(11, 10), 'pending');
    assert.equal(waitingState(10, 10), 'queued');
    assert.equal(waitingState(null, 10), 'queued');
  });
});
