/** A new program comes to a database that an older one wrote, and that older ones are still using. */
import assert from 'node:assert/strict';
import { Client } from 'pg';
import { openPostgresStore } from '../../platform/store/postgres/open.ts';
import { migrate } from '../../platform/store/postgres/migrate.ts';
import { migrations, schemaVersion } from '../../platform/store/migrations/migrations.ts';
import type { Queries } from '../../platform/store/base/calls.ts';
import { Fixture, result } from '../store/fixture.ts';
import { startServer, type TestServer } from './server.ts';

describe('PostgreSQL, over versions', function () {
  this.timeout(60_000);
  let server: TestServer;
  let old: Client;
  before(async () => {
    server = await startServer();
    old = new Client({ connectionString: server.url(), options: '-c search_path=belay' });
    await old.connect();
  });
  after(async () => {
    await old.end();
    await server.remove();
  });

  const open = () => Fixture.open(async (settings) => (await openPostgresStore({ ...settings, url: server.url(), clock: 'call' })).store);
  const listed = async (f: Fixture, query: Queries['listSessions']): Promise<string[]> => {
    const { entries, total } = await f.store.listSessions(f.call, query);
    assert.equal(entries.length, total);
    return entries.map(({ id }) => id);
  };
  /** As the first program claimed: without a place in the request. */
  const claimAsBefore = (sessionId: string, requestId: string, fence: number) =>
    old.query("INSERT INTO claim (session_id, fence, worker_id, instance_id, request_id, claimed_at) VALUES ($1, $3, 'w', 'i', $2, 1)", [
      sessionId,
      requestId,
      fence,
    ]);

  /** As any program before this one made a session: without a word about lists. */
  const createAsBefore = (id: string, itemId: string | null) =>
    old.query(
      `INSERT INTO belay.session (id, workspace_id, item_id, title, agent_id, mode, execution, initiator_id, owner_id, state, attempt, max_attempts,
         uncounted, line_id, fence, last_seq, plan, urls, created_at, expires_at)
       VALUES ($1, 'w', $2, 't', 'a', 'code', 'cloud', 'm', 'm', 'complete', 1, 3, 0, $1, 1, 0, '[]', '[]', 1, 1)`,
      [id, itemId],
    );

  it('data of the first program are taken over, and it may go on beside the new one', async () => {
    await migrate(old, 'belay', migrations.slice(0, 1));
    await old.query('SET search_path = belay');
    await old.query("INSERT INTO workspace (id, name, created_at, event_counter) VALUES ('w', 'old', 1, 1)");
    await old.query("INSERT INTO member (id, workspace_id, name, role, created_at) VALUES ('m', 'w', 'ann', 'owner', 1)");
    await old.query("INSERT INTO event (workspace_id, n, type, at) VALUES ('w', 1, 'item.created', 1)");
    await old.query(
      "INSERT INTO agent (id, workspace_id, slug, name, execution, driver, instructions, policy, created_at) VALUES ('a', 'w', 's', 'A', 'cloud', 'd', '', '{}', 1)",
    );
    await old.query(
      `INSERT INTO item (id, workspace_id, key, kind, title, description, status, priority, assignee_ids, labels, links, version, created_at, updated_at)
       VALUES ('i', 'w', 'BUG-1', 'bug', 't', '', 'open', 'none', '[]', '[]', '[]', 1, 1, 1)`,
    );
    for (const id of ['s1', 's2']) await createAsBefore(id, id === 's2' ? 'i' : null);
    for (const id of ['s1', 's2']) await claimAsBefore(id, 'r', 1);

    const f = await open();
    try {
      assert.equal(f.call.caller.workspaceId, 'w');
      assert.equal(f.store.schema, schemaVersion);
      // The old one claims twice for one request, and numbers an event by itself.
      for (const id of ['s1', 's2']) await claimAsBefore(id, 'r2', 2);
      // And makes a session, wherever it looks for its tables.
      await old.query('SET search_path = public');
      await createAsBefore('s3', 'i');
      await old.query('SET search_path = belay');
      assert.deepEqual(await listed(f, {}), ['s3', 's2', 's1']);
      assert.deepEqual(await listed(f, { item: 'i' }), ['s3', 's2']);
      assert.deepEqual(await listed(f, { line: 's3' }), ['s3']);
      // What is gone from the sessions is gone from the lists.
      await old.query("DELETE FROM session WHERE id = 's3'");
      assert.deepEqual(await listed(f, { item: 'i' }), ['s2']);
      const before = await f.store.lastEvent(f.call);
      await old.query(
        "WITH c AS (UPDATE workspace SET event_counter = event_counter + 1 WHERE id = 'w' RETURNING event_counter) INSERT INTO event (workspace_id, n, type, at) SELECT 'w', event_counter, 'item.updated', 2 FROM c",
      );
      const { id } = await f.create();
      const holder = await f.claim(id);
      await f.store.complete(f.call, id, { holder, result, usage: null });
      const events = await f.store.eventsAfter(f.call, before, 100);
      assert.deepEqual(
        events.map((event) => event.n),
        events.map((_, index) => before + 1 + index),
      );
      assert.deepEqual(
        events.map((event) => event.type),
        ['item.updated', 'session.created', 'session.changed', 'session.changed'],
      );
    } finally {
      await f.store.close();
    }
  });

  it('a second program that comes at the same time finds everything done', async () => {
    const both = await Promise.all([open(), open()]);
    for (const f of both) {
      assert.equal(f.call.caller.workspaceId, 'w');
      await f.store.close();
    }
  });
});
