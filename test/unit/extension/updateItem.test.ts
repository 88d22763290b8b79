import assert from 'node:assert/strict';
import { updateItem } from '../../../extension/items/updateItem.ts';
import { isBelayError } from '../../../protocol/errors.ts';
import type { WorkItem } from '../../../protocol/records.ts';
import type { BelayApi } from '../../../protocol/typedClient.ts';
import { Platforms } from '../../support/platforms.ts';

describe('a change of an item in the panel', () => {
  let platforms: Platforms;
  let api: BelayApi;
  let item: WorkItem;
  before(async () => {
    platforms = new Platforms();
    ({ api } = await platforms.embedded());
  });
  after(() => platforms.end());
  beforeEach(async () => {
    item = await api.createItem({ body: { kind: 'bug', title: 'As it was', assigneeIds: [] } });
  });
  const now = () => api.getItem({ params: { id: item.key } });
  const elsewhere = async (body: Partial<WorkItem>) => api.patchItem({ params: { id: item.key }, body, ifMatch: (await now()).version });

  it('is stored also when other fields were changed since the person looked', async () => {
    await elsewhere({ priority: 'high', description: 'Theirs.' });
    await elsewhere({ labels: [] });
    await updateItem(api, item.key, item.version, { status: 'blocked', title: 'Mine' }, { status: item.status, title: 'As it was' });
    const { status, title, priority, description } = await now();
    assert.deepEqual([status, title, priority, description], ['blocked', 'Mine', 'high', 'Theirs.']);
  });

  it('meets its own change of a moment ago as what was seen', async () => {
    const steps = ['planned', 'blocked', 'in_progress'] as const;
    let seen: WorkItem['status'] = item.status;
    for (const status of steps) {
      await updateItem(api, item.key, item.version, { status }, { status: seen });
      seen = status;
    }
    assert.equal((await now()).status, 'in_progress');
  });

  it('is a conflict when the same field was changed, and overwrites nothing', async () => {
    await elsewhere({ title: 'Theirs' });
    for (const seen of [{ title: 'As it was', priority: item.priority }, {}])
      await assert.rejects(updateItem(api, item.key, item.version, { title: 'Mine', priority: 'urgent' }, seen), (error) =>
        isBelayError(error, 'version_conflict'),
      );
    const { title, priority } = await now();
    assert.deepEqual([title, priority], ['Theirs', item.priority]);
  });

  it('is no conflict when somebody else wrote the same', async () => {
    await elsewhere({ status: 'blocked' });
    await updateItem(api, item.key, item.version, { status: 'blocked' }, { status: item.status });
    assert.equal((await now()).status, 'blocked');
  });
});
