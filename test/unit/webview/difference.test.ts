import assert from 'node:assert/strict';
import fc from 'fast-check';
import { differenceLines } from '../../../webview/model/difference.ts';

const signs = { same: ' ', theirs: '-', mine: '+', gap: '~' } as const;
const shown = (theirs: string, mine: string) => differenceLines(theirs, mine).map(({ kind, text }) => signs[kind] + text);

describe('the difference of two texts', () => {
  it('has every changed line, what stands around it, and the length of what both have', () => {
    const lines = Array.from({ length: 20 }, (_, i) => `line ${i}`);
    const theirs = lines.with(4, 'theirs').join('\n');
    const mine = lines.with(15, 'mine').concat('more').join('\n');
    assert.deepEqual(shown(theirs, mine), [
      ...['~2', ' line 2', ' line 3', '-theirs', '+line 4', ' line 5', ' line 6'],
      ...['~6', ' line 13', ' line 14', '-line 15', '+mine', ' line 16', ' line 17', ' line 18', ' line 19', '+more'],
    ]);
    assert.deepEqual(shown('a', 'b'), ['-a', '+b']);
    assert.deepEqual(shown('', 'b'), ['-', '+b']);
  });

  it('gives both texts back, whatever they are', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 }).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, text, (theirs, mine) => {
        const lines = differenceLines(theirs, mine);
        for (const [kind, whole] of [
          ['theirs', theirs],
          ['mine', mine],
        ] as const) {
          const all = whole.split('\n');
          let at = 0;
          for (const line of lines) {
            if (line.kind === 'gap') at += Number(line.text);
            else if (line.kind === 'same' || line.kind === kind) assert.equal(line.text, all[at++]);
          }
          assert.equal(at, all.length);
        }
      }),
    );
  });

  it('is there at once also for long texts that have nothing in common', () => {
    const text = (word: string) => Array.from({ length: 20_000 }, (_, i) => `${word} ${i}`).join('\n');
    assert.equal(differenceLines(text('a'), text('b')).length, 40_000);
  });
});
