import assert from 'node:assert/strict';
import type { WorkItem } from '../../../../protocol/records.ts';
import { Workbench } from '../../../fakes/workbench.ts';

describe('an item that changes while its session runs', function () {
  this.timeout(60_000);
  let bench: Workbench;
  beforeEach(async () => {
    bench = await Workbench.open();
    await bench.worker.start();
  });
  afterEach(() => bench.close());

  /** A session that waits for its answer, with its item. */
  async function asking(): Promise<{ sessionId: string; item: WorkItem }> {
    const { id, itemId } = await bench.queue();
    await bench.until('a question', async () => (await bench.session(id)).openInputs > 0);
    return { sessionId: id, item: await bench.api.getItem({ params: { id: itemId ?? '' } }) };
  }
  const patch = (item: WorkItem, body: { title?: string; status?: WorkItem['status'] }) =>
    bench.api.patchItem({ params: { id: item.id }, body, ifMatch: item.version });

  it('cancelled: the run is stopped and nothing of it is left running', async () => {
    const { sessionId, item } = await asking();
    await patch(item, { status: 'cancelled' });
    const session = await bench.ended(sessionId);
    assert.equal(session.state, 'cancelled');
    await bench.until('the end of the run host', () => bench.hostPids().length === 0);
  });

  it('edited: the run keeps its snapshot and is flagged', async () => {
    const { sessionId, item } = await asking();
    await patch(item, { title: 'Something else entirely' });
    await bench.answer(sessionId);
    const session = await bench.ended(sessionId);
    assert.equal(session.state, 'complete');
    assert.equal(session.itemChanged, 'edited');
    const { context } = await bench.api.getSessionPrompt({ params: { id: sessionId } });
    assert.match(context[0]?.title ?? '', /Save button does nothing/);
  });

  it('completed by somebody: the run goes on and is flagged', async () => {
    const { sessionId, item } = await asking();
    await patch(item, { status: 'completed' });
    await bench.answer(sessionId);
    const session = await bench.ended(sessionId);
    assert.equal(session.itemChanged, 'completed');
    assert.equal((await bench.api.getItem({ params: { id: item.id } })).status, 'completed');
  });
});
