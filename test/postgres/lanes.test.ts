/** Statements that are sent together, on a real server. */
import assert from 'node:assert/strict';
import { Client, Pool } from 'pg';
import { failureOf } from '../../platform/store/postgres/failures.ts';
import { Lanes } from '../../platform/store/postgres/lanes.ts';
import { startServer, type TestServer } from './server.ts';

describe('statements that are sent together', function () {
  this.timeout(60_000);
  let server: TestServer;
  let pool: Pool;
  let admin: Client;
  let lanes: Lanes;

  before(async () => {
    server = await startServer();
    admin = new Client(server.url());
    await admin.connect();
    pool = new Pool({ connectionString: server.url(), max: 4, pipeline: true });
    pool.on('error', () => {});
    pool.on('connect', (client) => client.on('error', () => {}));
  });
  after(async () => {
    await pool.end();
    await admin.end();
    await server.remove();
  });
  beforeEach(async () => {
    await admin.query('DROP TABLE IF EXISTS kept; CREATE TABLE kept (id INT PRIMARY KEY, n INT NOT NULL DEFAULT 0)');
    lanes = new Lanes({ connect: () => pool.connect(), lanes: 1, together: 32, lockMs: 50 });
  });

  const insert = (id: number) =>
    lanes.send({ text: 'INSERT INTO kept (id) VALUES ($1) RETURNING xmin::text AS transaction', values: [id] });
  const kept = async (): Promise<number[]> =>
    (await admin.query<{ id: number }>('SELECT id FROM kept ORDER BY id')).rows.map(({ id }) => id);

  it('share one commit', async () => {
    const replies = await Promise.all([1, 2, 3, 4, 5].map(insert));
    assert.equal(new Set(replies.map(({ rows }) => rows[0]?.transaction)).size, 1);
    assert.deepEqual(await kept(), [1, 2, 3, 4, 5]);
    assert.notEqual((await insert(6)).rows[0]?.transaction, replies[0]?.rows[0]?.transaction);
  });

  it('lets one that fails take nothing from the others', async () => {
    const outcomes = await Promise.allSettled([1, 2, 3, 2, 4, 3, 5].map(insert));
    const failed = outcomes.map((outcome) => (outcome.status === 'rejected' ? failureOf(outcome.reason) : 'kept'));
    assert.deepEqual(failed, ['kept', 'kept', 'kept', 'conflict', 'kept', 'conflict', 'kept']);
    assert.deepEqual(await kept(), [1, 2, 3, 4, 5]);
  });

  it('lets one that waits for a lock wait by itself', async () => {
    await Promise.all([1, 2].map(insert));
    const holder = new Client(server.url());
    await holder.connect();
    await holder.query('BEGIN; UPDATE kept SET n = 1 WHERE id = 1');
    const first = insert(3);
    let done = false;
    const waits = lanes.send({ text: 'UPDATE kept SET n = n + 10 WHERE id = 1 RETURNING n' }).finally(() => (done = true));
    await Promise.all([first, insert(4), insert(5)]);
    assert.deepEqual(await kept(), [1, 2, 3, 4, 5]);
    assert.equal(done, false);
    await holder.query('COMMIT');
    await holder.end();
    assert.equal((await waits).rows[0]?.n, 11);
  });

  it('keeps two from waiting for each other for ever', async () => {
    lanes = new Lanes({ connect: () => pool.connect(), lanes: 2, together: 32, lockMs: 50 });
    await Promise.all([1, 2].map(insert));
    const add = (id: number) => lanes.send({ text: 'UPDATE kept SET n = n + 1 WHERE id = $1', values: [id] });
    for (let round = 0; round < 20; round++) await Promise.all([1, 2, 2, 1, 1, 2, 1, 2, 2, 1].map(add));
    const { rows } = await admin.query<{ n: number }>('SELECT n FROM kept ORDER BY id');
    assert.deepEqual(rows, [{ n: 100 }, { n: 100 }]);
  });

  it('tells everyone of a connection that is lost, and takes another one afterwards', async () => {
    const together = Promise.allSettled([insert(1), lanes.send({ text: 'SELECT pg_sleep(30)' }), insert(2)]);
    const end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)' AND pid <> pg_backend_pid()";
    while ((await admin.query(end)).rowCount === 0);
    const said = (await together).map((outcome) => (outcome.status === 'rejected' ? failureOf(outcome.reason) : 'kept'));
    assert.deepEqual(said, ['lost', 'lost', 'lost']);
    await insert(3);
    assert.deepEqual(await kept(), [3]);
  });
});
