import assert from 'node:assert/strict';
import { UnapprovedWorkflow } from '../../../extension/language/unapprovedWorkflow.ts';
import type { WaitingWorkflow } from '../../../worker/loop/worker.ts';

describe('the notice of a workflow file that is not approved', () => {
  let shown: string[][];
  let reviewed: string[];
  let trusted: boolean;
  let answer: string | undefined;
  let notice: UnapprovedWorkflow;
  const waiting = (hash: string): WaitingWorkflow => ({ repositoryId: 'repo_1', folder: '/work/shop', commit: 'a'.repeat(40), hash });

  beforeEach(() => {
    shown = [];
    reviewed = [];
    trusted = true;
    answer = undefined;
    notice = new UnapprovedWorkflow({
      trusted: () => trusted,
      show: (...words) => {
        shown.push(words);
        return Promise.resolve(answer);
      },
      review: ({ hash }) => {
        reviewed.push(hash);
        return Promise.resolve();
      },
    });
  });

  it('is shown once for each version', async () => {
    await Promise.all([notice.meet(waiting('one')), notice.meet(waiting('one'))]);
    await notice.meet(waiting('two'));
    await notice.meet(waiting('one'));
    const text = "This repository's WORKFLOW.md is not approved on this machine: shop";
    assert.deepEqual(shown, [
      [text, 'Review', 'Not now'],
      [text, 'Review', 'Not now'],
    ]);
  });

  it('takes Review for a wish to look, and nothing else for a yes', async () => {
    for (const [hash, given] of [
      ['closed', undefined],
      ['later', 'Not now'],
      ['wanted', 'Review'],
    ] as const) {
      answer = given;
      await notice.meet(waiting(hash));
    }
    assert.deepEqual(reviewed, ['wanted']);
  });

  it('is not shown while the workspace is untrusted, and is not lost by that', async () => {
    trusted = false;
    await notice.meet(waiting('one'));
    assert.deepEqual(shown, []);
    trusted = true;
    await notice.meet(waiting('one'));
    assert.equal(shown.length, 1);
  });
});
