import assert from 'node:assert/strict';
import type { ResultFile } from '../../../../protocol/records.ts';
import { recapText, type RecapFacts } from '../../../../worker/review/recap.ts';

const file = (path: string, added: number | null, deleted: number | null): ResultFile => ({
  ...{ path, oldPath: null, status: 'modified', added, deleted, mode: '100644', class: 'ordinary', reason: null },
});
const facts: RecapFacts = {
  place: 'private_clone',
  session: { id: 'ses_a', agentName: 'Ada', mode: 'code', startedAt: 0, finishedAt: 90_000, usage: null, sandboxStep: 'ours' },
  result: {
    ...{ outcome: 'changes', summary: 'Did it.', baseCommit: 'a'.repeat(40), headCommit: 'b'.repeat(40), ref: null, agentCommits: 1 },
    ...{ files: [file('a.ts', 3, 1), file('b.png', null, null), file('package.json', 100, 50)], heldBack: [], checks: [] },
    ...{ added: 103, deleted: 51 },
  },
  leftOut: [],
  merged: [],
};

describe('the recap of a result', () => {
  it('counts the lines of everything that was accepted', () => {
    assert.match(recapText(facts), /\*\*Files\*\* \(\+103 −51\)/u);
  });

  it("says whether the work was done in a private clone or in the person's own folder", () => {
    assert.match(recapText(facts), /on a private clone of `aaaaaaaa`/u);
    assert.match(recapText({ ...facts, place: 'own_folder' }), /code, 2 min, since `aaaaaaaa`/u);
  });

  it('counts no line of what was left out', () => {
    const text = recapText({ ...facts, leftOut: ['package.json'] });
    assert.match(text, /\*\*Files\*\* \(\+3 −1\)/u);
    assert.match(text, /Left out by the reviewer\*\*\n- `package\.json`/u);
  });
});
