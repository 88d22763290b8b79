/** The checker itself: it passes a good history, and finds what is wrong in each bad one. */
import assert from 'node:assert/strict';
import { check, type Evidence, type Rule, type StoredActivity, type StoredClaim, type StoredSession } from './check.ts';
import type { HistoryEvent } from './history.ts';

const text = (key: string) => `text of ${key}`;
const batch = (...keys: string[]) => keys.map((key) => ({ key, text: text(key) }));

/** One session, as it was told and as it was stored. */
class Story {
  readonly events: HistoryEvent[] = [];
  session: StoredSession = { id: 's', title: 's1', state: 'complete', fence: 1, lastSeq: 3, errorCode: null };
  sessions: StoredSession[] | null = null;
  claims: StoredClaim[] = [];
  activities: StoredActivity[] = [];
  eventNumbers = [1, 2, 3];
  private time = 0;
  private index = 0;

  event(type: HistoryEvent['type'], process: string, f: string, key: string | null, value: unknown, index = (this.index += 1)): number {
    this.events.push({ time: (this.time += 1), process, type, index, f, key, value });
    return index;
  }

  /** An operation whose ends follow each other. */
  did(process: string, f: string, key: string | null, input: unknown, output: unknown, type: 'ok' | 'fail' | 'info' = 'ok'): this {
    this.event(type, process, f, key, output, this.event('invoke', process, f, key, input));
    return this;
  }

  create(): this {
    return this.did('people', 'create', null, { title: 's1' }, { id: 's' });
  }

  claim(instance: string, fence: number, endedBy: string | null): this {
    this.claims.push({ session: 's', fence, instance, request: `r${fence}`, endedBy });
    this.did(instance, 'poll', null, { instance, request: `r${fence}` }, { claims: [{ session: 's', fence }], renewed: [], lost: [] });
    this.event('note', instance, 'start', 's', { instance, fence });
    return this;
  }

  append(instance: string, fence: number, keys: string[], output: { stored: number; late: number; lastSeq: number }): this {
    return this.did(instance, 'append', 's', { instance, fence, activities: batch(...keys) }, output);
  }

  write(f: string, instance: string, fence: number, output: unknown, type: 'ok' | 'fail' | 'info' = 'ok'): this {
    return this.did(instance, f, 's', { instance, fence }, output, type);
  }

  read(state: string, fence: number, lastSeq: number, digest = state): this {
    return this.did('people', 'read', 's', {}, { state, fence, lastSeq, digest });
  }

  stored(...entries: [seq: number | null, fence: number, key: string][]): this {
    this.activities = entries.map(([seq, fence, key]) => ({ session: 's', seq, fence, key, text: text(key) }));
    return this;
  }

  follow(reader: string, key: string | null, values: object[]): this {
    this.event('note', reader, 'follow', key, {});
    for (const value of values) this.event('note', reader, key === null ? 'event' : 'activity', key, value);
    return this;
  }

  get evidence(): Evidence {
    const { events, claims, activities, eventNumbers } = this;
    return { events, claims, activities, eventNumbers, sessions: this.sessions ?? [this.session] };
  }
}

/** Made, claimed, two reports, completed. */
const plain = (): Story =>
  new Story()
    .create()
    .claim('a', 1, 'complete')
    .append('a', 1, ['1.1', '1.2'], { stored: 2, late: 0, lastSeq: 2 })
    .write('complete', 'a', 1, { state: 'complete' })
    .stored([1, 1, '1.1'], [2, 1, '1.2'], [3, 1, 'platform/3']);

/** Taken over: the first holder's lease ended. */
function takenOver(): Story {
  const story = new Story()
    .create()
    .claim('a', 1, 'lease_ended')
    .append('a', 1, ['1.1'], { stored: 1, late: 0, lastSeq: 1 })
    .claim('b', 2, 'complete');
  story.session = { ...story.session, fence: 2 };
  return story;
}

