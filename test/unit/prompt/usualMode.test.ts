import assert from 'node:assert/strict';
import { usualMode } from '../../../prompt/usualMode.ts';

describe('the usual mode of an item', () => {
  for (const [kind, status, mode] of [
    ['bug', 'open', 'fix'],
    ['initiative', 'planned', 'plan'],
    ['todo', 'in_progress', 'code'],
    ['bug', 'completed', 'review'],
    ['initiative', 'in_review', 'review'],
    ['todo', 'in_review', 'review'],
  ] as const)
    it(`${kind}, ${status}: ${mode}`, () => {
      assert.equal(usualMode({ kind, status }), mode);
    });
});
