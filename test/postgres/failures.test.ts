/** The database goes away, comes back, is full of connections, is newer: what a replica does then, without being restarted. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createServer, connect, type Server, type Socket, type AddressInfo } from 'node:net';
import { Client } from 'pg';
import { isBelayError } from '../../protocol/errors.ts';
import { createBus, Waiter } from '../../platform/service/bus.ts';
import { schemaVersion } from '../../platform/store/migrations/migrations.ts';
import { openPostgresStore, type PostgresStore } from '../../platform/store/postgres/open.ts';
import type { PostgresSettings } from '../../platform/store/postgres/settings.ts';
import type { Call } from '../../platform/store/base/calls.ts';
import type { Store } from '../../platform/store/createStore.ts';
import { profile, result } from '../store/fixture.ts';
import { asHolders } from '../support/asHolders.ts';
import { startServer, type TestServer } from './server.ts';

const isRetryable = (error: unknown): true => {
  assert.ok(isBelayError(error, 'unavailable'), String(error));
  assert.ok((error.retryAfterMs ?? 0) > 0);
  return true;
};

describe('PostgreSQL, when it fails', function () {
  this.timeout(60_000);
  let server: TestServer;
  let admin: Client;
  const opened: PostgresStore[] = [];
  let schemas = 0;
  let schema: string;

  const adminAgain = async () => {
    admin = new Client(server.url());
    admin.on('error', () => {});
    await admin.connect();
  };
  before(async () => {
    server = await startServer();
    await adminAgain();
  });
  after(async () => {
    await admin.end();
    await server.remove();
  });
  beforeEach(() => {
    schema = `belay_${(schemas += 1)}`;
  });
  afterEach(async () => {
    for (const { store } of opened.splice(0)) await store.close();
  });

  const open = async (over: Partial<PostgresSettings> = {}): Promise<PostgresStore> => {
    const replica = await openPostgresStore({
      url: server.url(),
      schema,
      clock: 'database',
      profile,
      newId: (prefix) => `${prefix}_${randomUUID()}`,
      chance: Math.random,
      onWake: () => {},
      ...over,
    });
    opened.push(replica);
    return replica;
  };
  const callOn = async (store: Store): Promise<Call> => ({
    now: 0,
    caller: await store.ensureWorkspace(0, { workspace: 'w', member: 'ann' }),
  });
  const item = { kind: 'bug', title: 't' } as const;

  it('its clock is the one that counts, whatever the caller’s says', async () => {
    const { store, clock } = await open();
    const call = await callOn(store);
    const made = await store.createItem({ ...call, now: 5 }, item);
    assert.ok(Math.abs(made.createdAt - Date.now()) < 60_000);
    assert.ok(Math.abs(clock() - made.createdAt) < 5_000);
  });

  it('replicas that start at the same time on an empty database agree on one workspace and one key', async () => {
    const replicas = await Promise.all(Array.from({ length: 4 }, () => open()));
    const calls = await Promise.all(replicas.map(({ store }) => callOn(store)));
    assert.equal(new Set(calls.map(({ caller }) => `${caller.workspaceId} ${caller.memberId}`)).size, 1);
    assert.equal(new Set(replicas.map(({ claimKey }) => Buffer.from(claimKey).toString('hex'))).size, 1);
    assert.equal(replicas[0]!.claimKey.length, 32);
  });

  it('a database that a newer Belay wrote is refused and left as it is', async () => {
    await open();
    await admin.query(`UPDATE ${schema}.platform SET version = version + 1`);
    await assert.rejects(open(), (error: unknown) => {
      assert.ok(isBelayError(error, 'internal'));
      assert.match(error.message, /newer/);
      assert.match(error.hint ?? '', /Update/);
      return true;
    });
    const { rows } = await admin.query<{ version: string }>(`SELECT version FROM ${schema}.platform`);
    assert.equal(Number(rows[0]?.version), schemaVersion + 1);
  });

  it('a wrong password, a missing database and a server that is not there are told apart, without the password', async () => {
    const refused = async (url: string, hint: RegExp) => {
      await assert.rejects(open({ url, patienceMs: 100 }), (error: unknown) => {
        assert.ok(isBelayError(error, 'unavailable'));
        assert.match(`${error.message} ${error.hint}`, hint);
        assert.doesNotMatch(`${error.message} ${error.hint}`, /wrong-one/);
        return true;
      });
    };
    await refused(`postgres://belay:wrong-one@127.0.0.1:${server.port}/postgres`, /password/);
    await refused(server.url('nowhere'), /Create the database/);
    await refused('postgres://belay:wrong-one@127.0.0.1:1/postgres', /that it runs/);
  });

  it('with all connections in use, requests wait, then are told to come again, and go on when there is one', async () => {
    const { store } = await open({ connections: 1, patienceMs: 400 });
    const call = await callOn(store);
    const made = await store.createItem(call, item);
    await admin.query('BEGIN');
    await admin.query(`SELECT 1 FROM ${schema}.item WHERE id = $1 FOR UPDATE`, [made.id]);
    const waiting = store.addComment(call, made.id, { body: 'waits for the row' });
    await assert.rejects(store.getItem(call, made.id), isRetryable);
    const patient = store.getItem(call, made.id);
    await admin.query('COMMIT');
    await waiting;
    assert.equal((await patient).id, made.id);
  });

  it('killed backends cost a wait at most: everything acknowledged is there, nothing twice', async () => {
    const { store } = await open({ connections: 4 });
    const call = await callOn(store);
    let killing = true;
    let killed = 0;
    let advanced = Promise.withResolvers<undefined>();
    const advance = () => {
      advanced.resolve(undefined);
      advanced = Promise.withResolvers<undefined>();
    };
    const killer = (async () => {
      while (killing) {
        const { promise } = advanced;
        const { rowCount } = await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'belay'");
        killed += rowCount ?? 0;
        // However slow the machine: between two kills something gets done.
        await promise;
      }
    })();
    let refused = 0;
    const acknowledged: string[] = [];
    const create = async (index: number) => {
      for (let made = 0; made < 15; made++) {
        const once = { key: `${index}-${made}`, hash: 'h' };
        for (;;) {
          try {
            acknowledged.push((await store.createItem({ ...call, once }, { kind: 'bug', title: once.key })).id);
            advance();
            break;
          } catch (error) {
            isRetryable(error);
            refused += 1;
          }
        }
      }
    };
    await Promise.all(Array.from({ length: 6 }, (_, index) => create(index))).finally(() => {
      killing = false;
      advance();
    });
    await killer;
    const { total, entries } = await store.listItems(call, { limit: 200 });
    assert.ok(killed >= 5, `only ${killed} were killed`);
    assert.equal(total, 90, `${refused} were told to come again`);
    assert.deepEqual(new Set(entries.map((one) => one.id)), new Set(acknowledged));
    const events = await store.eventsAfter(call, 0, 1_000);
    assert.deepEqual(
      events.map((event) => event.n),
      events.map((_, index) => index + 1),
    );
  });

  it('a reader whose events cannot be numbered now is told to come again', async () => {
    const { store } = await open();
    const call = await callOn(store);
    await admin.query('BEGIN');
    await admin.query(`LOCK TABLE ${schema}.event IN ACCESS EXCLUSIVE MODE`);
    await store.createItem(call, item);
    const reading = store.lastEvent(call);
    reading.catch(() => {});
    const numbering = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = 'belay' AND wait_event_type = 'Lock' AND query LIKE '%INSERT INTO event %'`;
    while ((await admin.query(numbering)).rowCount === 0) await admin.query('SELECT pg_stat_clear_snapshot()');
    await assert.rejects(reading, isRetryable);
    await admin.query('COMMIT');
    assert.equal(await store.lastEvent(call), 1);
  });

  it('a server that restarts is waited for, or the request is told to come again; afterwards all goes on', async () => {
    const { store } = await open({ patienceMs: 300 });
    const call = await callOn(store);
    await admin.end();
    await server.stop();
    await assert.rejects(store.createItem(call, item), isRetryable);
    await server.start();
    await adminAgain();
    assert.equal((await store.createItem(call, item)).key, 'BUG-1');
  });

  it('a request that comes while the server restarts is answered when patience is long enough', async () => {
    const { store } = await open({ patienceMs: 30_000 });
    const call = await callOn(store);
    await admin.end();
    await server.stop();
    const made = store.createItem(call, item);
    await server.start();
    await adminAgain();
    assert.equal((await made).key, 'BUG-1');
  });

  it('a commit that gets no answer is not repeated by itself; the request repeated by name gives what was stored', async () => {
    const proxy = await openProxy(server.port);
    try {
      const { store } = await open({ url: `postgres://belay:test@127.0.0.1:${proxy.port}/postgres`, connections: 1 });
      const call = { ...(await callOn(store)), once: { key: 'k', hash: 'h' } };
      proxy.cutAfter('COMMIT');
      await assert.rejects(store.createItem(call, item), (error: unknown) => {
        isRetryable(error);
        assert.match(String(error), /not known/);
        return true;
      });
      const again = await store.createItem(call, item);
      assert.equal(again.key, 'BUG-1');
      assert.equal((await store.listItems(call, {})).total, 1);
    } finally {
      await Promise.all(opened.splice(0).map(({ store }) => store.close()));
      await proxy.close();
    }
  });

  it('events of a replica that died before it numbered them are numbered by another one, which wakes the readers', async () => {
    const bus = createBus();
    const { store } = await open({ onWake: bus.publish });
    const call = await callOn(store);
    const { workspaceId } = call.caller;
    const waiter = new Waiter(bus, [`workspace:${workspaceId}`]);
    const before = await store.lastEvent(call);
    // What the dead one committed.
    await admin.query(`INSERT INTO ${schema}.event_outbox (workspace_id, type, at) VALUES ($1, 'item.updated', 1)`, [workspaceId]);
    await waiter.wait(10_000);
    waiter.close();
    const events = await store.eventsAfter(call, before, 10);
    assert.deepEqual(
      events.map((event) => [event.n, event.type]),
      [[before + 1, 'item.updated']],
    );
  });

  it('however many events wait for their numbers, one look gives them all, without a gap and in their order', async () => {
    const { store } = await open({});
    const call = await callOn(store);
    const { workspaceId } = call.caller;
    const before = await store.lastEvent(call);
    const left = 4_500;
    await admin.query(
      `INSERT INTO ${schema}.event_outbox (workspace_id, type, at) SELECT $1, 'item.updated', g FROM generate_series(1, $2::int) g`,
      [workspaceId, left],
    );
    await store.createItem(call, item);
    const events = await store.eventsAfter(call, before, left);
    const { rows } = await admin.query<{ waiting: number }>(`SELECT COUNT(*)::int AS waiting FROM ${schema}.event_outbox`);
    assert.equal(rows[0]?.waiting, 0);
    assert.deepEqual(
      events.map(({ n, at }) => [n - before, at]),
      Array.from({ length: left }, (_, i) => [i + 1, i + 1]),
    );
  });

  it('a claim and an ending that lost their connection are repeated, and happen once', async () => {
    const proxy = await openProxy(server.port);
    try {
      const opened = await open({ url: `postgres://belay:test@127.0.0.1:${proxy.port}/postgres`, connections: 1 });
      const store = asHolders(opened.store);
      const call = await callOn(store);
      const agent = await store.ensureAgent(call, { slug: 'a', name: 'a', execution: 'cloud', driver: 'd', instructions: '' });
      const worker = { machine: 'm', execution: 'cloud', capacity: 1, instanceId: 'i', program: 't', version: '1' } as const;
      const { id: workerId } = await store.ensureWorker(call, { ...worker, agentIds: [agent.id] });
      for (let made = 0; made < 3; made++)
        await store.createSession(call, {
          itemId: null,
          title: 't',
          agentId: agent.id,
          mode: 'code',
          repositoryId: null,
          prompt: { kind: 'sections', sections: [] },
          folder: '',
        });
      proxy.cutAfter('claimRecord');
      const poll = { workerId, instanceId: 'i', requestId: 'r', capacity: 1, reclaim: [], repositoryIds: [], renewals: [], watch: [] };
      const [grant, ...more] = (await store.poll(call, poll)).claims;
      assert.ok(grant);
      assert.deepEqual(more, []);
      proxy.cutAfter('endSay');
      const ended = await store.complete(call, grant.session.id, { holder: { instanceId: 'i', fence: grant.fence }, result, usage: null });
      assert.equal(ended.state, 'complete');
      assert.equal(proxy.cuts(), 2);
      const states = (await store.listSessions(call, {})).entries.map(({ state }) => state);
      assert.deepEqual(states.toSorted(), ['complete', 'queued', 'queued']);
      assert.equal((await store.listActivities(call, grant.session.id, {})).entries.length, 1);
    } finally {
      await Promise.all(opened.splice(0).map(({ store }) => store.close()));
      await proxy.close();
    }
  });

  it('what one replica commits wakes who waits at another, also after their connections were killed', async () => {
    const bus = createBus();
    let gap = Promise.withResolvers<undefined>();
    const { store } = await open();
    await open({
      onWake: bus.publish,
      onGap: () => {
        gap.resolve(undefined);
      },
    });
    const call = await callOn(store);
    const wakes = async () => {
      const waiter = new Waiter(bus, [`workspace:${call.caller.workspaceId}`]);
      await store.createItem(call, item);
      // By itself it ends after this test is over.
      await waiter.wait(120_000);
      waiter.close();
    };
    await wakes();
    gap = Promise.withResolvers();
    await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'belay'");
    await gap.promise;
    await wakes();
  });

  it('a hint that its connection took along is told over the next one', async () => {
    const proxy = await openProxy(server.port);
    try {
      const { store } = await open({ url: `postgres://belay:test@127.0.0.1:${proxy.port}/postgres` });
      const bus = createBus();
      await open({ onWake: bus.publish });
      const call = await callOn(store);
      const woken = new Promise<void>((resolve) => bus.subscribe([`workspace:${call.caller.workspaceId}`], resolve));
      proxy.cutBefore('pg_notify');
      await store.createItem(call, item);
      await woken;
      assert.equal(proxy.cuts(), 1);
    } finally {
      await Promise.all(opened.splice(0).map(({ store }) => store.close()));
      await proxy.close();
    }
  });

  it('behind a pooler nothing is prepared and nobody listens', async () => {
    const { store } = await open({ pooled: true, connections: 1 });
    const call = await callOn(store);
    await store.createItem(call, item);
    const { rows } = await admin.query<{ query: string }>(
      "SELECT query FROM pg_stat_activity WHERE application_name = 'belay' AND query LIKE 'LISTEN%'",
    );
    assert.deepEqual(rows, []);
  });
});

/** Passes bytes on; cuts the connection whose message has the word: after the server answered it, or before it gets there. */
async function openProxy(target: number) {
  let word: string | null = null;
  let arrives = true;
  let cuts = 0;
  const sockets = new Set<Socket>();
  const server: Server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    let cutting = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (chunk) => {
      if (word !== null && chunk.includes(word)) {
        word = null;
        cuts += 1;
        if (!arrives) return void client.destroy();
        cutting = true;
      }
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (cutting) client.destroy();
      else client.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cutAfter: (text: string) => {
      [word, arrives] = [text, true];
    },
    cutBefore: (text: string) => {
      [word, arrives] = [text, false];
    },
    cuts: () => cuts,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
