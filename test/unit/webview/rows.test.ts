import assert from 'node:assert/strict';
import { arrangeRows, groupings, labelsInUse, noFilter, sortRows, startFilter, type ListEntry } from '../../../webview/model/rows.ts';
import { manyRows, row, sampleRows } from '../../webview/fixtures.ts';

const now = Date.UTC(2026, 4, 4, 12);
const nothingCollapsed = new Set<string>();
const shown = (entries: readonly ListEntry[]): string[] =>
  entries.map((entry) => (entry.type === 'group' ? `# ${entry.id} ${entry.count}` : entry.row.key));

describe('the work list', () => {
  it('puts what needs the person on top, once, and the rest by status', () => {
    const { entries } = arrangeRows(sortRows(sampleRows(now)), startFilter, 'status', nothingCollapsed);
    assert.deepEqual(shown(entries).slice(0, 5), ['# needs_me 3', 'BUG-12', 'BUG-17', 'BUG-9', '# status:in_progress 2']);
    assert.equal(shown(entries).filter((line) => line === 'BUG-12').length, 1);
    assert.deepEqual(
      shown(entries).filter((line) => line.startsWith('#')),
      ['# needs_me 3', '# status:in_progress 2', '# status:planned 4'],
    );
  });

  it('counts what needs the person as it is counted everywhere, whatever the filters hide by themselves', () => {
    const result = { sessionId: 's', state: 'review', text: '', since: now } as const;
    const rows = [
      row(now, 'A-1', 'todo', 'completed', 'done, with two results to read', { needs: 2, activity: result }),
      row(now, 'A-2', 'todo', 'open', "somebody else's", { assignedToMe: false, activity: result }),
      row(now, 'A-3', 'bug', 'open', 'asked last', { activity: { ...result, state: 'needs_me', since: now + 1 } }),
    ];
    assert.deepEqual(shown(arrangeRows(rows, startFilter, 'status', nothingCollapsed).entries), ['# needs_me 4', 'A-3', 'A-1', 'A-2']);
    assert.deepEqual(shown(arrangeRows(rows, { ...startFilter, kinds: ['bug'] }, 'status', nothingCollapsed).entries), [
      '# needs_me 1',
      'A-3',
    ]);
  });

  it('orders a group by priority, then by the newest change', () => {
    const rows = [
      row(now, 'A-1', 'todo', 'open', 'low', { priority: 'low', updatedAt: now }),
      row(now, 'A-2', 'todo', 'open', 'older', { priority: 'high', updatedAt: now - 2 }),
      row(now, 'A-3', 'todo', 'open', 'newer', { priority: 'high', updatedAt: now - 1 }),
    ];
    assert.deepEqual(shown(arrangeRows(sortRows(rows), noFilter, 'none', nothingCollapsed).entries), ['A-3', 'A-2', 'A-1']);
  });

  it('counts what the filters hide among what the search finds', () => {
    const all = arrangeRows(sortRows(sampleRows(now)), startFilter, 'status', nothingCollapsed);
    assert.deepEqual([all.shown, all.hidden], [9, 13]);
    const searched = arrangeRows(sortRows(sampleRows(now)), { ...startFilter, search: 'finished work 1' }, 'status', nothingCollapsed);
    assert.deepEqual([searched.shown, searched.hidden], [0, 4]);
    assert.deepEqual(arrangeRows(sortRows(sampleRows(now)), noFilter, 'status', nothingCollapsed).hidden, 0);
  });

  it('finds by key, title, label and parent, every word of the search', () => {
    const keys = (search: string): string[] =>
      arrangeRows(sortRows(sampleRows(now)), { ...noFilter, search }, 'none', nothingCollapsed)
        .entries.filter((entry) => entry.type === 'row')
        .map((entry) => entry.row.key);
    assert.deepEqual(keys('bug-9'), ['BUG-9']);
    assert.deepEqual(keys('CHECKOUT coupon'), ['BUG-12']);
    assert.deepEqual(keys('design init-4'), ['TODO-33']);
    assert.deepEqual(keys('coupon nowhere'), []);
  });

  it('lists the item whose key is searched first, whatever the filters hide and the groups are', () => {
    const rows = Array.from({ length: 60 }, (_, i) =>
      row(now, `BUG-${i + 1}`, 'bug', i === 0 ? 'completed' : 'in_progress', `Bug ${i + 1}`, {
        priority: i === 0 ? 'none' : 'urgent',
        ...(i === 11 && { activity: { sessionId: 's', state: 'needs_me', text: '', since: now } }),
      }),
    );
    for (const search of ['bug-1', ' BUG-1 ', 'ｂug-1'])
      for (const grouping of groupings) {
        const { entries, shown: count } = arrangeRows(sortRows(rows), { ...startFilter, search }, grouping, nothingCollapsed);
        assert.deepEqual(shown(entries).slice(0, 4), ['# exact 1', 'BUG-1', '# needs_me 1', 'BUG-12'], `${search} by ${grouping}`);
        assert.equal(count, 11);
      }
    const asking = arrangeRows(sortRows(rows), { ...startFilter, search: 'bug-12' }, 'status', nothingCollapsed).entries;
    assert.deepEqual(shown(asking), ['# needs_me 1', 'BUG-12']);
    assert.equal(
      shown(arrangeRows(sortRows(rows), { ...startFilter, search: 'bug' }, 'none', nothingCollapsed).entries)[0],
      '# needs_me 1',
    );
  });

  it('finds a letter however it is written', () => {
    const rows = [row(now, 'A-1', 'todo', 'open', 'Caf\u00e9'), row(now, 'A-2', 'todo', 'open', 'Cafe\u0301', { labels: ['\u00dcber'] })];
    const found = (search: string) => arrangeRows(rows, { ...noFilter, search }, 'none', nothingCollapsed).shown;
    assert.deepEqual(['caf\u00e9', 'CAFE\u0301', 'cafe', 'u\u0308ber', 'caf\u00e8'].map(found), [2, 2, 2, 1, 0]);
  });

  it('keeps the count of a collapsed group and drops its rows', () => {
    const { entries, shown: count } = arrangeRows(sortRows(sampleRows(now)), startFilter, 'status', new Set(['status:planned']));
    const planned = entries.findIndex((entry) => entry.id === 'status:planned');
    assert.equal(entries[planned]?.type === 'group' && entries[planned].collapsed, true);
    assert.equal(entries[planned + 1], undefined);
    assert.equal(count, 9);
  });

  it('groups by parent with the parentless last', () => {
    const groups = arrangeRows(sortRows(sampleRows(now)), noFilter, 'parent', nothingCollapsed).entries.filter(
      (entry) => entry.type === 'group',
    );
    assert.deepEqual(
      groups.map(({ value, title }) => [value, title]),
      [
        ['needs_me', null],
        ['INIT-4', 'Self-serve plan changes'],
        ['', null],
      ],
    );
  });

  it('filters by kind and by label', () => {
    const only = arrangeRows(
      sortRows(sampleRows(now)),
      { ...noFilter, kinds: ['initiative'], labels: ['billing'] },
      'none',
      nothingCollapsed,
    );
    assert.deepEqual(shown(only.entries), ['INIT-4']);
    assert.deepEqual(labelsInUse(sampleRows(now)).slice(0, 2), ['api', 'billing']);
  });

  it('reads the text of each row once, however often is searched', () => {
    let reads = 0;
    const rows = manyRows(now, 1000).map(
      (row) =>
        new Proxy(row, {
          get: (target, name) => {
            if (name === 'title') reads += 1;
            return Reflect.get(target, name) as unknown;
          },
        }),
    );
    for (const grouping of groupings)
      for (const search of ['c', 'coupon', 'coupon page 12']) arrangeRows(rows, { ...startFilter, search }, grouping, nothingCollapsed);
    assert.equal(reads, rows.length);
  });
});
