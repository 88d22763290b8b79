import assert from 'node:assert/strict';
import { partOfChanges, nextPartStart, type Changes } from '../../../extension/review/changeParts.ts';
import { applicationKind } from '../../../extension/send/applicationKind.ts';
import { promptSent, withFirst } from '../../../extension/send/choices.ts';
import { KeptPrompts } from '../../../extension/send/keptPrompts.ts';
import type { PromptSection } from '../../../protocol/records.ts';
import { aResult, aResultFile } from '../../builders/result.ts';
import { memento } from '../../support/memento.ts';

describe('what is sent', () => {
  const sections: PromptSection[] = [{ id: 'item', origin: 'item', title: 'Item', text: 'A bug', trusted: false, enabled: true }];
  const draft = { rendered: 'as rendered', sections };

  it('is the sections where nobody edited, else the text as the person left it', () => {
    assert.deepEqual(promptSent(draft, 'as rendered'), { kind: 'sections', sections });
    assert.deepEqual(promptSent(draft, 'mine'), { kind: 'written', text: 'mine' });
  });

  it('is offered with the likely one on top, the others as they were', () => {
    assert.deepEqual(
      withFirst(['a', 'b', 'c'], (one) => one === 'c'),
      ['c', 'a', 'b'],
    );
    assert.deepEqual(
      withFirst(['a', 'b'], () => false),
      ['a', 'b'],
    );
  });

  it('is known again after the window was loaded anew, and whether the person edited it', async () => {
    const kept = new KeptPrompts(memento());
    const prompt = { key: 'BUG-1', mode: 'code' as const, target: 't', way: 'w', folder: '', off: [], handoff: null };
    assert.equal(kept.isEdited('/a/x.md', 'anything'), false, 'of a sent prompt nothing is kept');
    await kept.keep('/a/x.md', 'text', prompt);
    assert.deepEqual([kept.isEdited('/b/x.md', 'text'), kept.isEdited('/b/x.md', 'text!')], [false, true]);
    await kept.forget('/a/x.md');
    assert.equal(kept.get('/a/x.md'), undefined);
  });
});

describe('the editor', () => {
  it('is known by the name it gives itself', () => {
    const named = ['Visual Studio Code - Insiders', 'code-server', 'Cursor', 'Windsurf Next', 'VSCodium'];
    assert.deepEqual(named.map(applicationKind), ['vscode', 'vscode', 'cursor', 'windsurf', 'other']);
  });
});

describe('a review in parts', () => {
  const changes = (count: number): Changes => ({
    title: 'BUG-1',
    objects: '',
    result: aResult({ files: Array.from({ length: count }, (_, index) => aResultFile(`f${index}`)) }),
  });

  it('is one part while the editor can show all of it', () => {
    assert.deepEqual(
      [partOfChanges(changes(50), 0).title, partOfChanges(changes(50), 0).files.length, nextPartStart(changes(50), 0, 1)],
      ['BUG-1', 50, null],
    );
  });

  it('goes on to the last file and back to the first, and says where it is', () => {
    const many = changes(120);
    const starts: number[] = [];
    for (let from: number | null = 0; from !== null; from = nextPartStart(many, from, 1)) starts.push(from);
    assert.deepEqual(starts, [0, 50, 100]);
    assert.deepEqual([partOfChanges(many, 100).title, partOfChanges(many, 100).files.length], ['BUG-1: 101 to 120 of 120', 20]);
    assert.deepEqual([nextPartStart(many, 50, -1), nextPartStart(many, 0, -1)], [0, null]);
  });
});
