/** The served description against what is served: every operation, its successes and its refusals. */
import assert from 'node:assert/strict';
import { Validator } from '@seriousme/openapi-schema-validator';
import { ApiDocument, type Operation } from './document.ts';
import { Platforms, token, type Got, type Platform } from '../support/platforms.ts';
import { Scene } from './scene.ts';

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
const codeOf = ({ body }: Got): string => (JSON.parse(body) as { code: string }).code;
const issuesOf = ({ body }: Got): string[] => ((JSON.parse(body) as { issues?: { path: string }[] }).issues ?? []).map(({ path }) => path);

for (const kind of ['embedded', 'team'] as const) {
  describe(`the API of ${kind === 'team' ? 'a team’s' : 'an embedded'} platform and its description`, function () {
    this.timeout(60_000);
    const platforms = new Platforms();
    let platform: Platform;
    let document: ApiDocument;
    let scene: Scene;

    before(async () => {
      platform = kind === 'embedded' ? await platforms.embedded() : await platforms.team(await platforms.database());
      document = await ApiDocument.of(platform);
      scene = await Scene.open(platform);
    });
    after(() => platforms.end());

    const fits = (operation: Operation, got: Got, status?: number): Got => {
      assert.equal(document.fault(operation, got), null);
      if (status !== undefined) assert.equal(got.status, status, `${operation.id}: ${got.body.slice(0, 300)}`);
      return got;
    };
    const somewhere = (operation: Operation): string => operation.path.replace(/\{\w+\}/g, 'nowhere');
    const sent = { 'content-type': 'application/json' };

    it('is valid OpenAPI 3.1', async () => {
      const { valid, errors } = await new Validator().validate(document.json);
      assert.deepEqual([valid, errors], [true, undefined]);
    });

    it('every operation answers with a success that is described', async () => {
      for (const operation of document.operations) {
        const got = await platform.send(await scene.request(operation.id));
        const refused = { retrySession: 409, ...(kind === 'team' && { exportAll: 403 }) } as Record<string, number>;
        fits(operation, got);
        const success = Object.keys(operation.responses).find((status) => status.startsWith('2'));
        assert.equal(got.status, refused[operation.id] ?? Number(success), `${operation.id}: ${got.body.slice(0, 300)}`);
      }
    });

    it('every path takes the described methods and no other', async () => {
      const paths = new Set(document.operations.map(({ path }) => path));
      for (const path of paths) {
        const there = document.operations.filter((operation) => operation.path === path).map(({ method }) => method);
        for (const method of methods.filter((one) => !there.includes(one))) {
          const got = await platform.send({ method, path: path.replace(/\{\w+\}/g, 'x') });
          assert.equal(got.status, 405, `${method} ${path}`);
          assert.deepEqual(String(got.headers.allow).split(', ').toSorted(), there.toSorted());
          if (method !== 'HEAD') assert.equal(document.problemFault(got), null);
        }
      }
    });

    it('what is not there is a problem, and says nothing of the query', async () => {
      for (const path of ['/', '/v1', '/v2/items', '/v1/items/x/y/z', '/v1/nothing?secret=1']) {
        const got = await platform.send({ method: 'GET', path });
        assert.deepEqual([got.status, document.problemFault(got)], [404, null], path);
        assert.doesNotMatch(got.body, /secret/);
      }
    });

    it('an unknown query parameter is refused with its name, on every operation', async () => {
      for (const operation of document.operations) {
        const body = operation.body ? '{}' : undefined;
        const got = await platform.send({
          method: operation.method,
          path: `${somewhere(operation)}?colour=red`,
          headers: body ? sent : {},
          body,
        });
        assert.deepEqual(issuesOf(fits(operation, got, 400)), ['colour'], operation.id);
      }
    });

    it('an unknown field is refused with its path, on every operation', async () => {
      for (const operation of document.operations.filter(({ body }) => body)) {
        const got = await platform.send({ method: operation.method, path: somewhere(operation), headers: sent, body: '{"colour":1}' });
        assert.ok(issuesOf(fits(operation, got, 400)).includes('colour'), operation.id);
      }
    });

    it('names of an object’s own inside are fields like others', async () => {
      for (const name of ['__proto__', 'constructor', 'toString']) {
        const operation = document.operation('createItem');
        const body = `{"kind":"bug","title":"t","${name}":{"admin":true},"labels":[{"group":"g","name":"n","${name}":1}]}`;
        const got = await platform.send({ method: 'POST', path: '/v1/items', headers: sent, body });
        assert.ok(
          issuesOf(fits(operation, got, 400)).some((path) => path.endsWith(name)),
          `${name}: ${got.body}`,
        );
        const inner = `{"kind":"bug","title":"t","labels":[{"group":"g","name":"n","${name}":1}]}`;
        const second = await platform.send({ method: 'POST', path: '/v1/items', headers: sent, body: inner });
        assert.deepEqual(issuesOf(fits(operation, second, 400)), [`labels.0.${name}`]);
      }
    });

    it('a body that is no JSON, another type or too deep is refused on every operation', async () => {
      for (const operation of document.operations.filter(({ body }) => body)) {
        const { method } = operation;
        const path = somewhere(operation);
        fits(operation, await platform.send({ method, path, headers: sent, body: '{"a":' }), 400);
        fits(operation, await platform.send({ method, path, headers: sent, body: Buffer.from([0x22, 0xff, 0x22]) }), 400);
        fits(operation, await platform.send({ method, path, headers: { 'content-type': 'text/plain' }, body: 'x' }), 415);
        for (const deep of [`${'['.repeat(33)}${']'.repeat(33)}`, `${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}`]) {
          const got = fits(operation, await platform.send({ method, path, headers: sent, body: deep }), 400);
          assert.match(got.body, /nested deeper/);
        }
      }
    });

    it('a body that is too large is refused on every operation, sent or announced', async () => {
      const refused = async (operation: Operation): Promise<void> => {
        const bytes = (operation.body?.bytes ?? 0) + 1;
        const { method } = operation;
        const path = somewhere(operation);
        fits(operation, await platform.send({ method, path, headers: sent, body: `"${'x'.repeat(bytes)}"` }), 413);
        // Told by its length: nothing of it needs to be sent.
        const head = `${method} ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\nContent-Type: application/json\r\n`;
        assert.match(
          await platform.sendBytes(`${head}Content-Length: ${bytes}\r\n\r\n{`),
          /^HTTP\/1\.1 413 [^]*"code":"too_large"/,
          operation.id,
        );
      };
      await Promise.all(document.operations.filter(({ body }) => body).map(refused));
      const head = `POST /v1/agents HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\nContent-Type: application/json\r\n`;
      const part = `${(600_000).toString(16)}\r\n${' '.repeat(600_000)}\r\n`;
      const inParts = await platform.sendBytes(`${head}Transfer-Encoding: chunked\r\n\r\n${part}${part}0\r\n\r\n`);
      assert.match(inParts, /^HTTP\/1\.1 413 [^]*"code":"too_large"/);
    });

    it('what does not exist is not found, on every operation with an id', async () => {
      for (const operation of document.operations.filter(({ path, body }) => path.includes('{') && !body)) {
        fits(operation, await platform.send({ method: 'GET', path: somewhere(operation) }), 404);
        const long = operation.path.replace(/\{\w+\}/g, 'x'.repeat(81));
        fits(operation, await platform.send({ method: 'GET', path: long }), 400);
      }
    });

    if (kind === 'team')
      it('nobody comes in without the token, but to ask whether it is well', async () => {
        for (const operation of document.operations) {
          const got = await platform.send({
            method: operation.method,
            path: somewhere(operation),
            bare: true,
            headers: sent,
            ...(operation.body && { body: '{}' }),
          });
          fits(operation, got, operation.open ? 200 : 401);
        }
        assert.deepEqual(
          document.operations.filter(({ open }) => open).map(({ id }) => id),
          ['healthz', 'readyz'],
        );
      });

    it('what is no request is refused as a problem, and the connection ends', async () => {
      const head = 'GET /v1/about HTTP/1.1\r\nHost: x\r\n';
      const refused = async (bytes: string, status: number, code: string) => {
        const reply = await platform.sendBytes(bytes);
        assert.match(reply, new RegExp(`^HTTP/1\\.1 ${status} [^]*application/problem\\+json[^]*"code":"${code}"`), bytes.slice(0, 40));
      };
      await refused('HELLO\r\n\r\n', 400, 'bad_request');
      await refused(`${head}X: ${'x'.repeat(40_000)}\r\n\r\n`, 431, 'headers_too_large');
      await refused(`${head}Content-Length: x\r\n\r\n`, 400, 'bad_request');
      const got = await platform.send({ method: 'GET', path: '/v1/items/%zz' });
      assert.deepEqual([got.status, codeOf(got), document.problemFault(got)], [400, 'bad_request', null]);
    });

    it('a cursor of somebody else is refused', async () => {
      const odd = [
        'x',
        '!!',
        ...[null, {}, [1], ['a', 1], [1, 2, 3], [1e300, 'x'], [1.5, 'x'], [1, 'x', 'y']].map((key) =>
          Buffer.from(JSON.stringify(key)).toString('base64url'),
        ),
      ];
      for (const { method, path } of document.operations.filter(({ parameters }) => parameters.some(({ name }) => name === 'cursor'))) {
        const id = path.includes('/items/') ? scene.itemId : await scene.queued();
        for (const cursor of odd) {
          const got = await platform.send({ method, path: `${path.replace(/\{\w+\}/g, id)}?cursor=${cursor}` });
          assert.deepEqual([got.status, codeOf(got)], [400, 'bad_request'], `${path} ${cursor}: ${got.body}`);
        }
      }
    });
  });
}
