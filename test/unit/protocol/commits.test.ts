import assert from 'node:assert/strict';
import { Commit } from '../../../protocol/records.ts';

describe('a commit name', () => {
  it('is a full one', () => {
    for (const name of ['a'.repeat(40), '0123456789abcdef'.repeat(4)]) assert.equal(Commit.parse(name), name);
  });

  it('is never a short name, a range, an option or a ref', () => {
    const sha = 'a'.repeat(40);
    for (const name of ['', 'HEAD', '--all', 'a'.repeat(39), 'A'.repeat(40), `${sha}..${sha}`, `^${sha}`, `${sha}\n`, `${sha}:.git`])
      assert.equal(Commit.safeParse(name).success, false, name);
  });
});
