import assert from 'node:assert/strict';
import type { FastifyInstance } from 'fastify';
import { isBelayError } from '../../../protocol/errors.ts';
import { claimTokenHeader } from '../../../protocol/exchange.ts';
import { routes, type Route } from '../../../protocol/routes.ts';
import { createServer } from '../../../platform/api/server.ts';
import type { Service } from '../../../platform/service/service.ts';
import { createApi, type BelayApi } from '../../../protocol/typedClient.ts';
import { serviceOf } from './service.ts';

describe('the API', () => {
  let server: FastifyInstance;
  let api: BelayApi;
  let service: Service;
  let now = 1_000_000;
  let logged: string[];

  beforeEach(async () => {
    now = 1_000_000;
    logged = [];
    service = await serviceOf({ clock: () => now, log: (line) => logged.push(line) });
    server = await createServer(service, () => {});
    api = createApi(async ({ method, path, headers, body }) => {
      const reply = await server.inject({ method: method as 'GET', url: path, headers, ...(body !== null && { body }) });
      return { status: reply.statusCode, headers: {}, body: reply.body };
    });
  });
  afterEach(async () => {
    await server.close();
    await service.store.close();
  });

  const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
    server.inject({ method: 'POST', url, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
  const problem = (reply: { body: string }) => JSON.parse(reply.body) as { code: string; detail: string; issues?: { path: string }[] };

  async function claimed() {
    const agent = await api.ensureAgent({ body: { slug: 'a', name: 'A', execution: 'local', driver: 'd' } });
    const worker = await api.ensureWorker({
      body: { machine: 'm', execution: 'local', agentIds: [agent.id], capacity: 1, instanceId: 'i1', program: 't', version: '1' },
    });
    const session = await api.createSession({
      body: {
        itemId: null,
        title: 't',
        agentId: agent.id,
        mode: 'code',
        repositoryId: null,
        prompt: { kind: 'sections', sections: [] },
        folder: '',
      },
    });
    const reply = await api.poll({ body: { workerId: worker.id, instanceId: 'i1', requestId: 'r', capacity: 1 } });
    return { session, worker, grant: reply.claims[0]! };
  }

  it('refuses keys that are its own, so that no worker can stand in the way of what it has to say', async () => {
    const { session, grant } = await claimed();
    const draft = { at: 1, kind: 'progress', body: { type: 'message', text: 'x' } };
    const append = (key: string) =>
      post(
        `/v1/sessions/${session.id}/activities`,
        { holder: { instanceId: 'i1', fence: grant.fence }, activities: [{ ...draft, key }] },
        { [claimTokenHeader]: grant.claimToken },
      );
    const refused = await append('platform/2');
    assert.equal(refused.statusCode, 400);
    assert.equal(problem(refused).issues?.[0]?.path, 'activities.0.key');
    assert.equal((await append('platform-2')).statusCode, 200);
  });

  it('refuses names with characters that no name has', async () => {
    const { worker } = await claimed();
    for (const sessionId of ['a\0b', 'a\nb']) {
      const reply = await post('/v1/worker/poll', {
        workerId: worker.id,
        instanceId: 'i1',
        requestId: 'r2',
        capacity: 0,
        renewals: [{ sessionId, fence: 1 }],
      });
      assert.equal(reply.statusCode, 400);
      assert.equal(problem(reply).issues?.[0]?.path, 'renewals.0.sessionId');
    }
  });

  it('refuses unknown fields with their path, however deep', async () => {
    const reply = await post('/v1/items', { kind: 'bug', title: 't', labels: [{ group: 'g', name: 'n', colour: 'red' }], nope: 1 });
    assert.equal(reply.statusCode, 400);
    assert.deepEqual(
      problem(reply).issues?.map((issue) => issue.path),
      ['nope'],
    );
    const deep = await post('/v1/items', { kind: 'bug', title: 't', labels: [{ group: 'g', name: 'n', colour: 'red' }] });
    assert.deepEqual(
      problem(deep).issues?.map((issue) => issue.path),
      ['labels.0.colour'],
    );
  });

  it('refuses what is not as the schema says, in the body and in the query', async () => {
    const body = await post('/v1/items', { kind: 'epic', title: '' });
    assert.deepEqual(
      problem(body).issues?.map((issue) => issue.path),
      ['kind', 'title'],
    );
    const query = await server.inject({ method: 'GET', url: '/v1/items?limit=0&sort=x' });
    assert.equal(query.statusCode, 400);
    const json = await server.inject({ method: 'POST', url: '/v1/items', headers: { 'content-type': 'application/json' }, body: '{' });
    assert.equal(problem(json).code, 'bad_request');
  });

  it('answers with problem details, also where there is nothing', async () => {
    const reply = await server.inject({ method: 'GET', url: '/v1/nothing?secret=1' });
    assert.equal(reply.statusCode, 404);
    assert.match(String(reply.headers['content-type']), /application\/problem\+json/);
    assert.ok(!reply.body.includes('secret'));
  });

  it('says nothing of its inside when something unexpected goes wrong, and logs it', async () => {
    Object.assign(service.store, { listItems: () => Promise.reject(new Error('the database has a secret')) });
    const reply = await server.inject({ method: 'GET', url: '/v1/items' });
    assert.deepEqual([reply.statusCode, problem(reply).code], [500, 'internal']);
    assert.ok(!reply.body.includes('secret'));
    assert.equal(logged.length, 1);
  });

  it('takes an item of a megabyte, and refuses more than eight', async () => {
    const item = await api.createItem({ body: { kind: 'bug', title: 't', description: 'é'.repeat(1_000_000) } });
    assert.equal(item.description.length, 1_000_000);
    const reply = await post('/v1/items', { kind: 'bug', title: 't', description: 'x'.repeat(9 * 1024 * 1024) });
    assert.deepEqual([reply.statusCode, problem(reply).code], [413, 'too_large']);
  });

  it('changes an item only on the version it is based on', async () => {
    const made = await post('/v1/items', { kind: 'bug', title: 't' });
    assert.equal(made.headers.etag, '"1"');
    const patch = (headers: Record<string, string>) =>
      server.inject({
        method: 'PATCH',
        url: '/v1/items/BUG-1',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ title: 'u' }),
      });
    assert.equal((await patch({})).statusCode, 428);
    assert.equal((await patch({ 'if-match': 'x' })).statusCode, 400);
    const changed = await patch({ 'if-match': String(made.headers.etag) });
    assert.deepEqual([changed.statusCode, changed.headers.etag], [200, '"2"']);
    assert.equal((await patch({ 'if-match': '"1"' })).statusCode, 412);
  });

  it('makes a create repeatable by its key', async () => {
    const key = { 'idempotency-key': 'k1' };
    const first = await post('/v1/items', { kind: 'bug', title: 't' }, key);
    const again = await post('/v1/items', { kind: 'bug', title: 't' }, key);
    assert.equal(again.body, first.body);
    assert.equal((await post('/v1/items', { kind: 'bug', title: 'other' }, key)).statusCode, 409);
    assert.equal((await api.listItems()).total, 1);
  });

  it('lets only the token of the claim itself write', async () => {
    const { session, grant } = await claimed();
    const body = { holder: { instanceId: 'i1', fence: grant.fence }, reason: '', notBeforeMs: null };
    const url = `/v1/sessions/${session.id}/release`;
    assert.equal((await post(url, body)).statusCode, 401);
    assert.equal((await post(url, body, { [claimTokenHeader]: 'guess' })).statusCode, 403);
    const other = { ...body, holder: { instanceId: 'i1', fence: grant.fence + 1 } };
    assert.equal((await post(url, other, { [claimTokenHeader]: grant.claimToken })).statusCode, 403);
    assert.equal((await post(url, body, { [claimTokenHeader]: grant.claimToken })).statusCode, 200);
  });

  it('gives the same token with a repeated claim', async () => {
    const { worker, grant } = await claimed();
    const again = await api.poll({ body: { workerId: worker.id, instanceId: 'i1', requestId: 'r', capacity: 1 } });
    assert.equal(again.claims[0]?.claimToken, grant.claimToken);
  });

  it('a token of a lost claim reports late and finishes nothing', async () => {
    const { session, worker, grant } = await claimed();
    const holder = { instanceId: 'i1', fence: grant.fence };
    await api.release({ params: { id: session.id }, claimToken: grant.claimToken, body: { holder, reason: '', notBeforeMs: null } });
    await api.poll({ body: { workerId: worker.id, instanceId: 'i1', requestId: 'r2', capacity: 1 } });
    const activity = { key: 'k', at: 1, kind: 'progress', body: { type: 'message', text: 'late' } } as const;
    const reply = await api.appendActivities({
      params: { id: session.id },
      claimToken: grant.claimToken,
      body: { holder, activities: [activity] },
    });
    assert.deepEqual([reply.stored, reply.late], [0, 1]);
    const error = { code: 'x', message: 'y', hint: null };
    await assert.rejects(
      api.fail({ params: { id: session.id }, claimToken: grant.claimToken, body: { holder, error, usage: null, result: null } }),
      (thrown) => isBelayError(thrown, 'claim_lost'),
    );
  });

  it('the router has the routes of the description and no others', async () => {
    const { paths } = (await api.openapi()) as { paths: Record<string, Record<string, { operationId: string }>> };
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    assert.deepEqual(routed(server).toSorted(), described.toSorted());
    for (const [name, route] of Object.entries(routes as Record<string, Route>)) {
      const path = route.path.replace(/:([a-zA-Z]+)/g, '{$1}');
      assert.equal(paths[path]?.[route.method.toLowerCase()]?.operationId, name);
    }
  });
});

/** Every method and path the router knows, read from the tree it prints: a path continues that of the line it is indented under. */
function routed(server: FastifyInstance): string[] {
  const above: string[] = [];
  return server
    .printRoutes({ commonPrefix: false })
    .split('\n')
    .flatMap((line) => {
      const found = /^([│ ]*)[├└]── (\S*)(?: \((.*)\))?$/.exec(line);
      if (!found) return [];
      const [, indent = '', part = '', methods = ''] = found;
      const depth = indent.length / 4;
      above.length = depth;
      above.push((above.at(-1) ?? '') + part);
      const path = (above.at(-1) ?? '').replace(/:([a-zA-Z]+)/g, '{$1}');
      return methods === '' ? [] : methods.split(', ').map((method) => `${method} ${path}`);
    });
}
