/** Replicas of a team's platform as processes, over TCP and one real database. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { Client } from 'pg';
import { isBelayError } from '../../protocol/errors.ts';
import type { WorkspaceEvent } from '../../protocol/events.ts';
import { isPublic } from '../../protocol/route.ts';
import { routes, type Route } from '../../protocol/routes.ts';
import { createApi, type BelayApi } from '../../protocol/typedClient.ts';
import { startPlatform } from '../support/platforms.ts';
import { until } from '../support/until.ts';
import { startServer, type TestServer } from './server.ts';

const token = 'a-token-that-only-this-test-knows-0123456789';
/** How long a poll is held that nothing ends before. */
const heldMs = 20_000;

interface Replica {
  readonly url: string;
  readonly api: BelayApi;
  readonly process: ChildProcess;
  readonly log: () => string;
}

describe('a team’s platform', function () {
  this.timeout(60_000);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'belay-team-'));
  const tokenFile = path.join(folder, 'token');
  let server: TestServer;
  const running: Replica[] = [];
  /** Two that no test harms. */
  let [a, b]: [Replica, Replica] = [null!, null!];
  let databases = 0;
  let database: string;

  before(async () => {
    writeFileSync(tokenFile, `${token}\n`, { mode: 0o600 });
    server = await startServer();
    await newDatabase();
    [a, b] = await Promise.all([start(), start()]);
  });
  after(async () => {
    await end(running.splice(0));
    await server.remove();
    rmSync(folder, { recursive: true, force: true });
  });
  async function newDatabase(): Promise<void> {
    const admin = new Client(server.url());
    await admin.connect();
    database = `team${(databases += 1)}`;
    await admin.query(`CREATE DATABASE ${database}`);
    await admin.end();
  }
  async function end(replicas: readonly Replica[]): Promise<void> {
    for (const { process: child } of replicas) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
  }

  const begin = (args: readonly string[], env: Record<string, string> = {}) =>
    startPlatform(['--lease-profile', 'fast', '--port', '0', ...args], folder, env);

  async function start(env: Record<string, string> = {}): Promise<Replica> {
    const args = ['--token-file', tokenFile, ...(env.BELAY_DATABASE ? [] : ['--database', server.url(database)])];
    const { child, log, said } = await begin(args, env);
    assert.equal(said.state, 'ready', JSON.stringify(said));
    const url = said.url!;
    const api = createApi(async ({ method, path: at, headers, body, signal }) => {
      const reply = await fetch(url + at, {
        method,
        headers: { ...headers, authorization: `Bearer ${token}` },
        body,
        ...(signal && { signal }),
      });
      return { status: reply.status, headers: Object.fromEntries(reply.headers), body: await reply.text() };
    });
    const replica = { url, api, process: child, log };
    running.push(replica);
    return replica;
  }

  /** Events as a reader of `replica` gets them. */
  async function read(replica: Replica, lastEventId?: number) {
    const stop = new AbortController();
    const reply = await fetch(replica.url + routes.workspaceEvents.path, {
      headers: { authorization: `Bearer ${token}`, ...(lastEventId !== undefined && { 'last-event-id': String(lastEventId) }) },
      signal: stop.signal,
    });
    assert.equal(reply.status, 200);
    const stream = reply.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    return {
      stop: () => {
        stop.abort();
      },
      next: async (): Promise<WorkspaceEvent> => {
        for (;;) {
          const end = text.indexOf('\n\n');
          if (end >= 0) {
            const message = text.slice(0, end);
            text = text.slice(end + 2);
            const data = /^data: (.*)$/m.exec(message)?.[1];
            if (data && data !== '{}') return JSON.parse(data) as WorkspaceEvent;
            continue;
          }
          const { value, done } = await stream.read();
          if (done) throw new Error('The stream ended.');
          text += value;
        }
      },
      stands: async () => {
        while (!text.includes('event: ready')) text += (await stream.read()).value ?? '';
      },
    };
  }

  let agents = 0;
  /**
   * With an agent of its own: what an earlier test left claimed is queued again some time and would come to this worker. As an
   * instance of its own: what a known one registers at one replica is not known to the others at once.
   */
  async function worker({ api }: Replica) {
    agents += 1;
    const instanceId = `i${agents}`;
    const agent = await api.ensureAgent({ body: { slug: `a${agents}`, name: 'A', execution: 'cloud', driver: 'd' } });
    const body = { machine: 'm', execution: 'cloud' as const, agentIds: [agent.id], capacity: 2, instanceId, program: 't', version: '1' };
    return { agent, worker: await api.ensureWorker({ body }), instanceId };
  }
  const sessionFor = (agentId: string) => ({
    body: {
      itemId: null,
      title: 't',
      agentId,
      mode: 'code' as const,
      repositoryId: null,
      prompt: { kind: 'sections' as const, sections: [] },
      folder: '',
    },
  });
  let requests = 0;
  const pollOf = ({ worker: { id }, instanceId }: Awaited<ReturnType<typeof worker>>, waitMs = 0) => ({
    body: { workerId: id, instanceId, requestId: `r${(requests += 1)}`, capacity: 1, waitMs },
  });

  describe('lets nobody in', () => {
    const refusedToStart = async (args: readonly string[], why: RegExp) => {
      const { child, said } = await begin(['--database', server.url(database), ...args]);
      assert.match(said.problem?.detail ?? '', why);
      if (child.exitCode === null) await once(child, 'exit');
      assert.equal(child.exitCode, 1);
    };

    it('without a token file: it does not start', () => refusedToStart([], /without a token/));

    it('with a token file that others can read, that is short or missing: it does not start', async () => {
      const file = path.join(folder, 'bad');
      writeFileSync(file, token);
      chmodSync(file, 0o640);
      await refusedToStart(['--token-file', file], /Others can read/);
      writeFileSync(file, 'short');
      chmodSync(file, 0o600);
      await refusedToStart(['--token-file', file], /at least 32/);
      await refusedToStart(['--token-file', path.join(folder, 'none')], /cannot be read/);
    });

    it('who has no token, or another, on any path but those of health', async () => {
      const { url } = a;
      const closed = (Object.values(routes) as Route[]).filter((route) => !isPublic(route));
      const paths = closed.map(({ method, path: at }) => ({ method, at: at.replace(/:\w+/g, 'x') }));
      for (const { method, at } of [...paths, { method: 'GET', at: '/' }, { method: 'GET', at: '/v1/nothing' }]) {
        for (const authorization of [undefined, '', 'Bearer', `Bearer ${token}x`, `Bearer ${token.slice(1)}`, `Basic ${token}`, token]) {
          const reply = await fetch(url + at, {
            method,
            headers: { ...(authorization !== undefined && { authorization }), 'content-type': 'application/json' },
            ...(method !== 'GET' && { body: '{}' }),
          });
          assert.equal(reply.status, 401, `${method} ${at}`);
          assert.equal(reply.headers.get('www-authenticate'), 'Bearer');
          assert.equal(((await reply.json()) as { code: string }).code, 'unauthorized');
        }
      }
    });

    it('on other addresses than this machine’s own, unless it is told to', () => {
      assert.equal(new URL(a.url).hostname, '127.0.0.1');
    });

    it('to end it or take its whole database, even with the token', async () => {
      const { api } = a;
      assert.deepEqual(await api.quit({ body: { version: '999.0.0' } }), { quitting: false });
      await assert.rejects(api.exportAll(), (error: unknown) => isBelayError(error, 'forbidden'));
      assert.equal((await api.about()).mode, 'team');
    });

    it('to read a secret in its log', async () => {
      const replica = await start({ BELAY_DATABASE: server.url(database) });
      await fetch(`${replica.url}/v1/items`, { headers: { authorization: 'Bearer wrong' } });
      assert.match(replica.log(), /ready at/);
      assert.doesNotMatch(replica.log(), /belay:test|a-token/);
    });
  });

  it('a poll that one replica holds is answered when another one queues a session', async () => {
    const w = await worker(a);
    const started = performance.now();
    const held = b.api.poll(pollOf(w, heldMs));
    const session = await a.api.createSession(sessionFor(w.agent.id));
    const { claims } = await held;
    assert.equal(claims[0]?.session.id, session.id);
    assert.ok(performance.now() - started < heldMs, 'it was found at the end of the poll only');
  });

  it('a claim of one replica counts at all of them', async () => {
    const w = await worker(a);
    const { id } = await a.api.createSession(sessionFor(w.agent.id));
    const { claims } = await a.api.poll(pollOf(w));
    const { claimToken, fence } = claims[0]!;
    const holder = { instanceId: w.instanceId, fence };
    const activities = [{ key: 'k', at: 1, kind: 'progress', body: { type: 'message', text: 'hello' } }] as const;
    const { stored } = await b.api.appendActivities({ params: { id }, claimToken, body: { holder, activities: [...activities] } });
    assert.equal(stored, 1);
    await assert.rejects(
      b.api.appendActivities({ params: { id }, claimToken: `${claimToken}x`, body: { holder, activities: [...activities] } }),
      (error: unknown) => isBelayError(error, 'forbidden'),
    );
  });

  it('a reader at one replica sees what others change, in order, and goes on at a third where it was', async () => {
    const c = await start();
    const reader = await read(b);
    await reader.stands();
    const seen: number[] = [];
    for (let made = 0; made < 5; made++) await (made % 2 ? a : c).api.createItem({ body: { kind: 'bug', title: `${made}` } });
    for (let count = 0; count < 5; count++) seen.push((await reader.next()).n);
    reader.stop();
    assert.deepEqual(
      seen,
      seen.map((_, index) => seen[0]! + index),
    );
    const resumed = await read(c, seen[1]);
    assert.equal((await resumed.next()).n, seen[2]);
    resumed.stop();
  });

  it('a replica that is killed takes nothing along', async () => {
    const lost = await start();
    const w = await worker(lost);
    const made = await Promise.all(Array.from({ length: 5 }, () => lost.api.createItem({ body: { kind: 'bug', title: 't' } })));
    const exited = once(lost.process, 'exit');
    lost.process.kill('SIGKILL');
    await exited;
    const items = await b.api.listItems();
    for (const { id } of made) assert.ok(items.entries.some((item) => item.id === id));
    const session = await b.api.createSession(sessionFor(w.agent.id));
    assert.equal((await b.api.poll(pollOf(w))).claims[0]?.session.id, session.id);
  });

  it('a replica that is asked to end answers what it holds, and ends well', async () => {
    const leaving = await start();
    const w = await worker(leaving);
    const reader = await read(leaving);
    await reader.stands();
    const held = leaving.api.poll(pollOf(w, heldMs));
    await until('the held poll', async () => {
      const figures = await fetch(`${leaving.url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
      return /^belay_polls_held(?:\{.*\})? 1$/mu.test(await figures.text()) ? true : null;
    });
    const exited = once(leaving.process, 'exit') as Promise<[number | null]>;
    leaving.process.kill('SIGTERM');
    assert.deepEqual((await held).claims, []);
    const [code] = await exited;
    assert.equal(code, 0);
  });

  it('while the database restarts requests get 503 with Retry-After, then all replicas go on', async () => {
    const w = await worker(a);
    await server.stop();
    const reply = await fetch(`${a.url}/v1/items`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'bug', title: 't' }),
    });
    assert.equal(reply.status, 503);
    assert.ok(Number(reply.headers.get('retry-after')) >= 1);
    assert.equal(((await reply.json()) as { code: string }).code, 'unavailable');
    await server.start();
    const session = await a.api.createSession(sessionFor(w.agent.id));
    assert.equal((await b.api.poll(pollOf(w, 10_000))).claims[0]?.session.id, session.id);
    // Hints flow again between the two: a held poll is answered before its time is over.
    const started = performance.now();
    const held = b.api.poll({ body: { ...pollOf(w, heldMs).body, capacity: 1 } });
    await a.api.createSession(sessionFor(w.agent.id));
    assert.equal((await held).claims.length, 1);
    assert.ok(performance.now() - started < heldMs, 'it was found at the end of the poll only');
  });
});
