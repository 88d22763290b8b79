import assert from 'node:assert/strict';
import type { Connection } from '../../../client/connection.ts';
import { WorkModel, type ModelChange } from '../../../extension/items/workModel.ts';
import { BelayError } from '../../../protocol/errors.ts';
import type { BelayApi } from '../../../protocol/typedClient.ts';
import { cleanUp, connect, tempFolder } from '../client/support.ts';

describe('what a window knows of the workspace', function () {
  this.timeout(60_000);
  let connection: Connection;
  let model: WorkModel;
  let changes: ModelChange[];
  let told: () => void;
  const warned: string[] = [];
  /** What the window's own requests go through, where a test lets one fail. */
  let api: BelayApi;

  beforeEach(async () => {
    connection = await connect(tempFolder());
    ({ api } = connection);
    const link = {
      memberId: connection.about.memberId,
      connect: () => Promise.resolve(Object.assign(Object.create(connection) as Connection, { api })),
    };
    model = new WorkModel(link, { warn: (text) => warned.push(text) });
    changes = [];
    told = () => undefined;
    model.onChange((change) => {
      changes.push(change);
      told();
    });
  });
  afterEach(async () => {
    model.dispose();
    await cleanUp();
  });
  /** The first change from now on that fits, or one that was told already. */
  const change = async (fits: (change: ModelChange) => boolean): Promise<ModelChange> => {
    for (;;) {
      const found = changes.find(fits);
      if (found) return found;
      await new Promise<void>((resolve) => (told = resolve));
    }
  };
  const add = (title: string, parentId: string | null = null) => connection.api.createItem({ body: { kind: 'todo', title, parentId } });

  it('is everything there is, and then what happens', async () => {
    const first = await add('first');
    await model.ensureLoaded();
    assert.deepEqual([model.allRows().map(({ title }) => title), changes.at(-1)?.all], [['first'], true]);
    const second = await add('second', first.id);
    const { rows, events, all } = await change(({ items }) => items.has(second.id));
    // Its parent's row counts it.
    assert.deepEqual(rows.map(({ title, children }) => [title, children?.total ?? null]).sort(), [
      ['first', 1],
      ['second', null],
    ]);
    assert.deepEqual([[...events], all], [['item.created'], false]);
    assert.equal(model.itemByKey(second.key)?.id, second.id);
  });

  it('is loaded once, however many ask at once', async () => {
    let lists = 0;
    api = { ...api, listItems: (call) => ((lists += 1), connection.api.listItems(call)) };
    const link = { memberId: null, connect: () => Promise.resolve(Object.assign(Object.create(connection) as Connection, { api })) };
    const other = new WorkModel(link, { warn: () => undefined });
    await Promise.all([other.ensureLoaded(), other.ensureLoaded(), other.reload()]);
    await other.ensureLoaded();
    other.dispose();
    assert.equal(lists, 1);
  });

  it('fetches again what could not be fetched, with all that was told of it', async () => {
    await model.ensureLoaded();
    let failures = 1;
    const { getItem } = api;
    Object.assign(api, {
      getItem: (call: Parameters<BelayApi['getItem']>[0]) =>
        failures-- > 0 ? Promise.reject(new BelayError('unavailable', 'The database is away.')) : getItem(call),
    });
    const item = await add('late');
    const { events } = await change(({ rows }) => rows.some(({ id }) => id === item.id));
    assert.deepEqual([...events], ['item.created']);
    assert.match(warned.join(), /tried again: The database is away/u);
  });

  it('knows the sessions of an item, newest first, and what of them needs the person', async () => {
    const item = await add('a todo');
    const agent = await api.ensureAgent({ body: { slug: 'a', name: 'A', execution: 'local', driver: 'd' } });
    const create = () =>
      api.createSession({
        body: { itemId: item.id, agentId: agent.id, mode: 'code', repositoryId: null, prompt: { kind: 'sections', sections: [] } },
      });
    const one = await create();
    await model.ensureLoaded();
    const two = await create();
    await change(({ sessions }) => sessions.has(two.id));
    assert.deepEqual(new Set(model.sessionsOf(item.id).map(({ id }) => id)), new Set([one.id, two.id]));
    assert.deepEqual([model.needs(), model.allRows()[0]?.activity?.state], [[], 'queued']);
  });
});
