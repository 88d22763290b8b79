import assert from 'node:assert/strict';
import { anItem } from '../../../builders/item.ts';
import type { WorkItem } from '../../../../protocol/records.ts';
import { planItemEffect, type ItemEffectPorts } from '../../../../worker/effects/itemEffects.ts';

describe('an effect on the item', () => {
  const ports = (status: WorkItem['status']): ItemEffectPorts => ({
    api: {
      getItem: (({ params }: { params: { id: string } }) =>
        params.id === 'BUG-1'
          ? Promise.resolve(anItem({ status }))
          : Promise.reject(new Error('another item'))) as ItemEffectPorts['api']['getItem'],
    },
    held: { itemEffect: () => Promise.reject(new Error('not asked for here')) },
    itemKey: 'BUG-1',
  });

  it('that was done stands as long as a comment does, and a status until somebody sets another', async () => {
    const status = { type: 'status', status: 'in_review' } as const;
    assert.deepEqual(await planItemEffect(ports('in_review'), status).standing('done'), { done: 'BUG-1 is in review.' });
    assert.equal(await planItemEffect(ports('in_progress'), status).standing('done'), 'not_done');
    assert.deepEqual(await planItemEffect(ports('in_progress'), { type: 'comment', body: 'x' }).standing('done'), {
      done: 'The comment stands on BUG-1.',
    });
  });
});
