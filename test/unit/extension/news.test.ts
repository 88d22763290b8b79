import assert from 'node:assert/strict';
import { needsOf, type Need } from '../../../extension/items/needs.ts';
import { News } from '../../../extension/items/news.ts';
import type { PanelPage } from '../../../protocol/panelPages.ts';
import type { Session } from '../../../protocol/records.ts';
import { aResult } from '../../builders/result.ts';
import { aSession } from '../../builders/session.ts';

const done = (id: string, over: Partial<Session> = {}) =>
  aSession({ id, itemKey: null, title: id, state: 'complete', result: aResult(), finishedAt: 2, ...over });
const needs = (...sessions: Session[]): Need[] => needsOf(sessions, new Map());

describe('what a window tells the person', () => {
  let now: Need[];
  let claimed: string[];
  let taken: Set<string>;
  let seen: PanelPage[];
  let news: News;
  beforeEach(() => {
    [now, claimed, taken, seen] = [[], [], new Set(), []];
    news = new News({
      claim: (one) => {
        claimed.push(one);
        if (taken.has(one)) return false;
        taken.add(one);
        return true;
      },
      isShown: (page) => seen.some((one) => JSON.stringify(one) === JSON.stringify(page)),
      needs: () => now,
      letOthers: () => Promise.resolve(),
    });
  });
  const take = (...sessions: Session[]) => {
    now = needs(...sessions);
    return news.take(now);
  };

  it('is what came since it was opened, each once', async () => {
    assert.deepEqual(await take(done('old')), []);
    assert.deepEqual(await take(done('old'), done('new')), [{ text: 'Codex is done: new', page: { page: 'session', id: 'new' } }]);
    assert.deepEqual(await take(done('old'), done('new')), []);
  });

  it('is nothing that another window told, or that is before their eyes', async () => {
    await take();
    taken.add('result told');
    seen.push({ page: 'session', id: 'looked at' }, { page: 'item', key: 'BUG-7' });
    assert.deepEqual(await take(done('told'), done('looked at'), done('of the item', { itemKey: 'BUG-7' })), []);
    // What is looked at was claimed first, so that no other window tells it either.
    assert.deepEqual(claimed.slice(0, 2).sort(), ['result looked at', 'result of the item']);
  });

  it('is one sentence where it is much', async () => {
    await take();
    assert.deepEqual(await take(...['a', 'b', 'c', 'd'].map((id) => done(id))), [{ text: '4 need you', page: { page: 'queue' } }]);
  });

  it('is nothing that was settled while the other windows had their turn', async () => {
    await take();
    const late = new News({ claim: () => true, isShown: () => false, needs: () => [], letOthers: () => Promise.resolve() });
    await late.take([]);
    assert.deepEqual(await late.take(needs(done('a'))), []);
  });

  it('is nothing while notifications are off, and not told later either', async () => {
    await take();
    assert.deepEqual(await news.take(needs(done('a')), true), []);
    assert.deepEqual(await take(done('a')), []);
  });
});
