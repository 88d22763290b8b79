/** What must hold when many transactions of several replicas run at once: things that one SQLite connection never meets. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { isBelayError } from '../../protocol/errors.ts';
import { claimChains } from '../../platform/store/areas/claims/chains.ts';
import { sessionSql } from '../../platform/store/areas/sessions/sql.ts';
import { openPostgresStore } from '../../platform/store/postgres/open.ts';
import { bundles } from '../../platform/store/postgres/bundles.ts';
import { everySent, sentChain, sentStatement } from '../../platform/store/postgres/texts.ts';
import type { Store } from '../../platform/store/createStore.ts';
import { asHolders } from '../support/asHolders.ts';
import { Fixture, message, profile, result } from '../store/fixture.ts';
import { startServer, type TestServer } from './server.ts';

/** What is sent, the statements for several requests at once among them. */
const everyText = (): { readonly name: string; readonly text: string }[] => [
  ...everySent(),
  ...[...bundles].map(([name, { text }]) => ({ name: `bundle ${name}`, text })),
];

const times = <T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)));

describe('PostgreSQL, many at once', function () {
  this.timeout(60_000);
  let server: TestServer;
  let admin: Client;
  let f: Fixture;
  /** A second replica. */
  let other: Store;
  let schemas = 0;

  before(async () => {
    // A deadlock is not resolved by the server here: it would show as a lock that was waited for too long.
    server = await startServer({ flags: ['-c', 'deadlock_timeout=60s'] });
    admin = new Client(server.url());
    await admin.connect();
  });
  after(async () => {
    await admin.end();
    await server.remove();
  });

  beforeEach(async () => {
    const schema = `belay_${(schemas += 1)}`;
    const settings = { url: server.url(), schema, clock: 'call', connections: 12 } as const;
    f = await Fixture.open(async (own) => (await openPostgresStore({ ...own, ...settings })).store);
    const newId = (prefix: string) => `${prefix}_${randomUUID()}`;
    other = asHolders((await openPostgresStore({ ...settings, profile, newId, chance: () => 0.5, onWake: () => {} })).store);
  });
  afterEach(async () => {
    await f.store.close();
    await other.close();
  });

  const pollInput = (over: Partial<Parameters<Store['poll']>[1]> = {}): Parameters<Store['poll']>[1] => ({
    workerId: f.workers.cloud.id,
    instanceId: 'cloud-1',
    requestId: randomUUID(),
    capacity: 1,
    reclaim: [],
    repositoryIds: [],
    renewals: [],
    watch: [],
    ...over,
  });
  const register = (instanceId: string) =>
    f.store.ensureWorker(f.call, {
      machine: 'cloud',
      execution: 'cloud',
      agentIds: [f.agents.cloud.id],
      capacity: 4,
      instanceId,
      program: 'test',
      version: '1',
    });
  const replica = (index: number): Store => (index % 2 === 0 ? f.store : other);

  it('a session goes to one of the instances that ask all replicas for it', async () => {
    for (let made = 0; made < 60; made++) await f.create();
    await times(12, (index) => register(`i${index}`));
    const taken: string[] = [];
    await times(12, async (index) => {
      for (;;) {
        const { claims } = await replica(index).poll(f.call, pollInput({ instanceId: `i${index}` }));
        if (claims.length === 0) return;
        taken.push(...claims.map((grant) => grant.session.id));
      }
    });
    assert.equal(taken.length, 60);
    assert.equal(new Set(taken).size, 60);
  });

  it('a request that arrives twice at the same time claims once', async () => {
    for (let round = 0; round < 10; round++) {
      await times(3, () => f.create());
      const input = pollInput();
      const outcomes = await times(4, (index) => replica(index).poll(f.call, input));
      const given = new Set(outcomes.flatMap(({ claims }) => claims.map((grant) => grant.session.id)));
      assert.equal(given.size, 1);
      assert.ok(outcomes.every(({ claims }) => claims.length === 1));
    }
  });

  it('claims of one worker that come at once get a session each, the oldest first, also when they are repeated', async () => {
    await admin.query(`SET search_path = belay_${schemas}`);
    const queued: string[] = [];
    for (let made = 0; made < 20; made++) queued.push((await f.create()).id);
    // All at the same time: then by their names.
    queued.sort();
    await times(12, (index) => register(`i${index}`));
    const inputs = Array.from({ length: 12 }, (_, index) => pollInput({ instanceId: `i${index}` }));
    const taken = async (asked: typeof inputs): Promise<string[][]> =>
      (await Promise.all(asked.map((input) => f.store.poll(f.call, input)))).map(({ claims }) => claims.map((grant) => grant.session.id));

    const given = await taken(inputs);
    assert.deepEqual(given.flat().sort(), queued.slice(0, 12).sort());
    const { rows } = await admin.query('SELECT session_id, instance_id, request_id, fence::int, place::int FROM claim ORDER BY session_id');
    const expected = inputs.map(({ instanceId, requestId }, index) => ({
      session_id: given[index]?.[0] ?? '',
      instance_id: instanceId,
      request_id: requestId,
      fence: 1,
      place: 1,
    }));
    assert.deepEqual(
      rows,
      expected.toSorted((a, b) => (a.session_id < b.session_id ? -1 : 1)),
    );

    const again = await taken([...inputs, ...inputs.slice(0, 4).map((input) => ({ ...input, requestId: randomUUID() }))]);
    assert.deepEqual(again.slice(0, 12), given);
    assert.deepEqual(again.slice(12).flat().sort(), queued.slice(12, 16).sort());
  });

  it('endings that come at once each keep their own result or get their own refusal', async () => {
    const ids = await times(12, async () => (await f.create()).id);
    const holders = new Map<string, Awaited<ReturnType<typeof f.claim>>>();
    for (const id of ids) holders.set(id, await f.claim(id));
    const own = (index: number) => ({ ...result, summary: `the ${index}th, with "quotes", \\ and \0` });
    const complete = (id: string, index: number, over: object = {}) =>
      f.store.complete(f.call, id, { holder: { ...holders.get(id)!, ...over }, result: own(index), usage: null });
    const outcomes = await Promise.allSettled([
      ...ids.map((id, index) => complete(id, index, index % 4 === 3 ? { fence: 7 } : {})),
      complete(ids[0]!, 0),
    ]);
    for (const [index, outcome] of outcomes.entries()) {
      const lost = outcome.status === 'rejected' && isBelayError(outcome.reason) && outcome.reason.code === 'claim_lost';
      assert.equal(lost, index % 4 === 3 && index < 12, `${index}: ${JSON.stringify(outcome)}`);
      if (outcome.status === 'fulfilled') assert.equal(outcome.value.id, ids[index % 12]);
    }
    for (const [index, id] of ids.entries()) {
      const session = await f.get(id);
      assert.equal(session.result?.summary, index % 4 === 3 ? undefined : own(index).summary);
      const { entries } = await f.store.listActivities(f.call, id, { after: 0, limit: 10 });
      assert.deepEqual(
        entries.map(({ body }) => (body as { summary?: string }).summary),
        index % 4 === 3 ? [] : [own(index).summary],
      );
    }
  });

  it('a cancellation that meets a claim is not lost', async () => {
    for (let round = 0; round < 25; round++) {
      const { id } = await f.create();
      await Promise.all([other.cancelSession(f.call, id), f.store.poll(f.call, pollInput({ sessionId: id }))]);
      const session = await f.get(id);
      assert.ok(session.state === 'cancelled' || session.cancelRequestedAt !== null, `it is ${session.state}`);
      if (session.state === 'cancelled') assert.equal(session.claim, null);
    }
  });

  it('two answers at the same time put a parked session back into the queue', async () => {
    for (let round = 0; round < 10; round++) {
      const { id } = await f.create();
      const holder = await f.claim(id);
      const inputs = [await f.ask(id, holder, { key: 'a' }), await f.ask(id, holder, { key: 'b' })];
      await f.store.park(f.call, id, { holder });
      await Promise.all(
        inputs.map((input, index) => replica(index).answerInput(f.call, input.id, { optionId: 'yes', text: null, actionHash: 'hash' })),
      );
      assert.equal((await f.get(id)).state, 'queued');
    }
  });

  it('a lease is renewed or lost, never both', async () => {
    for (let round = 0; round < 15; round++) {
      const { id } = await f.create();
      const { fence } = await f.claim(id);
      await f.store.reap(f.duty);
      while (f.now < (await f.get(id)).claim!.leaseEnd + profile.grace) {
        f.wait(profile.reap);
        if (f.now < (await f.get(id)).claim!.leaseEnd + profile.grace) await f.store.reap(f.duty);
      }
      f.wait(1);
      const [, outcome] = await Promise.all([
        other.reap(f.duty),
        f.store.poll(f.call, pollInput({ capacity: 0, renewals: [{ sessionId: id, fence }] })),
      ]);
      const session = await f.get(id);
      assert.equal(session.claim !== null, outcome.renewed.length === 1, `${session.state}: ${JSON.stringify(outcome)}`);
      assert.equal(outcome.renewed.length + outcome.lost.length, 1);
      if (!session.claim) await f.store.cancelSession(f.call, id);
      else await f.store.complete(f.call, id, { holder: { instanceId: 'cloud-1', fence }, result, usage: null });
    }
  });

  it('replicas that reap at the same time end each lease once', async () => {
    const sessions = await times(10, () => f.create({ execution: 'local' }));
    for (const { id } of sessions) await f.claim(id, 'local');
    await f.store.reap(f.duty);
    for (let waited = 0; waited <= profile.lease + profile.grace; waited += profile.reap) {
      f.wait(profile.reap);
      const lost = (await times(4, (index) => replica(index).reap(f.duty))).map((done) => done.lost);
      const total = lost.reduce((sum, one) => sum + one, 0);
      assert.ok(total === 0 || total === 10, String(lost));
    }
    for (const { id } of sessions) assert.equal((await f.get(id)).state, 'stale');
  });

  it('a reader of the workspace’s events misses none, whoever commits first', async () => {
    const start = await f.store.lastEvent(f.call);
    const seen: number[] = [];
    let writing = true;
    const reader = async () => {
      let at = start;
      for (let last = false; !last;) {
        last = !writing;
        for (const event of await other.eventsAfter(f.call, at, 1_000)) seen.push((at = event.n));
      }
    };
    const writers = times(8, async (index) => {
      for (let made = 0; made < 25; made++) await replica(index).createItem(f.call, { kind: 'todo', title: `${index}` });
    }).then(async () => {
      // A reader at another replica sees what was committed here once it is numbered, which asking here waits for.
      await f.store.lastEvent(f.call);
      writing = false;
    });
    await Promise.all([reader(), writers]);
    assert.deepEqual(
      seen,
      Array.from({ length: 200 }, (_, index) => start + 1 + index),
    );
  });

  it('the same batch reported twice at the same time is stored once, without a gap', async () => {
    const { id } = await f.create();
    const holder = await f.claim(id);
    for (let round = 0; round < 10; round++) {
      const activities = Array.from({ length: 5 }, (_, index) => message(`${round}-${index}`));
      const link = { key: `${round}-url`, at: 5, kind: 'url', body: { url: `https://example.org/${round}`, title: 't' } } as const;
      await Promise.all([
        f.store.append(f.call, id, { holder, activities }),
        other.append(f.call, id, { holder, activities }),
        other.append(f.call, id, { holder, activities: [link] }),
        f.store.append(f.call, id, {
          holder,
          activities: [{ ...link, key: `${link.key}-2`, body: { ...link.body, url: `${link.body.url}/2` } }],
        }),
      ]);
    }
    const { entries, lastSeq } = await f.store.listActivities(f.call, id, { limit: 1_000 });
    assert.deepEqual(
      entries.map((entry) => entry.seq),
      Array.from({ length: 70 }, (_, index) => index + 1),
    );
    assert.equal(lastSeq, 70);
    assert.equal((await f.get(id)).urls.length, 20);
  });

  it('the same end reported twice at the same time has one answer', async () => {
    for (let round = 0; round < 10; round++) {
      const { id } = await f.create();
      const holder = await f.claim(id);
      const answers = await times(3, (index) => replica(index).complete(f.call, id, { holder, result, usage: null }));
      assert.deepEqual(answers[1], answers[0]);
      assert.deepEqual(answers[2], answers[0]);
      const { entries } = await f.store.listActivities(f.call, id, {});
      assert.equal(entries.filter((entry) => entry.kind === 'completion').length, 1);
    }
  });

  it('a create that is repeated while it still runs happens once', async () => {
    const call = { ...f.call, once: { key: 'k', hash: 'h' } };
    const made = await times(6, (index) => replica(index).createItem(call, { kind: 'bug', title: 't' }));
    assert.equal(new Set(made.map((item) => item.id)).size, 1);
    assert.equal((await f.store.listItems(f.call, {})).total, 1);
  });

  it('comments, messages, agents and repositories that come at the same time are all there, each once', async () => {
    const item = await f.store.createItem(f.call, { kind: 'bug', title: 't' });
    const session = await f.create();
    await times(8, async (index) => {
      const store = replica(index);
      await store.addComment(f.call, item.id, { body: `${index}` });
      await store.sendMessage(f.call, session.id, { kind: 'steer', body: `${index}` });
    });
    assert.equal((await f.store.getItemBundle(f.call, item.id)).comments.length, 8);
    assert.equal((await f.store.listMessages(f.call, session.id, {})).entries.length, 8);
    const agent = { slug: 'new', name: 'new', execution: 'local', driver: 'd', instructions: '' } as const;
    assert.equal(new Set((await times(6, (index) => replica(index).ensureAgent(f.call, agent))).map(({ id }) => id)).size, 1);
    const repository = { name: 'r', remote: 'https://example.org/r', rootCommit: 'abc', subdirectory: '', defaultBranch: 'main' };
    assert.equal(new Set((await times(6, (index) => replica(index).ensureRepository(f.call, repository))).map(({ id }) => id)).size, 1);
    const worker = await times(6, (index) =>
      replica(index).ensureWorker(f.call, {
        machine: 'new',
        execution: 'cloud',
        agentIds: [f.agents.cloud.id],
        capacity: 1,
        instanceId: `new-${index}`,
        program: 't',
        version: '1',
      }),
    );
    assert.equal(new Set(worker.map(({ id }) => id)).size, 1);
  });

  it('two moves at the same time make no ring of items', async () => {
    for (let round = 0; round < 10; round++) {
      const [a, b] = await times(2, () => f.store.createItem(f.call, { kind: 'initiative', title: 't' }));
      const moves = await Promise.allSettled([
        f.store.patchItem(f.call, a!.id, 1, { parentId: b!.id }),
        other.patchItem(f.call, b!.id, 1, { parentId: a!.id }),
      ]);
      assert.equal(moves.filter((move) => move.status === 'fulfilled').length, 1);
    }
  });

  it('a session queued while its item is cancelled is cancelled or refused', async () => {
    // The session moves its item on, which makes a version of it.
    const cancel = (id: string, version: number): Promise<unknown> =>
      f.store.patchItem(f.call, id, version, { status: 'cancelled' }).catch((error: unknown) => {
        if (!isBelayError(error, 'version_conflict') || version > 2) throw error;
        return cancel(id, version + 1);
      });
    for (let round = 0; round < 15; round++) {
      const item = await f.store.createItem(f.call, { kind: 'bug', title: 't' });
      const [made] = await Promise.allSettled([
        other.createSession(f.call, {
          itemId: item.id,
          agentId: f.agents.cloud.id,
          mode: 'code',
          repositoryId: null,
          prompt: { kind: 'sections', sections: [] },
          folder: '',
        }),
        cancel(item.id, 1),
      ]);
      if (made.status === 'fulfilled') assert.equal((await f.get(made.value.id)).state, 'cancelled');
      else assert.ok(isBelayError(made.reason, 'invalid_transition'), String(made.reason));
    }
  });

  it('changes of one version are made once', async () => {
    const item = await f.store.createItem(f.call, { kind: 'bug', title: 't' });
    const changes = await Promise.allSettled(
      Array.from({ length: 6 }, (_, index) => replica(index).patchItem(f.call, item.id, 1, { title: `t${index}` })),
    );
    assert.equal(changes.filter((change) => change.status === 'fulfilled').length, 1);
    for (const change of changes) if (change.status === 'rejected') assert.ok(isBelayError(change.reason, 'version_conflict'));
  });

  it('an item changed while its session completes blocks neither', async () => {
    for (let round = 0; round < 10; round++) {
      const item = await f.store.createItem(f.call, { kind: 'bug', title: 't', status: 'in_progress' });
      const { id } = await f.create({ itemId: item.id });
      const holder = await f.claim(id);
      const [completed, changed] = await Promise.allSettled([
        f.store.complete(f.call, id, { holder, result, usage: null }),
        other.patchItem(f.call, item.id, 1, { title: 'u' }),
      ]);
      assert.equal(completed.status, 'fulfilled');
      if (changed.status === 'rejected') assert.ok(isBelayError(changed.reason, 'version_conflict'), String(changed.reason));
    }
  });

  it('texts come back as they were, with every character', async () => {
    for (const title of ['\0', '\u{F0000}', 'a\0\u{F0000}0\u{F0000}1\0b', '\u{F0000}\u{F0000}\0\0']) {
      const { id } = await f.store.createItem(f.call, { kind: 'bug', title, labels: [{ group: 'skill', name: title }] });
      const item = await f.store.getItem(f.call, id);
      assert.equal(item.title, title);
      assert.deepEqual(item.labels, [{ group: 'skill', name: title }]);
      assert.equal(
        (await f.store.listItems(f.call, { q: title })).entries.some((found) => found.id === id),
        true,
      );
    }
    const { id } = await f.create();
    const holder = await f.claim(id);
    for (let round = 0; round < 2; round++) {
      const { lastSeq } = await f.store.append(f.call, id, { holder, activities: [message('k\0'), message('k\u{F0000}')] });
      assert.equal(lastSeq, 2);
    }
  });

  it('every statement is valid', async () => {
    await admin.query(`SET search_path = belay_${schemas}`);
    for (const { name, text } of everyText()) {
      await admin.query(`PREPARE p AS ${text}`).catch((error: unknown) => assert.fail(`${name}: ${String(error)}`));
      await admin.query('DEALLOCATE p');
    }
  });

  it('no statement reads a table from end to end, also when it was planned while there was nothing in it', async () => {
    await admin.query(`SET search_path = belay_${schemas}; SET enable_seqscan = off; ANALYZE`);
    const whole: string[] = [];
    for (const { name, text } of everyText()) {
      const { rows } = await admin.query<{ 'QUERY PLAN': string }>(`EXPLAIN (GENERIC_PLAN) ${text}`);
      if (rows.some((row) => row['QUERY PLAN'].includes('Seq Scan on'))) whole.push(name);
    }
    await admin.query('RESET enable_seqscan');
    // At the start, in tables of a few rows.
    assert.deepEqual(whole, ['firstWorkspace', 'workspaceOwner']);
  });

  it('claims and lists of sessions are served in the order of an index, without a sort', async () => {
    await admin.query(`SET search_path = belay_${schemas}`);
    const { id } = await f.create();
    const columns = (
      await admin.query<{ column_name: string }>(
        `SELECT column_name FROM information_schema.columns WHERE table_name = 'session' AND table_schema = 'belay_${schemas}'`,
      )
    ).rows.map((row) => row.column_name);
    const copies = columns.map((name) =>
      name === 'id' || name === 'line_id' ? "'many_' || g" : name === 'queued_at' ? '2000000 + g' : name,
    );
    await admin.query(
      `INSERT INTO session (${columns.join(', ')}) SELECT ${copies.join(', ')} FROM session, generate_series(1, 20000) g WHERE id = '${id}'`,
    );
    await admin.query('ANALYZE session');
    const { cloud } = f.workers;
    const given: Readonly<Record<string, string>> = {
      worker: `'${cloud.id}'`,
      instance: "'cloud-1'",
      leaseMs: '1',
      now: 'NULL',
      workspace: `'${cloud.workspaceId}'`,
      execution: "'cloud'",
      agents: `'{${cloud.agentIds.join(',')}}'`,
      owner: `'${cloud.ownerId}'`,
      repositories: "'{}'",
      session: 'NULL',
      namedFirstMs: '1',
      request: "'r'",
      most: '1',
      from: '0',
      place: '0',
    };
    const { text, names } = sentChain(claimChains.claim);
    await admin.query(`PREPARE claim AS ${text}`);
    const values = names.map((name) => given[name]).join(', ');
    const explained = async (query: string): Promise<string> =>
      (await admin.query(query)).rows.map((row) => Object.values(row as object).join()).join('\n');
    const plans: string[] = [];
    for (const mode of ['force_custom_plan', 'force_generic_plan']) {
      await admin.query(`SET plan_cache_mode = ${mode}`);
      plans.push(await explained(`EXPLAIN EXECUTE claim(${values})`));
    }
    await admin.query('DEALLOCATE claim');
    plans.push(await explained(`EXPLAIN (GENERIC_PLAN) ${bundles.get('claim')?.text}`));
    for (const plan of plans) {
      // Of the queue: what was taken may be put in order.
      const queue = /Limit[\s\S]*?Index Scan using session_queue/.exec(plan)?.[0];
      assert.ok(queue, plan);
      assert.doesNotMatch(queue, /Sort/);
      assert.match(plan, /Update on session[\s\S]*Index Scan using session_pkey on session/);
    }

    await admin.query('ANALYZE session_place');
    const { itemId, lineId } = await f.create({ itemId: (await f.store.createItem(f.call, { kind: 'bug', title: 't' })).id });
    const listed: Readonly<Record<string, string>> = {
      workspace: `'${cloud.workspaceId}'`,
      item: `'${itemId}'`,
      states: "'{}'",
      line: `'${lineId}'`,
      archived: "'any'",
      beforeAt: 'NULL',
      beforeId: 'NULL',
      limit: '101',
    };
    await admin.query('SET enable_seqscan = off; SET max_parallel_workers_per_gather = 0');
    for (const [name, index] of [
      ['sessionList', 'newest'],
      ['sessionListOfItem', 'item'],
      ['sessionListOfLine', 'line'],
    ] as const) {
      const list = sentStatement(sessionSql[name]);
      await admin.query(`PREPARE list AS ${list.text}`);
      const plan = (await admin.query(`EXPLAIN EXECUTE list(${list.names.map((name) => listed[name]).join(', ')})`)).rows
        .map((row) => Object.values(row as object).join())
        .join('\n');
      assert.match(plan, new RegExp(`Scan Backward using session_place_${index}`));
      assert.doesNotMatch(plan, /Sort/);
      await admin.query('DEALLOCATE list');
    }
    await admin.query('RESET enable_seqscan; RESET max_parallel_workers_per_gather; RESET plan_cache_mode');
  });
});
