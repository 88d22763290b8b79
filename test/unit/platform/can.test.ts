import assert from 'node:assert/strict';
import type { Person } from '../../../platform/domain/caller.ts';
import { seenAgent, seenItem, seenSession } from '../../../platform/domain/can.ts';
import { statusAfter, type Cause } from '../../../platform/domain/itemFlow.ts';
import { itemStatuses, type ReviewDecision, type StoredAgent, type StoredItem, type StoredSession } from '../../../protocol/records.ts';

const personOf = (memberId: string, role: Person['role']): Person => ({
  kind: 'person',
  workspaceId: 'w',
  memberId,
  memberName: memberId,
  role,
  credential: memberId,
});
const ann = personOf('ann', 'member');
const session = (over: Partial<StoredSession>): StoredSession =>
  ({
    execution: 'local',
    ownerId: 'ann',
    initiatorId: 'ann',
    state: 'active',
    cancelRequestedAt: null,
    archivedAt: null,
    openInputs: 0,
    review: null,
    superseded: false,
    result: null,
    ...over,
  }) as StoredSession;
const changes = { outcome: 'changes', headCommit: 'c'.repeat(40), heldBack: [] } as unknown as StoredSession['result'];

describe('what a caller may do with a record', () => {
  const can = (caller: Person, over: Partial<StoredSession>): string => seenSession(caller, session(over)).can.join(' ');

  it('is for a session what its state and the permission allow together', () => {
    assert.equal(can(ann, {}), 'stop message');
    assert.equal(can(ann, { cancelRequestedAt: 1, openInputs: 1 }), 'answer message');
    assert.equal(can(ann, { state: 'stale' }), 'stop retry message');
    assert.equal(can(ann, { state: 'complete', result: changes }), 'archive accept send_back discard');
    assert.equal(can(ann, { state: 'complete', result: changes, review: 'accepted', archivedAt: 1 }), 'undo send_back');
    assert.equal(can(ann, { state: 'complete', result: changes, superseded: true }), 'archive');
    assert.equal(can(ann, { state: 'error' }), 'archive send_back discard');
  });

  it('is nothing of what is somebody else’s alone, and nothing for a guest', () => {
    const bob = personOf('bob', 'member');
    assert.equal(can(bob, { openInputs: 1 }), '');
    assert.equal(can(bob, { openInputs: 1, execution: 'cloud' }), 'answer message');
    assert.equal(can(personOf('boss', 'owner'), { openInputs: 1 }), 'stop');
    assert.equal(can(personOf('ann', 'guest'), { state: 'complete', result: changes }), '');
  });

  it('is for an item to change it, and for an agent to send work to it', () => {
    const item = {} as StoredItem;
    assert.deepEqual(seenItem(ann, item).can, ['edit', 'comment', 'hand_off']);
    assert.deepEqual(seenItem(personOf('g', 'guest'), item).can, []);
    const agent = (over: Partial<StoredAgent>): string[] => seenAgent(ann, over as StoredAgent).can;
    assert.deepEqual(agent({ execution: 'local', ownerId: 'ann' }), ['delegate']);
    assert.deepEqual(agent({ execution: 'local', ownerId: 'bob' }), []);
    assert.deepEqual(agent({ execution: 'cloud', ownerId: null }), ['delegate']);
  });
});

describe('what becomes of an item', () => {
  const after = (cause: Cause): string =>
    itemStatuses
      .flatMap((status) => {
        const next = statusAfter(status, cause);
        return next === null ? [] : [`${status} → ${next}`];
      })
      .join(', ');
  const reviewed = (decision: ReviewDecision, mode: 'code' | 'plan' = 'code'): string => after({ kind: 'reviewed', decision, mode });

  it('when work on it begins: what waits is in progress, what somebody decided stays', () => {
    const begun = 'idea → in_progress, open → in_progress, planned → in_progress';
    assert.equal(after({ kind: 'queued', mode: 'code' }), begun);
    assert.equal(after({ kind: 'queued', mode: 'fix' }), begun);
    assert.equal(after({ kind: 'queued', mode: 'plan' }), '');
    assert.equal(after({ kind: 'taken' }), begun);
  });

  it('when what came of it is recorded or decided on', () => {
    assert.equal(after({ kind: 'recorded' }), 'idea → in_review, open → in_review, planned → in_review, in_progress → in_review');
    assert.equal(
      reviewed('accepted'),
      ['idea', 'open', 'planned', 'in_progress', 'in_review', 'blocked'].map((status) => `${status} → completed`).join(', '),
    );
    assert.equal(reviewed('accepted', 'plan'), '');
    assert.equal(reviewed('undone'), 'completed → in_review');
    assert.equal(reviewed('undone', 'plan'), '');
    assert.equal(reviewed('sent_back'), 'in_review → in_progress, completed → in_progress');
    assert.equal(reviewed('discarded'), 'in_review → planned');
    assert.equal(reviewed('closed'), '');
  });
});
