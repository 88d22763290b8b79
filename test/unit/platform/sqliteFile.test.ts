import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import * as os from 'node:os';
import * as path from 'node:path';
import { isBelayError } from '../../../protocol/errors.ts';
import { leaseProfiles } from '../../../protocol/states.ts';
import { migrations } from '../../../platform/store/migrations/migrations.ts';
import { applicationId, sqliteTypes } from '../../../platform/store/sqlite/types.ts';
import { claimChains } from '../../../platform/store/areas/claims/chains.ts';
import { sessionSql } from '../../../platform/store/areas/sessions/sql.ts';
import { scopeOf, sqliteDialect } from '../../../platform/store/sqlite/dialect.ts';
import { addFunctions, openSqliteStore, type SqliteSettings } from '../../../platform/store/sqlite/open.ts';
import { chains, statements } from '../../../platform/store/statements.ts';
import type { Queries } from '../../../platform/store/base/calls.ts';
import type { Store } from '../../../platform/store/createStore.ts';

describe('the database file', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'belay-file-'));
  let names = 0;
  const newFile = (): string => path.join(folder, `${(names += 1)}.db`);
  const settings = (file: string, over: Partial<SqliteSettings> = {}): SqliteSettings => {
    let ids = 0;
    return {
      file,
      profile: leaseProfiles.fast,
      newId: (prefix) => `${prefix}${Date.now()}${(ids += 1)}`,
      chance: () => 0,
      onWake: () => {},
      ...over,
    };
  };
  const open = (file: string, over: Partial<SqliteSettings> = {}): Store => openSqliteStore(settings(file, over));
  const fill = async (store: Store, count: number, text = ''): Promise<void> => {
    const caller = await store.ensureWorkspace(1, { workspace: 'w', member: 'm' });
    for (let i = 0; i < count; i++) await store.createItem({ now: 1, caller }, { kind: 'bug', title: `t${i}`, description: text });
  };
  const total = async (store: Store): Promise<number> => {
    const caller = await store.ensureWorkspace(1, { workspace: 'w', member: 'm' });
    return (await store.listItems({ now: 1, caller }, {})).total;
  };
  const refusesUntouched = (file: string, said: RegExp): void => {
    const before = readFileSync(file);
    assert.throws(
      () => open(file),
      (error) => {
        assert.ok(isBelayError(error), String(error));
        assert.match(error.message, said);
        assert.ok(error.message.includes(file));
        assert.ok(error.hint);
        return true;
      },
    );
    assert.deepEqual(readFileSync(file), before);
  };
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('keeps what was committed when it is opened again', async () => {
    const file = newFile();
    const store = open(file);
    await fill(store, 3);
    await store.close();
    const again = open(file);
    assert.equal(await total(again), 3);
    await again.close();
  });

  it('is refused and left alone when it is no database', () => {
    const file = newFile();
    writeFileSync(file, 'my diary\n'.repeat(50));
    refusesUntouched(file, /not a database of Belay/);
  });

  it('is refused and left alone when it is another program’s', () => {
    const file = newFile();
    const db = new DatabaseSync(file);
    db.exec("CREATE TABLE diary (text TEXT); INSERT INTO diary VALUES ('x')");
    db.close();
    refusesUntouched(file, /belongs to another program/);
  });

  it('is left alone with its log when another program did not close it', () => {
    const source = newFile();
    const db = new DatabaseSync(source);
    db.exec("PRAGMA journal_mode = WAL; CREATE TABLE diary (text TEXT); INSERT INTO diary VALUES ('x')");
    const file = newFile();
    for (const part of ['', '-wal']) copyFileSync(`${source}${part}`, `${file}${part}`);
    db.close();
    const log = readFileSync(`${file}-wal`);
    assert.ok(log.length > 0);
    refusesUntouched(file, /another program|not a database/);
    assert.deepEqual(readFileSync(`${file}-wal`), log);
  });

  it('is refused and left alone when a newer Belay wrote it', async () => {
    const file = newFile();
    const store = open(file);
    await fill(store, 1);
    await store.close();
    const db = new DatabaseSync(file);
    db.exec('PRAGMA user_version = 999');
    db.close();
    refusesUntouched(file, /newer Belay/);
  });

  it('is refused when it is cut off or overwritten in the middle, and kept as it is', async () => {
    const whole = newFile();
    const store = open(whole);
    await fill(store, 50, 'x'.repeat(2000));
    await store.close();
    const size = statSync(whole).size;
    const cut = newFile();
    copyFileSync(whole, cut);
    truncateSync(cut, Math.floor(size / 2));
    refusesUntouched(cut, /damaged/);
    for (const [from, to] of [
      [4096, size - 4096],
      // One page of text, far from everything that is read at the start.
      [size - 8192, size - 4096],
    ] as const) {
      const torn = newFile();
      const bytes = readFileSync(whole);
      bytes.fill(0xa5, from, to);
      writeFileSync(torn, bytes);
      refusesUntouched(torn, /damaged/);
    }
  });

  it('that is empty is a new one', async () => {
    const file = newFile();
    writeFileSync(file, '');
    const store = open(file);
    await fill(store, 1);
    await store.close();
    assert.equal(statSync(file).size > 0, true);
  });

  it('takes nothing of an operation for which the disk has no room, and goes on with what fits', async () => {
    const file = newFile();
    const store = open(file, { maxPages: 120 });
    await fill(store, 1);
    const caller = await store.ensureWorkspace(1, { workspace: 'w', member: 'm' });
    const call = { now: 1, caller };
    const big = store.createItem(call, { kind: 'bug', title: 'big', description: 'x'.repeat(1_000_000) });
    await assert.rejects(big, (error) => isBelayError(error, 'storage_full') && error.message.includes(file));
    assert.equal(await total(store), 1);
    const events = await store.lastEvent(call);
    await store.createItem(call, { kind: 'bug', title: 'small' });
    assert.deepEqual([await total(store), (await store.lastEvent(call)) - events], [2, 1]);
    await store.close();
  });

  it('on a disk that is really full gives a clear refusal and stays whole', async function () {
    const disk = path.join(folder, 'disk');
    try {
      execFileSync('mkdir', [disk]);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      this.skip();
    }
    try {
      const file = path.join(disk, 'belay.db');
      const store = open(file);
      await fill(store, 1);
      let written = 1;
      await assert.rejects(
        async () => {
          for (; written < 1000; written++) await fill(store, 1, 'x'.repeat(20_000));
        },
        (error) => isBelayError(error, 'storage_full') && error.message.includes(file),
      );
      assert.equal(await total(store), written);
      await store.close();
      assert.equal(await total(open(file)), written);
    } finally {
      execFileSync('umount', ['-l', disk]);
    }
  });

  it('claims are served in the order of an index, without a sort', async () => {
    const file = newFile();
    await open(file).close();
    const db = new DatabaseSync(file);
    const plan = db
      .prepare(`EXPLAIN QUERY PLAN ${claimChains.claim.first(scopeOf(claimChains.claim), sqliteDialect)}`)
      .all()
      .map((row) => String(row.detail));
    db.close();
    assert.ok(
      plan.some((line) => line.includes('USING INDEX session_queue')),
      plan.join('\n'),
    );
    assert.ok(!plan.some((line) => line.includes('TEMP B-TREE')), plan.join('\n'));
  });

  it('lists of sessions are served in the order of an index, without a sort', async () => {
    const file = newFile();
    await open(file).close();
    const db = new DatabaseSync(file);
    const plans = { sessionList: 'newest', sessionListOfItem: 'item', sessionListOfLine: 'line' } as const;
    for (const [name, index] of Object.entries(plans) as [keyof typeof plans, string][]) {
      const plan = db
        .prepare(`EXPLAIN QUERY PLAN ${sessionSql[name].text(sqliteDialect)}`)
        .all()
        .map((row) => String(row.detail))
        .join('\n');
      assert.match(plan, new RegExp(`INDEX session_place_${index}`));
      assert.doesNotMatch(plan.replace(/CORRELATED[\s\S]*/, ''), /TEMP B-TREE/);
    }
    db.close();
  });

  it('of the first program is taken over with what it holds', async () => {
    const file = newFile();
    const db = new DatabaseSync(file);
    const [first] = migrations;
    db.exec(`${first!.both(sqliteTypes)} PRAGMA application_id = ${applicationId}; PRAGMA user_version = 1;
      INSERT INTO workspace (id, name, created_at) VALUES ('w', 'old', 1);
      INSERT INTO member (id, workspace_id, name, role, created_at) VALUES ('m', 'w', 'ann', 'owner', 1);
      INSERT INTO agent (id, workspace_id, slug, name, execution, driver, instructions, policy, created_at) VALUES ('a', 'w', 's', 'A', 'cloud', 'd', '', '{}', 1);`);
    db.exec(`INSERT INTO item (id, workspace_id, key, kind, title, description, status, priority, assignee_ids, labels, links, version, created_at, updated_at)
      VALUES ('i', 'w', 'BUG-1', 'bug', 't', '', 'open', 'none', '[]', '[{"group":"a","name":"b"},{"group":"a","name":"b"}]', '[]', 1, 1, 1)`);
    for (const id of ['s1', 's2'])
      db.exec(`INSERT INTO session (id, workspace_id, item_id, title, agent_id, mode, execution, initiator_id, owner_id, state, attempt, max_attempts, uncounted,
          line_id, fence, last_seq, plan, urls, created_at, expires_at)
        VALUES ('${id}', 'w', ${id === 's2' ? "'i'" : 'NULL'}, 't', 'a', 'code', 'cloud', 'm', 'm', 'complete', 1, 3, 0, '${id}', 1, 0, '[]', '[]', 1, 1);
        INSERT INTO claim (session_id, fence, worker_id, instance_id, request_id, claimed_at) VALUES ('${id}', 1, 'w', 'i', 'r', 1)`);
    db.close();
    const store = open(file);
    const caller = await store.ensureWorkspace(2, { workspace: 'new', member: 'bob' });
    assert.equal(caller.workspaceId, 'w');
    const listed = async (query: Queries['listSessions']) => {
      const { entries, total } = await store.listSessions({ now: 2, caller }, query);
      assert.equal(entries.length, total);
      return entries.map((session) => session.id);
    };
    assert.deepEqual(await listed({}), ['s2', 's1']);
    assert.deepEqual(await listed({ item: 'i' }), ['s2']);
    assert.deepEqual(await listed({ line: 's1' }), ['s1']);
    // What was not refused then stands in no other change's way.
    assert.equal((await store.patchItem({ now: 2, caller }, 'i', 1, { title: 'u' })).labels.length, 2);
    await store.close();
  });

  it('every statement is valid', async () => {
    const file = newFile();
    await open(file).close();
    const db = new DatabaseSync(file);
    addFunctions(db);
    for (const { name, text } of Object.values(statements)) assert.doesNotThrow(() => db.prepare(text(sqliteDialect)), name);
    for (const chain of chains)
      for (const part of [chain.first, ...Object.values(chain.then), chain.view])
        assert.doesNotThrow(() => db.prepare(part(scopeOf(chain), sqliteDialect)), chain.name);
    db.close();
    assert.ok(existsSync(file));
  });
});
