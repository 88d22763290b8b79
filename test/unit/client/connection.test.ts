import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import * as path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Activity } from '../../../protocol/activities.ts';
import { isBelayError } from '../../../protocol/errors.ts';
import type { WorkspaceEvent } from '../../../protocol/events.ts';
import type { Connection, ConnectionState } from '../../../client/connection.ts';
import { TransportFailure } from '../../../transport/failure.ts';
import { platformHttp } from '../../../transport/http.ts';
import { fileOf, ready } from '../../support/programs.ts';
import { alive, cleanUp, connect, tempFolder, until } from './support.ts';

async function claimedSession(connection: Connection) {
  const { api } = connection;
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
  const { claims } = await api.poll({ body: { workerId: worker.id, instanceId: 'i1', requestId: 'r', capacity: 1 } });
  const grant = claims[0]!;
  const holder = { instanceId: 'i1', fence: grant.fence };
  const append = (key: string) =>
    api.appendActivities({
      params: { id: session.id },
      claimToken: grant.claimToken,
      body: { holder, activities: [{ key, at: 1, kind: 'progress', body: { type: 'message', text: key } }] },
    });
  return { session, worker, agent, holder, claimToken: grant.claimToken, append };
}

describe('the connection to the embedded platform', function () {
  this.timeout(60_000);
  afterEach(cleanUp);

  it('finds the platform that runs, and starts one where none does', async () => {
    const folder = tempFolder();
    const first = await connect(folder);
    const second = await connect(folder);
    assert.equal(second.about.pid, first.about.pid);
    const item = await first.api.createItem({ body: { kind: 'bug', title: 't' } });
    assert.equal((await second.api.getItem({ params: { id: item.key } })).id, item.id);
  });

  it('eight starters at once: one process, eight clients, no error', async () => {
    const folder = tempFolder();
    const all = await Promise.all(Array.from({ length: 8 }, () => connect(folder)));
    assert.equal(new Set(all.map((one) => one.about.pid)).size, 1);
    for (const one of all) assert.equal((await one.api.about()).pid, all[0]!.about.pid);
  });

  it('keeps its files to this user', async () => {
    const folder = tempFolder();
    const platform = path.join(folder, 'platform');
    mkdirSync(platform, { mode: 0o755 });
    chmodSync(folder, 0o755);
    await connect(folder);
    assert.equal(statSync(folder).mode & 0o777, 0o755, 'a folder that was there keeps its mode');
    assert.equal(statSync(platform).mode & 0o777, 0o700);
    for (const file of readdirSync(platform)) assert.equal(statSync(path.join(platform, file)).mode & 0o077, 0, file);
    const key = readFileSync(path.join(platform, 'claim.key'));
    assert.ok(!readFileSync(path.join(platform, 'platform.log')).includes(key.toString('base64url')));
  });

  it('starts the platform again when it was killed, and nothing that was answered is lost', async () => {
    const folder = tempFolder();
    const connection = await connect(folder);
    const states: ConnectionState[] = [];
    connection.onState((state) => states.push(state));
    const { pid } = connection.about;
    const item = await connection.api.createItem({ body: { kind: 'bug', title: 't' } });
    process.kill(pid, 'SIGKILL');
    await until('it is dead', () => !alive(pid));
    assert.equal((await connection.api.getItem({ params: { id: item.id } })).title, 't');
    assert.notEqual(connection.about.pid, pid);
    assert.deepEqual(states, ['offline', 'online']);
  });

  it('takes over a socket whose owner is dead', async () => {
    const folder = tempFolder();
    mkdirSync(path.join(folder, 'platform'), { recursive: true, mode: 0o700 });
    const socket = path.join(folder, 'platform', 'platform.sock');
    const script = `require('net').createServer().listen(${JSON.stringify(socket)}, () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', script]);
    assert.ok(statSync(socket).isSocket());
    const connection = await connect(folder);
    assert.equal((await connection.api.about()).name, 'belay');
  });

  it('streams resume after the platform was killed between two events: nothing lost, nothing twice', async () => {
    const connection = await connect(tempFolder());
    const stop = new AbortController();
    const events: WorkspaceEvent[] = [];
    const activities: Activity[] = [];
    await connection.subscribeWorkspace((event) => events.push(event), stop.signal);
    const { session, append } = await claimedSession(connection);
    await connection.subscribeSession(session.id, 0, (activity) => activities.push(activity), stop.signal);
    await append('1');
    await until('the first is seen', () => activities.length === 1 && events.length > 0);
    const { pid } = connection.about;
    process.kill(pid, 'SIGKILL');
    await append('2');
    await connection.api.createItem({ body: { kind: 'bug', title: 't' } });
    await append('3');
    await until('all are seen', () => activities.length >= 3 && events.some((event) => event.type === 'item.created'));
    assert.notEqual(connection.about.pid, pid);
    assert.deepEqual(
      activities.map((activity) => activity.seq),
      [1, 2, 3],
    );
    const numbers = events.map((event) => event.n);
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => numbers[0]! + index),
    );
    stop.abort();
  });

  it('loses no acknowledged activity and keeps none twice, killed again and again while it writes', async () => {
    const connection = await connect(tempFolder());
    const { session, append } = await claimedSession(connection);
    const acknowledged: string[] = [];
    let kills = 0;
    for (let i = 0; i < 120; i++) {
      const key = String(i);
      const write = append(key);
      if (i % 20 === 10) {
        // Somewhere between the request and its reply.
        await new Promise((resolve) => setTimeout(resolve, kills));
        process.kill(connection.about.pid, 'SIGKILL');
        kills += 1;
      }
      await write;
      acknowledged.push(key);
    }
    const { entries, lastSeq } = await connection.api.listActivities({ params: { id: session.id }, query: { limit: 1000 } });
    assert.equal(kills, 6);
    assert.equal(lastSeq, entries.length);
    assert.deepEqual(
      entries.map((entry) => entry.key),
      acknowledged,
    );
  });

  it('a session stream begins where its reader says', async () => {
    const connection = await connect(tempFolder());
    const { session, append } = await claimedSession(connection);
    for (const key of ['1', '2', '3']) await append(key);
    const stop = new AbortController();
    const seen: number[] = [];
    await connection.subscribeSession(session.id, 2, (activity) => seen.push(activity.seq), stop.signal);
    await append('4');
    await until('the last is seen', () => seen.includes(4));
    assert.deepEqual(seen, [3, 4]);
    await assert.rejects(
      connection.subscribeSession('none', 0, () => {}, stop.signal),
      (error) => isBelayError(error, 'not_found'),
    );
    stop.abort();
  });

  it('a held poll is answered at once, and one whose client has gone claims nothing', async () => {
    const folder = tempFolder();
    const connection = await connect(folder);
    const { worker, agent, session, holder } = await claimedSession(connection);
    const poll = (requestId: string, signal?: AbortSignal) =>
      connection.api.poll({
        body: { workerId: worker.id, instanceId: 'i1', requestId, capacity: 1, waitMs: 20_000 },
        ...(signal && { signal }),
      });
    const create = () =>
      connection.api.createSession({
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
    const leaving = new AbortController();
    const abandoned = poll('gone', leaving.signal);
    leaving.abort();
    await assert.rejects(abandoned);
    const held = poll('stays');
    const { id } = await create();
    assert.deepEqual(
      (await held).claims.map((grant) => grant.session.id),
      [id],
    );
    assert.equal(holder.fence, session.fence + 1);
  });

  it('a newer client replaces an older platform, an older client leaves a newer one alone', async () => {
    const folder = tempFolder();
    const old = await connect(folder, { version: '0.0.1' });
    const { pid } = old.about;
    const newer = await connect(folder, { version: '99.0.0' });
    assert.notEqual(newer.about.pid, pid);
    assert.ok(!alive(pid));
    assert.equal((await old.api.about()).pid, newer.about.pid);
    const third = await connect(folder, { version: '0.0.1' });
    assert.equal(third.about.pid, newer.about.pid);
  });

  it('ends by itself when nobody needs it, and not while a claim lives', async () => {
    const folder = tempFolder();
    const idleMs = 300;
    const connection = await connect(folder, { idleMs });
    const { pid } = connection.about;
    const { session, holder, claimToken, append } = await claimedSession(connection);
    await append('1');
    connection.close();
    // Those that nobody needs either and that have no claim end meanwhile, one after the other.
    for (let others = 0; others < 3; others += 1) {
      const unneeded = await connect(tempFolder(), { idleMs });
      unneeded.close();
      await until('it has ended', () => !alive(unneeded.about.pid));
    }
    assert.ok(alive(pid), 'it ended while the claim lived');
    const other = await connect(folder, { idleMs });
    assert.equal(other.about.pid, pid);
    await other.api.release({ params: { id: session.id }, claimToken, body: { holder, reason: 'enough', notBeforeMs: null } });
    other.close();
    await until('it has ended', () => !alive(pid));
  });

  it('a folder with a long path gets a short socket', async () => {
    const folder = path.join(tempFolder(), 'x'.repeat(60), 'y'.repeat(60));
    mkdirSync(folder, { recursive: true });
    const connection = await connect(folder);
    assert.equal((await connection.api.about()).name, 'belay');
  });

  it('a folder with spaces and letters of all kinds works', async () => {
    const folder = path.join(tempFolder(), 'mein Ordner ö 日本');
    mkdirSync(folder);
    assert.equal((await connect(folder)).about.name, 'belay');
  });

  it('says which file is not ours, and leaves it alone', async () => {
    const folder = tempFolder();
    const file = path.join(folder, 'platform', 'belay.db');
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, 'not a database '.repeat(100));
    await assert.rejects(connect(folder), (error) => {
      assert.ok(isBelayError(error, 'internal'), String(error));
      assert.ok(error.message.includes(file));
      assert.ok(error.hint);
      return true;
    });
    assert.equal(readFileSync(file, 'utf8'), 'not a database '.repeat(100));
  });

  it('says that a folder cannot be written, and writes nothing', async function () {
    const folder = tempFolder();
    const inner = path.join(folder, 'state');
    mkdirSync(inner);
    await ready('platform');
    const args = [fileOf('platform'), '--embedded', '--state-dir', inner];
    chmodSync(inner, 0o500);
    // The superuser may write everywhere: somebody else has to try.
    const asOther = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
    chmodSync(folder, 0o755);
    chmodSync(inner, 0o555);
    const { stdout, status, error } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 20_000, cwd: '/', ...asOther });
    if (error) this.skip();
    assert.equal(status, 1);
    const { problem } = JSON.parse(stdout) as { problem: { code: string; detail: string } };
    assert.equal(problem.code, 'storage_read_only');
    assert.ok(problem.detail.includes(inner));
    assert.deepEqual(readdirSync(inner), []);
    chmodSync(inner, 0o700);
  });

  it('says so when the platform cannot be started', async () => {
    const bundle = path.join(tempFolder(), 'none.mjs');
    await assert.rejects(connect(tempFolder(), { platformBundle: bundle }), (error) => isBelayError(error, 'unavailable'));
    await assert.rejects(connect(tempFolder(), { nodePath: '/does/not/exist' }), (error) => isBelayError(error, 'unavailable'));
  });

  it('tells a platform that ends, which did nothing, from one that cannot do it now and says why', async () => {
    const folder = tempFolder();
    const socket = path.join(folder, 's');
    const busy = JSON.stringify({ code: 'unavailable', detail: 'The database file is in use by another program.' });
    const platform = createHttpServer((request, response) => {
      response.writeHead(503, request.url === '/ending' ? { connection: 'close' } : {}).end(busy);
    });
    await new Promise<void>((resolve) => platform.listen(socket, resolve));
    const http = platformHttp({ socketPath: socket });
    const ask = (at: string) => http.send({ method: 'GET', path: at, headers: {}, body: null });
    await assert.rejects(ask('/ending'), (error) => error instanceof TransportFailure && error.kind === 'unreached');
    const reply = await ask('/busy');
    assert.deepEqual([reply.status, reply.body], [503, busy]);
    http.close();
    await new Promise((resolve) => platform.close(resolve));
  });

  it('passes over what a newer platform tells and it does not know', async () => {
    const folder = tempFolder();
    const connection = await connect(folder);
    const stop = new AbortController();
    const events: WorkspaceEvent[] = [];
    await connection.subscribeWorkspace((event) => events.push(event), stop.signal);
    const database = new DatabaseSync(path.join(folder, 'platform', 'belay.db'));
    database.exec('UPDATE workspace SET event_counter = event_counter + 1');
    database.exec("INSERT INTO event (workspace_id, n, type, at) SELECT id, event_counter, 'item.praised', 1 FROM workspace");
    database.close();
    await connection.api.createItem({ body: { kind: 'bug', title: 't' } });
    await until('what it knows is seen', () => events.some(({ type }) => type === 'item.created'));
    stop.abort();
  });

  it('gives up on a platform that never answers', async () => {
    const folder = tempFolder();
    mkdirSync(path.join(folder, 'platform'), { recursive: true, mode: 0o700 });
    const silent = createServer((socket) => socket.resume());
    await new Promise<void>((resolve) => silent.listen(path.join(folder, 'platform', 'platform.sock'), resolve));
    const http = platformHttp({ socketPath: path.join(folder, 'platform', 'platform.sock') });
    const request = { method: 'GET', path: '/v1/about', headers: {}, body: null, timeoutMs: 100 };
    await assert.rejects(http.send(request), (error) => isBelayError(error, 'unavailable'));
    http.close();
    await new Promise((resolve) => silent.close(resolve));
  });
});
