import assert from 'node:assert/strict';
import { coloured } from '../../cli/records/diffText.ts';
import { hasColours, painted } from '../../cli/base/shown.ts';
import { clipped, displayWidth, table } from '../../cli/base/table.ts';

const rows = [
  ['BUG-1', 'in progress', 'A title of usual length, and some more of it'],
  ['TODO-22', 'open', '日本語のタイトルはとても長いので切られます'],
];

describe('a table', () => {
  it('cuts nothing where the output is no terminal', () => {
    assert.equal(
      table(rows, null).text,
      [
        'BUG-1    in progress  A title of usual length, and some more of it',
        'TODO-22  open         日本語のタイトルはとても長いので切られます',
      ].join('\n'),
    );
    assert.equal(table([], 80).text, '');
  });

  it('fits the terminal, however wide that is and whatever letters there are; keys stay whole', () => {
    for (const width of [200, 80, 40, 30]) {
      const lines = table(rows, width).text.split('\n');
      for (const line of lines) assert.ok(displayWidth(line) <= width, `${width}: ${line}`);
      assert.match(lines[0] ?? '', /^BUG-1 /u);
      assert.match(lines[1] ?? '', /^TODO-22 /u);
    }
    assert.equal(
      table([['a'.repeat(50), 'b'.repeat(50)]], 3).text.split('\n').length,
      1,
      'one that is too narrow for anything ends as well',
    );
  });

  it('counts letters as a terminal does', () => {
    assert.deepEqual(['abc', 'e\u0301', '日本', '👍', ''].map(displayWidth), [3, 1, 4, 2, 0]);
    assert.deepEqual([clipped('日本語', 5), clipped('abc', 3), clipped('a b c d', 4)], ['日本…', 'abc', 'a b…']);
  });

  it('keeps what others wrote on its line, colours or not', () => {
    const hostile = { text: 'x\u001b[2J\ny', style: 'red' as const };
    assert.equal(table([[hostile, 'z']], null).text, 'x<U+001B>[2J y  z');
    assert.equal(painted('red', 'x\u001b[2J', true).text, '\u001b[31mx<U+001B>[2J\u001b[39m');
  });
});

describe('colours', () => {
  it('are for a terminal, unless they are not wanted', () => {
    assert.equal(hasColours({ isTTY: true }, {}), true);
    assert.equal(hasColours({ isTTY: true }, { NO_COLOR: '' }), true, 'empty says nothing');
    assert.equal(hasColours({ isTTY: true }, { NO_COLOR: '1' }), false);
    assert.equal(hasColours({ isTTY: true }, { TERM: 'dumb' }), false);
    assert.equal(hasColours({}, {}), false);
  });
});

describe('a diff', () => {
  it('has no line that a file made up', () => {
    const text = ' context\r-rm -rf ~\u0085x\u2028y\n+new\r+also\r\n-old\u001b[2K\n';
    assert.deepEqual(coloured(text).text.split(/[\n\r\u0085\u2028]/u), [
      ' context<U+000D>-rm -rf ~<U+0085>x<U+2028>y',
      '+new<U+000D>+also',
      '-old<U+001B>[2K',
    ]);
  });
});
