/** What a client may rely on: repeatable creates, versions, pages, names of requests. */
import assert from 'node:assert/strict';
import { ApiDocument } from './document.ts';
import { Platforms, type Got, type Platform, type Sent } from '../support/platforms.ts';
import { Scene } from './scene.ts';

const json = <T>({ body }: Got): T => JSON.parse(body) as T;

for (const kind of ['embedded', 'team'] as const) {
  describe(`requests to ${kind === 'team' ? 'a team’s' : 'an embedded'} platform`, function () {
    this.timeout(60_000);
    const platforms = new Platforms();
    let platform: Platform;
    let scene: Scene;
    let document: ApiDocument;

    before(async () => {
      platform = kind === 'embedded' ? await platforms.embedded() : await platforms.team(await platforms.database());
      scene = await Scene.open(platform);
      document = await ApiDocument.of(platform);
    });
    after(() => platforms.end());

    const withHeaders = (sent: Sent, headers: Record<string, string>): Sent => ({ ...sent, headers: { ...sent.headers, ...headers } });

    it('every create is made once for its key, however many ask at once, and refuses the key to another request', async () => {
      const creates = document.operations.filter(({ parameters }) => parameters.some(({ name }) => name === 'idempotency-key'));
      assert.deepEqual(creates.map(({ id }) => id).toSorted(), [
        'addComment',
        'addDocument',
        'addReview',
        'createHandoff',
        'createItem',
        'createSession',
        'sendMessage',
      ]);
      for (const { id } of creates) {
        const sent = withHeaders(await scene.request(id), { 'idempotency-key': `once-${id}` });
        const before = await platform.rows();
        const answers = await Promise.all(Array.from({ length: 6 }, () => platform.send(sent)));
        assert.deepEqual([...new Set(answers.map(({ status }) => status))], [201], `${id}: ${answers.map(({ body }) => body).join('\n')}`);
        assert.equal(new Set(answers.map(({ body }) => body)).size, 1, id);
        const after = await platform.rows();
        assert.equal(after.idempotency_key! - before.idempotency_key!, 1, id);
        const made = Object.keys(after).filter((table) => !['event', 'idempotency_key'].includes(table) && after[table] !== before[table]);
        for (const table of made) assert.equal(after[table]! - before[table]!, 1, `${id}: ${table}`);
        const other = await platform.send({
          ...sent,
          body: String(sent.body)
            .replace(/"(t|b|T|d|A session)"/, '"other"')
            .replace('"Done."', '"Other."'),
        });
        assert.deepEqual([other.status, json<{ code: string }>(other).code], [409, 'idempotency_mismatch'], id);
      }
    });

    it('an item that somebody else changed is not overwritten: of many at once one is taken', async () => {
      const made = await platform.send({
        method: 'POST',
        path: '/v1/items',
        headers: { 'content-type': 'application/json' },
        body: '{"kind":"bug","title":"0"}',
      });
      const { id } = json<{ id: string }>(made);
      const patch = (title: string, headers: Record<string, string>) =>
        platform.send({
          method: 'PATCH',
          path: `/v1/items/${id}`,
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify({ title }),
        });
      assert.equal((await patch('x', {})).status, 428);
      const etag = String(made.headers.etag);
      const answers = await Promise.all(['1', '2', '3', '4', '5'].map((title) => patch(title, { 'if-match': etag })));
      assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 412, 412, 412, 412]);
      const winner = answers.find(({ status }) => status === 200)!;
      const now = await platform.send({ method: 'GET', path: `/v1/items/${id}` });
      assert.deepEqual([now.body, now.headers.etag], [winner.body, winner.headers.etag]);
      assert.equal(
        (await patch('6', { 'if-match': String(now.headers.etag).replace('"', 'W/"') })).status,
        200,
        'an ETag that a proxy made weak',
      );
      for (const bare of ['1', 'W/1', '"abc"', '*']) {
        const refused = await patch('7', { 'if-match': bare });
        assert.equal(refused.status, 400, bare);
        assert.match(json<{ hint: string }>(refused).hint, /quotes included: If-Match: "3"/u);
      }
    });

    it('what is known already is not sent again', async () => {
      for (const path of ['/v1/openapi.json', `/v1/items/${scene.itemId}`]) {
        const { headers } = await platform.send({ method: 'GET', path });
        const etag = String(headers.etag);
        for (const known of [etag, `"other", ${etag}`, `W/${etag}`, '*']) {
          const again = await platform.send({ method: 'GET', path, headers: { 'if-none-match': known } });
          assert.deepEqual([again.status, again.body, again.headers.etag], [304, '', etag], `${path} ${known}`);
        }
        assert.equal((await platform.send({ method: 'GET', path, headers: { 'if-none-match': '"other"' } })).status, 200);
      }
    });

    it('every list that can grow comes by pages, each entry once and in the same order', async () => {
      const { api } = platform;
      const params = { id: scene.itemId };
      const held = await scene.claimed();
      const session = { id: held.session.id };
      const ended = await scene.ended();
      const lost = await scene.claimed();
      const late = { params: { id: lost.session.id }, claimToken: lost.claimToken };
      await api.release({ ...late, body: { holder: scene.holder(lost), reason: '', notBeforeMs: null } });
      for (const name of ['a', 'b', 'c']) {
        await api.addComment({ params, body: { body: name } });
        await api.createHandoff({
          params,
          body: { target: name, targetName: 'T', mode: 'code', detail: '', repositoryId: null, baseCommit: null },
        });
        await api.createItem({ body: { kind: 'todo', title: name } });
        await api.ensureRepository({ body: { name: 'same', remote: `https://example.org/${name}`, rootCommit: null, defaultBranch: 'm' } });
        const agent = await api.ensureAgent({ body: { slug: name, name: 'same', execution: 'cloud', driver: 'd' } });
        await api.ensureWorker({
          body: {
            machine: name,
            execution: 'cloud',
            agentIds: [agent.id],
            capacity: 1,
            instanceId: `i-${name}`,
            program: 't',
            version: '1',
          },
        });
        await api.sendMessage({ params: session, body: { kind: 'steer', body: name } });
        await scene.asked(held);
        await api.addReview({ params: { id: ended }, body: name === 'b' ? { decision: 'undone' } : { decision: 'accepted', recap: name } });
        const activity = { key: name, at: 1, kind: 'progress', body: { type: 'message', text: name } } as const;
        await api.appendActivities({ ...late, body: { holder: scene.holder(lost), activities: [activity] } });
      }
      const lists = document.operations.filter(({ parameters }) => parameters.some(({ name }) => name === 'cursor'));
      assert.equal(lists.length, 11);
      for (const { id, path } of lists) {
        const ids: Record<string, string> = { listComments: scene.itemId, listReviews: ended, listLateActivities: lost.session.id };
        const place = path.replace('{id}', ids[id] ?? session.id);
        const page = async (query: string) =>
          json<{ entries: unknown[]; next: string | null }>(await platform.send({ method: 'GET', path: `${place}?${query}` }));
        const all = await page('limit=500');
        assert.equal(all.next, null);
        const walked: unknown[] = [];
        for (let next: string | null = ''; next !== null;) {
          const part: { entries: unknown[]; next: string | null } = await page(`limit=2${next ? `&cursor=${next}` : ''}`);
          assert.ok(part.entries.length <= 2);
          walked.push(...part.entries);
          next = part.next;
        }
        assert.ok(all.entries.length >= 3, `${id} has ${all.entries.length}`);
        assert.deepEqual(walked, all.entries, id);
      }
    });

    it('a request keeps the name its caller gave it, where that is fit for a log', async () => {
      const nameOf = async (given: string): Promise<[string, string]> => {
        const got = await platform.send({ method: 'GET', path: '/v1/items/nowhere', headers: { 'x-request-id': given } });
        return [String(got.headers['x-request-id']), json<{ requestId: string }>(got).requestId];
      };
      assert.deepEqual(await nameOf('call-7:a.b'), ['call-7:a.b', 'call-7:a.b']);
      for (const unfit of ['a b', 'x'.repeat(129), '{"a":1}']) {
        const [head, body] = await nameOf(unfit);
        assert.equal(head, body);
        assert.match(head, /^[0-9a-f-]{36}$/);
      }
    });

    it('half a character, the end of a text and names of a language’s inside are stored and come back the same', async () => {
      const { api } = platform;
      const item = await api.createItem({ body: { kind: 'bug', title: 't' } });
      const said = await platform.send({
        method: 'POST',
        path: `/v1/items/${item.id}/comments`,
        headers: { 'content-type': 'application/json' },
        body: '{"body":"half \\ud800 zero \\u0000 whole \\ud83d\\ude00 \\uDC00"}',
      });
      const comment = json<{ body: string }>(said);
      assert.equal(comment.body, 'half \ufffd zero \0 whole 😀 \ufffd');
      assert.deepEqual((await api.listComments({ params: { id: item.id } })).entries, [comment]);
    });

    it('what a body names and is not there is not found', async () => {
      const session = {
        itemId: null,
        title: 't',
        agentId: scene.agentId,
        mode: 'code',
        repositoryId: null,
        prompt: { kind: 'sections', sections: [] },
        folder: '',
      };
      const handoff = { target: 't', targetName: 'T', mode: 'code', detail: '', repositoryId: null, baseCommit: null };
      const worker = { machine: 'x', execution: 'cloud', capacity: 1, instanceId: 'x', program: 't', version: '1' };
      for (const [path, body] of [
        ['/v1/items', { kind: 'bug', title: 't', parentId: 'nobody' }],
        ['/v1/items', { kind: 'bug', title: 't', repositoryId: 'nobody' }],
        [`/v1/items/${scene.itemId}/handoffs`, { ...handoff, repositoryId: 'nobody' }],
        ['/v1/sessions', { ...session, itemId: 'nobody' }],
        ['/v1/sessions', { ...session, agentId: 'nobody' }],
        ['/v1/sessions', { ...session, repositoryId: 'nobody' }],
        ['/v1/sessions', { ...session, parentSessionId: 'nobody' }],
        ['/v1/sessions', { ...session, workerId: 'nobody' }],
        ['/v1/workers', { ...worker, agentIds: ['nobody'] }],
        ['/v1/worker/poll', { workerId: 'nobody', instanceId: 'x', requestId: 'r', capacity: 1 }],
      ] as const) {
        const got = await platform.send({
          method: 'POST',
          path,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
        assert.deepEqual(
          [got.status, json<{ code: string }>(got).code],
          [404, 'not_found'],
          `${path} ${JSON.stringify(body)}: ${got.body}`,
        );
      }
    });

    it('a parent may be named by its key', async () => {
      const { api } = platform;
      const parent = await api.createItem({ body: { kind: 'initiative', title: 'p' } });
      const child = await api.createItem({ body: { kind: 'todo', title: 'c', parentId: parent.key } });
      assert.equal(child.parentId, parent.id);
      const other = await api.createItem({ body: { kind: 'todo', title: 'o' } });
      const moved = await api.patchItem({ params: { id: other.id }, ifMatch: other.version, body: { parentId: parent.key } });
      assert.equal(moved.parentId, parent.id);
    });
  });
}
