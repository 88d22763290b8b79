import assert from 'node:assert/strict';
import type { ModelChange, WorkModel } from '../../../extension/items/workModel.ts';
import { sourceOf } from '../../../extension/panel/pageRegistry.ts';
import { pageNames, PanelPage } from '../../../protocol/panelPages.ts';

const change = (part: Partial<ModelChange>): ModelChange => ({
  rows: [],
  removed: [],
  items: new Set(),
  sessions: new Set(),
  events: new Set(),
  all: false,
  ...part,
});
const model = {
  items: new Map([
    ['i1', { id: 'i1', key: 'BUG-1', parentId: null }],
    ['i2', { id: 'i2', key: 'BUG-2', parentId: 'i1' }],
    ['i3', { id: 'i3', key: 'BUG-3', parentId: null }],
  ]),
  sessions: new Map([
    ['s1', { lineId: 's1' }],
    ['s2', { lineId: 's1' }],
    ['s3', { lineId: 's3' }],
  ]),
  itemByKey: (key: string) => (key === 'BUG-1' ? { id: 'i1' } : undefined),
} as unknown as WorkModel;
const isAbout = (of: PanelPage, part: Partial<ModelChange>) => sourceOf(of).isAbout?.(change(part), of, model);

describe('the pages of the panel', () => {
  it('are known by their addresses, each with nothing but its own', () => {
    for (const page of pageNames) assert.equal(PanelPage.safeParse({ page, key: 'BUG-1', id: 's1' }).success, true, page);
    for (const strange of [{}, { page: 'other' }, { page: 'item' }, { page: 'session', id: 1 }])
      assert.equal(PanelPage.safeParse(strange).success, false, JSON.stringify(strange));
    assert.deepEqual(PanelPage.parse({ page: 'queue', key: 'BUG-1' }), { page: 'queue' });
  });

  it('of an item are about it and its children, and about nothing else that is known', () => {
    const page = { page: 'item', key: 'BUG-1' } as const;
    assert.deepEqual(
      ['i1', 'i2', 'i3'].map((id) => isAbout(page, { items: new Set([id]) })),
      [true, true, false],
    );
    assert.equal(isAbout({ page: 'item', key: 'BUG-9' }, { items: new Set(['i3']) }), true);
  });

  it('of a session are about its whole line of work', () => {
    const page = { page: 'session', id: 's1' } as const;
    assert.deepEqual(
      ['s1', 's2', 's3'].map((id) => isAbout(page, { sessions: new Set([id]) })),
      [true, true, false],
    );
  });
});
