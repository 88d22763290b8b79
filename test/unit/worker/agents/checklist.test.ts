import assert from 'node:assert/strict';
import { checklistOf, keyOf } from '../../../../worker/agents/practice/checklist.ts';

describe("the practice agent's reading of an item", () => {
  it('takes the task list, with what is done', () => {
    assert.deepEqual(checklistOf('Intro\n- [ ] one\n* [x] two\n- plain\n', 'T'), [
      { title: 'one', done: false },
      { title: 'two', done: true },
    ]);
  });
  it('takes bullets where there is no task list, else the title', () => {
    assert.deepEqual(
      checklistOf('1. first\n- second', 'T').map((entry) => entry.title),
      ['first', 'second'],
    );
    assert.deepEqual(checklistOf('Just words.', 'Fix the button'), [{ title: 'Fix the button', done: false }]);
    assert.equal(checklistOf('', '').length, 1);
  });
  it('keeps a long or hostile list short and clean', () => {
    const entries = checklistOf(Array.from({ length: 500 }, (_, n) => `- [ ] step ${n} \u202e\u0007${'x'.repeat(1000)}`).join('\n'), 'T');
    assert.equal(entries.length, 20);
    assert.ok(entries.every((entry) => entry.title.length <= 200 && !/[\u0007\u202e]/.test(entry.title)));
  });
  it('finds the key of the item', () => {
    assert.equal(keyOf('BUG-12: Save button'), 'BUG-12');
    assert.equal(keyOf('no key here'), null);
  });
});
