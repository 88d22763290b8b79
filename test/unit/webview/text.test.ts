import assert from 'node:assert/strict';
import fc from 'fast-check';
import { countText, runningTimeText, durationText, sizeText, TimeFormat } from '../../../webview/model/format.ts';
import { codeParts, oneLine, pathParts, spellOutInvisible } from '../../../webview/model/text.ts';
import { entryAt, entryOffsets, visibleSpan } from '../../../webview/model/window.ts';
import { setStrings, t } from '../../../webview/base/l10n.ts';

const dangerous = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/;

describe('text by others', () => {
  it('loses what could reorder or hide a title', () => {
    assert.equal(oneLine('Invoice\u202Efdp.exe\u202C \u0007is\n\tblank\u200b'), 'Invoicefdp.exe is blank');
  });

  it('never keeps a control or direction mark in one line, whatever it is', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => !dangerous.test(oneLine(text))));
  });

  it('spells out hidden characters in what is approved, and loses none', () => {
    assert.equal(spellOutInvisible('rm\u202e -rf \u001b[2K/\n\tx'), 'rm\\u{202e} -rf \\u{1b}[2K/\n\tx');
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 60 }),
        (text) => !dangerous.test(spellOutInvisible(text)) && spellOutInvisible(text).length >= text.length,
      ),
    );
  });

  it('takes what a pair of backticks holds as code, and loses nothing else', () => {
    assert.deepEqual(codeParts('Fix `restore` in `src/cart.js`, not `here'), [
      { text: 'Fix ', isCode: false },
      { text: 'restore', isCode: true },
      { text: ' in ', isCode: false },
      { text: 'src/cart.js', isCode: true },
      { text: ', not `here', isCode: false },
    ]);
    fc.assert(
      fc.property(fc.string(), (text) => {
        const back = codeParts(text).map((part) => (part.isCode ? `\`${part.text}\`` : part.text));
        assert.equal(back.join(''), text);
      }),
    );
  });

  it('splits a path into name and folder', () => {
    assert.deepEqual(pathParts('src/export/csv.ts'), { name: 'csv.ts', folder: 'src/export' });
    assert.deepEqual(pathParts('Makefile'), { name: 'Makefile', folder: '' });
  });
});

describe('short forms', () => {
  it('writes lengths, clocks, amounts and sizes', () => {
    assert.deepEqual(
      [310, 3000, 7 * 60_000, 125 * 60_000, 72 * 3_600_000].map((ms) => durationText(ms).replaceAll('\u00a0', ' ')),
      ['0.3 s', '3 s', '7 min', '2 h 5 min', '3 d'],
    );
    assert.deepEqual([0, 372_000, 3_849_000].map(runningTimeText), ['0:00', '6:12', '1:04:09']);
    assert.deepEqual([980, 1000, 31_000, 250_400, 1_240_000].map(countText), ['980', '1k', '31k', '250k', '1.2M']);
    assert.deepEqual([12, 2048, 1_468_006].map(sizeText), ['12 B', '2 KB', '1.4 MB']);
  });

  it('says how far back a day is', () => {
    const format = new TimeFormat('en');
    const noon = new Date(2026, 4, 14, 12).getTime();
    const hour = 3_600_000;
    assert.equal(format.when(noon - hour, noon), '11:00');
    assert.equal(format.when(noon - 24 * hour, noon), 'yesterday');
    assert.equal(format.when(noon - 72 * hour, noon), '3 days ago');
    assert.match(format.when(noon - 40 * 24 * hour, noon), /Apr/);
  });

  it('accepts a language it does not know', () => {
    assert.match(new TimeFormat('qps-ploc').time(0), /^\d\d:\d\d$/);
  });
});

describe('strings of the page', () => {
  afterEach(() => setStrings({}));

  it('fill their arguments, translated or not', () => {
    assert.equal(t('{0} of {1} done', 5, 9), '5 of 9 done');
    setStrings({ '{0} of {1} done': '{1} davon {0} fertig' });
    assert.equal(t('{0} of {1} done', 5, 9), '9 davon 5 fertig');
    assert.equal(t('{0} and {1}', 'one'), 'one and {1}');
  });
});

describe('the visible part of a list', () => {
  const offsets = entryOffsets(4, (i) => [10, 20, 30, 40][i] ?? 0);

  it('is where its heights put it', () => {
    assert.deepEqual([...offsets], [0, 10, 30, 60, 100]);
    assert.deepEqual(
      [-5, 0, 9, 10, 59, 60, 500].map((y) => entryAt(offsets, y)),
      [0, 0, 0, 1, 2, 3, 3],
    );
    assert.deepEqual(visibleSpan(offsets, 12, 20, 0), { start: 1, end: 3 });
    assert.deepEqual(visibleSpan(offsets, 12, 20, 5), { start: 0, end: 4 });
  });

  it('is nothing for an empty list', () => {
    assert.deepEqual(
      visibleSpan(
        entryOffsets(0, () => 1),
        0,
        100,
        10,
      ),
      { start: 0, end: 0 },
    );
  });

  it('always covers the window asked for', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 80 }),
        fc.nat(5000),
        fc.nat(900),
        (heights, top, height) => {
          const all = entryOffsets(heights.length, (i) => heights[i] ?? 0);
          const { start, end } = visibleSpan(all, top, height, 0);
          const bottom = Math.min(top + height, all[heights.length] ?? 0);
          return (all[start] ?? 0) <= Math.max(0, Math.min(top, all[heights.length] ?? 0)) && (all[end] ?? 0) >= bottom;
        },
      ),
    );
  });
});
