import assert from 'node:assert/strict';
import { aSession } from '../../builders/session.ts';
import { aResult } from '../../builders/result.ts';
import type { ReviewDecision, Session, SessionResult } from '../../../protocol/records.ts';
import { refusedAfter, refusedDecision } from '../../../protocol/reviews.ts';

const decisions: readonly ReviewDecision[] = ['accepted', 'undone', 'closed', 'sent_back', 'discarded'];
const allowed = (session: Partial<Session>): ReviewDecision[] =>
  decisions.filter((decision) => refusedDecision(aSession(session), decision) === null);
const nothing = (heldBack: SessionResult['heldBack'] = []) => aResult({ outcome: 'no_changes', headCommit: null, heldBack });

describe('what a person may decide', () => {
  it('follows from what was decided last', () => {
    const after = (last: ReviewDecision | null) => decisions.filter((decision) => refusedAfter(last, decision) === null);
    assert.deepEqual(after(null), ['accepted', 'closed', 'sent_back', 'discarded']);
    assert.deepEqual(after('accepted'), ['accepted', 'undone', 'sent_back']);
    assert.deepEqual(after('undone'), decisions);
    assert.deepEqual(after('discarded'), ['discarded']);
    assert.deepEqual(after('closed'), ['closed', 'sent_back', 'discarded']);
    assert.match(refusedAfter('discarded', 'accepted')?.message ?? '', /was discarded: it cannot be accepted any more/u);
    assert.match(refusedAfter(null, 'undone')?.message ?? '', /nothing to undo/u);
  });

  it('is to accept changes and the words of a plan or review, and to close what has neither', () => {
    assert.deepEqual(allowed({ state: 'complete', result: aResult() }), ['accepted', 'sent_back', 'discarded']);
    for (const outcome of ['plan', 'review'] as const)
      assert.ok(allowed({ state: 'complete', result: aResult({ outcome, headCommit: null }) }).includes('accepted'), outcome);
    for (const held of [[], [{ path: 'a.pem', reason: 'a key' }]])
      assert.deepEqual(allowed({ state: 'complete', result: nothing(held) }), ['closed', 'sent_back', 'discarded']);
  });

  it('is never to accept a session that failed or was stopped, and says that it did', () => {
    for (const [state, words] of [
      ['error', /failed/u],
      ['cancelled', /was stopped/u],
    ] as const)
      for (const found of [null, aResult(), nothing()]) {
        const session = aSession({ state, result: found });
        assert.match(refusedDecision(session, 'accepted')?.message ?? '', words);
        assert.deepEqual(allowed(session), ['sent_back', 'discarded']);
      }
  });

  it('is nothing more once a newer session goes on with the work, but to take back what was accepted', () => {
    const superseded = { state: 'complete', result: aResult(), superseded: true } as const;
    assert.deepEqual(allowed(superseded), []);
    assert.deepEqual(allowed({ ...superseded, review: 'accepted' }), ['accepted', 'undone']);
    assert.deepEqual(allowed({ ...superseded, review: 'sent_back' }), ['undone', 'sent_back']);
  });

  it('is nothing while it runs', () => {
    for (const state of ['pending', 'queued', 'active', 'awaiting_input', 'stale'] as const)
      assert.deepEqual(allowed({ state, result: null }), []);
  });
});
