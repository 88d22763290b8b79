/** What an operator sees: health, figures, the log. */
import assert from 'node:assert/strict';
import { Platforms, type Platform } from '../support/platforms.ts';
import { readStream } from '../support/reader.ts';
import { until } from '../support/until.ts';
import { Scene } from './scene.ts';

/** The value of a figure; NaN where there is none. */
const figure = (text: string, name: string): number => {
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return line ? Number(line.split(' ').at(-1)) : NaN;
};

/** So long does the database get for an answer where nobody wants to know at once. */
const patienceMs = 5_000;

describe('what an operator sees', function () {
  this.timeout(60_000);
  const platforms = new Platforms();
  let platform: Platform;
  let database: string;

  before(async () => {
    database = await platforms.database();
    platform = await platforms.team(database);
  });
  after(() => platforms.end());

  const statusOf = async (path: string, at = platform) => {
    const got = await at.send({ method: 'GET', path, bare: true });
    if (got.status === 503) assert.ok(Number(got.headers['retry-after']) >= 1);
    assert.ok(got.ms < patienceMs, `${path} took ${Math.round(got.ms)} ms.`);
    return got.status;
  };
  /** Asks again until it is so, as a load balancer does. */
  const becomes = async (path: string, status: number): Promise<void> => {
    const end = performance.now() + 20_000;
    while ((await statusOf(path)) !== status) assert.ok(performance.now() < end, `${path} does not become ${status}.`);
  };

  it('a replica whose tables are older than itself is not ready', async () => {
    assert.equal(await statusOf('/readyz'), 200);
    await platform.query('UPDATE platform SET version = version - 1');
    await becomes('/readyz', 503);
    await platform.query('UPDATE platform SET version = version + 1');
    await becomes('/readyz', 200);
  });

  it('while the database is away it lives and is not ready, said at once; then it is ready again', async () => {
    await platforms.postgres.stop();
    await becomes('/readyz', 503);
    assert.equal(await statusOf('/healthz'), 200);
    const many = await Promise.all(Array.from({ length: 30 }, () => statusOf('/readyz')));
    assert.deepEqual([...new Set(many)], [503]);
    await platforms.postgres.start();
    await becomes('/readyz', 200);
  });

  it('figures need the token, and count what happened', async () => {
    assert.equal((await platform.send({ method: 'GET', path: '/metrics', bare: true })).status, 401);
    const read = async () => (await platform.send({ method: 'GET', path: '/metrics' })).body;
    const before = await read();
    const scene = await Scene.open(platform);
    const stream = await readStream(platform, '/v1/events');
    await scene.ended();
    const grant = await scene.claimed();
    const release = () =>
      platform.send({
        method: 'POST',
        path: `/v1/sessions/${grant.session.id}/release`,
        headers: { 'content-type': 'application/json', 'belay-claim': grant.claimToken },
        body: JSON.stringify({ holder: scene.holder(grant), reason: '', notBeforeMs: null }),
      });
    await release();
    await platform.api.cancelSession({ params: { id: grant.session.id }, body: {} });
    const fail = { holder: scene.holder(grant), error: { code: 'c', message: 'm', hint: null }, usage: null, result: null };
    const stale = await platform.send({
      method: 'POST',
      path: `/v1/sessions/${grant.session.id}/fail`,
      headers: { 'content-type': 'application/json', 'belay-claim': grant.claimToken },
      body: JSON.stringify(fail),
    });
    assert.equal(stale.status, 410);
    const body = { workerId: scene.workerId, instanceId: scene.instanceId, requestId: 'held', capacity: 0, waitMs: 20_000 };
    const held = platform.api.poll({ body });
    const after = await until('the held poll', async () => {
      const figures = await read();
      return figure(figures, 'belay_polls_held') === 1 ? figures : null;
    });
    const grew = (name: string): number => figure(after, name) - (figure(before, name) || 0);
    assert.equal(grew('belay_claims_total'), 2);
    assert.equal(grew('belay_claim_endings_total{as="complete"}'), 1);
    assert.equal(grew('belay_claim_endings_total{as="release"}'), 1);
    assert.equal(grew('belay_stale_writes_refused_total'), 1);
    assert.equal(figure(after, 'belay_streams_open'), 1);
    assert.ok(figure(after, 'belay_reaper_ticks_total') >= 1);
    assert.ok(figure(after, 'belay_database_connections') >= 1);
    assert.ok(figure(after, 'belay_database_waiting') === 0);
    assert.ok(figure(after, 'nodejs_eventloop_lag_p99_seconds') >= 0);
    assert.equal(grew('belay_http_request_duration_seconds_count{method="POST",route="/v1/sessions/:id/fail",status="410"}'), 1);
    stream.stop();
    // Ends the poll.
    await scene.queued();
    void held.catch(() => {});
  });

  it('an embedded platform gives figures too, from when somebody asks', async () => {
    const embedded = await platforms.embedded();
    const scene = await Scene.open(embedded);
    await scene.ended();
    const { status, headers, body } = await embedded.send({ method: 'GET', path: '/metrics' });
    assert.deepEqual([status, String(headers['content-type']).split(';')[0]], [200, 'text/plain']);
    assert.equal(figure(body, 'belay_claims_total'), 1);
    assert.ok(Number.isNaN(figure(body, 'belay_database_connections')), 'It has no pool.');
    assert.equal(await statusOf('/readyz', embedded), 200);
  });

  it('the log has one object a line, with each request’s name, route, status and time, and nothing of what was sent', async () => {
    const quiet = await platforms.team(database, '--log-requests', 'none');
    const sent = {
      method: 'POST',
      path: '/v1/items?q=planted-query',
      headers: { 'content-type': 'application/json', 'x-request-id': 'seen-1', cookie: 'planted-cookie' },
      body: '{"kind":"bug","title":"planted-body"}',
    } as const;
    for (const at of [platform, quiet]) {
      await at.send(sent);
      await at.send({ ...sent, path: '/v1/items', headers: { ...sent.headers, 'x-request-id': 'seen-2' } });
      await at.send({ method: 'GET', path: '/v1/items/planted-id', headers: { 'x-request-id': 'seen-3' } });
      await at.send({ method: 'GET', path: '/planted-path', headers: { 'x-request-id': 'seen-4', authorization: 'Bearer planted-token' } });
      await at.kill('SIGTERM');
      assert.doesNotMatch(at.log(), /planted|only-the-tests-know/);
    }
    const lines = platform
      .log()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { at: string; requestId?: string; method?: string; route?: string; status?: number; ms?: number });
    assert.ok(lines.every(({ at }) => !Number.isNaN(Date.parse(at))));
    const named = lines.filter(({ requestId }) => requestId?.startsWith('seen-'));
    assert.deepEqual(
      named.map(({ requestId, method, route, status }) => [requestId, method, route, status]),
      [
        ['seen-1', 'POST', '/v1/items', 400],
        ['seen-2', 'POST', '/v1/items', 201],
        ['seen-3', 'GET', '/v1/items/:id', 404],
        ['seen-4', 'GET', 'none', 401],
      ],
    );
    assert.ok(named.every(({ ms }) => typeof ms === 'number'));
    assert.doesNotMatch(quiet.log(), /seen-/);
  });
});