const wrong = (story: Story, ...rules: Rule[]): void => {
  const { counts, findings } = check(story.evidence);
  for (const rule of rules) assert.ok(counts[rule] > 0, `${rule} was not found; ${findings.join('; ') || 'nothing was'}`);
};
const good = (story: Story): void => {
  assert.deepEqual(check(story.evidence).findings, []);
};

describe('the check of a chaos history', () => {
  describe('passes', () => {
    it('a session that is made, claimed, reported on and completed', () => {
      good(plain().read('complete', 1, 3));
    });

    it('a take-over with late reports and a refused completion of the first holder', () => {
      const story = takenOver()
        .append('a', 1, ['1.2'], { stored: 0, late: 1, lastSeq: 1 })
        .write('complete', 'a', 1, { code: 'claim_lost' }, 'fail')
        .append('b', 2, ['2.1'], { stored: 1, late: 0, lastSeq: 2 })
        .write('complete', 'b', 2, { state: 'complete' })
        .write('complete', 'a', 1, { code: 'session_final' }, 'fail')
        .stored([1, 1, '1.1'], [2, 2, '2.1'], [3, 2, 'platform/3'], [null, 1, '1.2']);
      good(story);
      assert.equal(check(story.evidence).staleRefused, 2);
      assert.equal(check(story.evidence).lateKept, 1);
    });

    it('a completion whose reply was lost, and that is repeated', () => {
      good(
        new Story()
          .create()
          .claim('a', 1, 'complete')
          .append('a', 1, ['1.1', '1.2'], { stored: 2, late: 0, lastSeq: 2 })
          .write('complete', 'a', 1, null, 'info')
          .read('complete', 1, 3)
          .write('complete', 'a', 1, { state: 'complete' })
          .stored([1, 1, '1.1'], [2, 1, '1.2'], [3, 1, 'platform/3']),
      );
    });

    it('readers that come back and go on', () => {
      const activities = [
        { n: 1, key: '1.1' },
        { n: 2, key: '1.2' },
        { n: 3, key: 'platform/3' },
      ];
      good(
        plain()
          .follow('reader-0', null, [{ n: 1 }, { n: 2 }, { n: 3 }])
          .follow('reader of s', 's', activities),
      );
    });
  });

  describe('finds', () => {
    it('a completion of a holder that had lost its claim', () => {
      const story = takenOver().write('complete', 'a', 1, { state: 'complete' }).stored([1, 1, '1.1'], [2, 1, 'platform/2']);
      story.claims[0] = { ...story.claims[0]!, endedBy: 'complete' };
      wrong(story, 'staleAccepted', 'finalChanged', 'nonLinearizable');
    });

    it('a report of a lost claim in the log', () => {
      wrong(
        takenOver()
          .append('b', 2, ['2.1'], { stored: 1, late: 0, lastSeq: 2 })
          .append('a', 1, ['1.2'], { stored: 1, late: 0, lastSeq: 3 })
          .write('complete', 'b', 2, { state: 'complete' })
          .stored([1, 1, '1.1'], [2, 2, '2.1'], [3, 1, '1.2'], [4, 2, 'platform/4']),
        'staleAccepted',
        'nonLinearizable',
      );
    });

    it('a renewal for who had lost the claim', () => {
      const story = takenOver().write('complete', 'b', 2, { state: 'complete' }).stored([1, 1, '1.1'], [2, 2, 'platform/2']);
      story.session = { ...story.session, lastSeq: 2 };
      good(story);
      story.did('a', 'poll', null, { instance: 'a', request: 'x' }, { claims: [], renewed: [{ session: 's', fence: 1 }], lost: [] });
      wrong(story, 'nonLinearizable');
    });

    it('an acknowledged report that is nowhere', () => {
      const story = plain().stored([1, 1, '1.1'], [2, 1, 'platform/2']);
      story.session = { ...story.session, lastSeq: 2 };
      wrong(story, 'ackedLost');
    });

    it('a report that is not what was sent', () => {
      const story = plain();
      story.activities[0] = { ...story.activities[0]!, text: 'another' };
      wrong(story, 'altered');
    });

    it('late evidence that was dropped', () => {
      wrong(
        takenOver()
          .append('a', 1, ['1.2'], { stored: 0, late: 1, lastSeq: 1 })
          .append('b', 2, ['2.1'], { stored: 1, late: 0, lastSeq: 2 })
          .write('complete', 'b', 2, { state: 'complete' })
          .stored([1, 1, '1.1'], [2, 2, '2.1'], [3, 2, 'platform/3']),
        'ackedLost',
      );
    });

    it('a gap in the numbers of a session', () => {
      wrong(plain().stored([1, 1, '1.1'], [3, 1, '1.2'], [4, 1, 'platform/4']), 'gaps');
    });

    it('a gap in the numbers of the workspace', () => {
      const story = plain();
      story.eventNumbers = [1, 2, 4];
      wrong(story, 'gaps');
    });

    it('a report that stands twice, in the log or beside it', () => {
      wrong(plain().stored([1, 1, '1.1'], [2, 1, '1.2'], [3, 1, '1.1'], [4, 1, 'platform/4']), 'duplicated');
      wrong(plain().stored([1, 1, '1.1'], [2, 1, '1.2'], [3, 1, 'platform/3'], [null, 1, '1.1']), 'duplicated');
    });

    it('a create under one key that made two sessions', () => {
      const story = plain();
      story.sessions = [story.session, { ...story.session, id: 's2', state: 'cancelled', fence: 0, lastSeq: 0 }];
      wrong(story, 'duplicated');
    });

    it('an acknowledged session that is nowhere', () => {
      const story = plain();
      story.sessions = [];
      wrong(story, 'ackedLost');
    });

    it('a final state that was opened again', () => {
      const story = plain();
      story.claim('b', 2, null);
      story.session = { ...story.session, state: 'active', fence: 2 };
      wrong(story, 'finalChanged', 'unfinished', 'nonLinearizable');
    });

    it('a final state whose bytes changed', () => {
      wrong(plain().read('complete', 1, 3, 'one').read('complete', 1, 3, 'other'), 'finalChanged');
    });

    it('a session that did not end', () => {
      const story = new Story().create();
      story.session = { ...story.session, state: 'queued', fence: 0, lastSeq: 0 };
      wrong(story, 'unfinished');
    });

    it('one fence granted to two', () => {
      const story = plain();
      story.did('b', 'poll', null, { instance: 'b', request: 'r9' }, { claims: [{ session: 's', fence: 1 }], renewed: [], lost: [] });
      wrong(story, 'liveFences');
    });

    it('two claims that live at once', () => {
      const story = takenOver();
      story.session = { ...story.session, state: 'active' };
      story.claims = story.claims.map((claim) => ({ ...claim, endedBy: null }));
      wrong(story, 'liveFences', 'nonLinearizable');
    });

    it('a worker that began before it had the claim', () => {
      const story = new Story().create();
      story.event('note', 'a', 'start', 's', { instance: 'a', fence: 1 });
      wrong(story, 'startedBeforeClaim');
    });

    it('a reader that missed, repeated or reordered', () => {
      for (const numbers of [
        [1, 3],
        [1, 2, 2, 3],
        [2, 1, 3],
        [1, 2],
      ])
        wrong(
          plain().follow(
            'reader-0',
            null,
            numbers.map((n) => ({ n })),
          ),
          'readerMissed',
        );
      wrong(plain().follow('reader of s', 's', [{ n: 1, key: '1.1' }]), 'readerMissed');
    });

    it('a read that shows what was not yet, or not any more', () => {
      const early = new Story().create().read('complete', 1, 3).claim('a', 1, 'complete').append('a', 1, ['1.1', '1.2'], {
        stored: 2,
        late: 0,
        lastSeq: 2,
      });
      early.write('complete', 'a', 1, { state: 'complete' }).stored([1, 1, '1.1'], [2, 1, '1.2'], [3, 1, 'platform/3']);
      wrong(early, 'nonLinearizable');
      wrong(plain().read('active', 1, 2), 'nonLinearizable');
    });

    it('an answer that nobody foresaw', () => {
      wrong(plain().write('complete', 'a', 1, { code: 'internal' }, 'info'), 'unexpected');
    });
  });
});
