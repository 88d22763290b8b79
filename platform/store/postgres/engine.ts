/** The store on PostgreSQL: a pool of connections, any number of replicas. */
import { setTimeout as delay } from 'node:timers/promises';
import { Pool, type ClientConfig, type PoolClient, type QueryConfig, type QueryResult } from 'pg';
import { claimSql } from '../areas/claims/sql.ts';
import { numberEvents } from '../areas/events/chains.ts';
import { numberedTopics, outboxRow } from '../areas/events/events.ts';
import { eventSql } from '../areas/events/sql.ts';
import type { Chain } from '../base/chain.ts';
import type { Engine, PendingEvent, Tx } from '../base/engine.ts';
import { count } from '../base/rows.ts';
import { baseSql, type Sql } from '../base/sql.ts';
import type { Row, Values } from '../base/values.ts';
import { schemaVersion } from '../migrations/migrations.ts';
import { bundles, type Joint } from './bundles.ts';
import { failureOf, translate, unavailable } from './failures.ts';
import type { Hints } from './hints.ts';
import { Lanes } from './lanes.ts';
import { Memory } from './memory.ts';
import { Numbering } from './numbering.ts';
import { fulfilled, notCommitted, sendInOnePiece, type Reply } from './piece.ts';
import { QueueHeads } from './queueHeads.ts';
import { defaults, pauseMs, timeouts, type PostgresSettings } from './settings.ts';
import { sentChain, sentStatement } from './texts.ts';
import { Turns } from './turns.ts';
import { insertOf, parsers, valuesOf } from './values.ts';

/** Repeats of a transaction that met another one. */
const mostConflicts = 20;

/** How old what is recalled may be. */
const memoryMs = 5_000;
/** Events that are numbered in one transaction. */
const numberedTogether = 2_000;
/**
 * How statements that are transactions of their own share their commits. A second lane would halve what one gathers; a
 * database that has room for more gets more replicas.
 */
const gathering = { lanes: 1, together: 32, lockMs: 100 };
type Way = 'write' | 'read' | 'each';

/** Sends a statement; `joint`: as what it may be sent for several at once. */
type Send = (query: QueryConfig, joint?: Joint | null) => Promise<Reply>;

/** What is to be told once it is committed. */
interface Told {
  readonly woken: Set<string>;
  readonly events: PendingEvent[];
  /** A chain told events of its own. */
  chained: boolean;
}
const newTold = (): Told => ({ woken: new Set(), events: [], chained: false });

/** Thrown in place of what the driver said when a COMMIT got no answer. */
const unknownEnd = (cause: unknown) =>
  unavailable('The database went away while it stored this. Whether it did is not known; repeating the request is safe.', cause);

export class Postgres implements Engine {
  readonly schema = schemaVersion;
  private readonly settings: PostgresSettings;
  private readonly pool: Pool;
  private readonly begin: Readonly<Record<'write' | 'read', string>>;
  private readonly hints: Hints | null;
  private readonly numbering: Numbering;
  private readonly heads: QueueHeads;
  private readonly turns: Turns;
  private readonly turnsInLanes: Turns;
  private readonly lanes: Lanes;
  private readonly memory: Memory;
  private readonly patienceMs: number;
  private readonly tables: string;
  private ahead = 0;

  constructor(settings: PostgresSettings, connection: ClientConfig, schema: string, hints: Hints | null) {
    this.settings = settings;
    this.hints = hints;
    this.patienceMs = settings.patienceMs ?? defaults.patienceMs;
    const connections = settings.connections ?? defaults.connections;
    this.turns = new Turns(connections);
    this.turnsInLanes = new Turns(gathering.together);
    this.memory = new Memory(settings.clock === 'database' ? memoryMs : 0);
    const how = (scope: '' | 'LOCAL '): string =>
      [
        `SET ${scope}search_path = ${schema}`,
        `SET ${scope}statement_timeout = ${timeouts.statement}`,
        `SET ${scope}lock_timeout = ${timeouts.lock}`,
        `SET ${scope}idle_in_transaction_session_timeout = ${timeouts.idle}`,
        // Every statement is written for an index. Planned once, and never by what a table looked like while it was empty.
        `SET ${scope}plan_cache_mode = force_generic_plan`,
        `SET ${scope}enable_seqscan = off`,
        `SET ${scope}jit = off`,
        // To start a helper takes longer than a page of a list, and it would take the place of another request.
        `SET ${scope}max_parallel_workers_per_gather = 0`,
      ].join('; ');
    this.tables = schema;
    this.pool = new Pool({
      ...connection,
      max: connections,
      connectionTimeoutMillis: this.patienceMs,
      query_timeout: timeouts.answer,
      idleTimeoutMillis: 60_000,
      pipeline: !settings.pooled,
      types: parsers as never,
      ...(!settings.pooled && { onConnect: async (client) => void (await client.query(how(''))) }),
    });
    // A connection that ends while nobody uses it is replaced; the pool has taken it out already. One that the pool
    // gave up may still say why it ends: without a listener of its own that would end the process.
    this.pool.on('error', () => {});
    this.pool.on('connect', (client) => client.on('error', () => {}));
    this.lanes = new Lanes({ connect: () => this.pool.connect(), ...gathering });
    // A pooler may give the connection to somebody else: there it is set for the transaction.
    const rest = `${settings.pooled ? `${how('LOCAL ')}; ` : ''}SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::BIGINT AS now`;
    this.begin = { write: `BEGIN; ${rest}`, read: `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ${rest}` };
    this.numbering = new Numbering({
      pass: () => this.numberSome(),
      wake: (topics) => {
        this.wake(topics);
      },
      log: settings.log ?? (() => {}),
    });
    this.heads = new QueueHeads(async (workspaceId, execution) =>
      this.read(workspaceId, async (tx) => count(await tx.get(claimSql.queueHead, { workspace: workspaceId, execution }))),
    );
  }

  write<T>(workspaceId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.patiently(workspaceId, 'write', work);
  }

  read<T>(workspaceId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.patiently(workspaceId, 'read', work);
  }

  each<T>(workspaceId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.patiently(workspaceId, this.settings.pooled ? 'write' : 'each', work);
  }

  async settleEvents(): Promise<void> {
    try {
      await this.numbering.settle();
    } catch (error) {
      throw translate(error);
    }
  }

  async close(): Promise<void> {
    await this.numbering.close();
    await this.hints?.close();
    await this.pool.end();
  }

  readonly probe = async (): Promise<void> => {
    const { rows } = await this.pool.query<{ version: number }>(`SELECT version FROM ${this.tables}.platform`);
    if ((rows[0]?.version ?? 0) < schemaVersion) throw new Error('The tables are older than this program.');
  };

  readonly poolState = (): { total: number; used: number; waiting: number } => {
    const { totalCount: total, idleCount, waitingCount: waiting } = this.pool;
    return { total, used: total - idleCount, waiting };
  };

  readonly clock = (): number => Math.round(performance.timeOrigin + performance.now() + this.ahead);

  /** Again after a conflict or a lost connection, as long as nothing can have been committed, or work may be repeated, and patience lasts. */
  private async patiently<T>(workspaceId: string, way: Way, work: (tx: Tx) => Promise<T>): Promise<T> {
    const end = performance.now() + this.patienceMs;
    let pause = pauseMs.first;
    for (let tries = 1; ; tries++) {
      const turns = way === 'each' ? this.turnsInLanes : this.turns;
      const leave = await turns.take(workspaceId, Math.max(0, end - performance.now()), () =>
        unavailable('The database is busy. Nothing was changed.', undefined),
      );
      try {
        return await (way === 'each' ? this.statements(work) : this.connected((client) => this.transaction(client, way, work)));
      } catch (error) {
        const failure = failureOf(error);
        const again = failure === 'lost' || (failure === 'conflict' && tries < mostConflicts);
        // A statement by itself may have been committed before its answer was lost.
        if (!again || performance.now() >= end) throw failure === 'lost' && way === 'each' ? unknownEnd(error) : translate(error);
      } finally {
        leave();
      }
      await delay(Math.max(0, Math.min(end - performance.now(), pause * (0.5 + this.settings.chance()))));
      pause = Math.min(pause * 2, pauseMs.most);
    }
  }

  private async connected<T>(use: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    let broken: Error | undefined;
    const onError = (error: Error): void => {
      broken ??= error;
    };
    client.on('error', onError);
    try {
      return await use(client);
    } catch (error) {
      if (failureOf(error) === 'lost') broken ??= error as Error;
      else if (!broken) await client.query('ROLLBACK').catch((worse: unknown) => (broken = worse as Error));
      throw error;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  }

  private async transaction<T>(client: PoolClient, way: 'write' | 'read', work: (tx: Tx) => Promise<T>): Promise<T> {
    const now = this.timeOf(await client.query(this.begin[way]));
    const told = newTold();
    const send: Send = (query) => client.query<Row>(query);
    const value = await work(this.txOn(send, told, this.settings.clock === 'database' ? now : null, (at) => at));
    await this.commit(client, way, told);
    return value;
  }

  /** The database's time, from the replies to what begins a transaction. */
  private timeOf(begun: unknown): number {
    const now = (begun as QueryResult<{ now: number }>[]).at(-1)?.rows[0]?.now ?? 0;
    this.ahead = now - performance.timeOrigin - performance.now();
    return now;
  }

  private async statements<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const told = newTold();
    const database = this.settings.clock === 'database';
    try {
      const send: Send = (query, joint) => this.lanes.send(query, joint);
      return await work(this.txOn(send, told, database ? this.clock() : null, (at) => (database ? null : at)));
    } finally {
      // Also after a failure: a statement before it may have been one that others wait for.
      this.tell(told);
    }
  }

  /** Events and COMMIT go in one message. */
  private async commit(client: PoolClient, way: 'write' | 'read', told: Told): Promise<void> {
    try {
      const events = told.events.length === 0 ? [] : [valuesOf('event_outbox', told.events.map(outboxRow))];
      const replies = (await client.query([...events, 'COMMIT'].join(';\n'))) as QueryResult | QueryResult[];
      const failure = notCommitted(Array.isArray(replies) ? replies.at(-1) : replies);
      if (failure) throw failure;
    } catch (error) {
      if (way === 'read' || failureOf(error) !== 'lost') throw error;
      this.tell(told);
      throw unknownEnd(error);
    }
    this.tell(told);
  }

  private tell({ woken, events, chained }: Told): void {
    if (chained || events.length > 0) this.numbering.committed();
    this.wake(woken);
  }

  private wake(woken: ReadonlySet<string>): void {
    if (woken.size === 0) return;
    this.settings.onWake(woken);
    this.hints?.send(woken);
  }

  private numberSome(): Promise<{ topics: readonly string[]; more: boolean }> {
    return this.connected(async (client) => {
      // Whoever holds the name goes first, in a statement of its own: those behind it see what was numbered before us.
      const replies = fulfilled(
        await sendInOnePiece(client, [
          { text: this.begin.write },
          this.statement(baseSql.alone, { name: 'events' }),
          this.statement(eventSql.outboxCount, { most: numberedTogether + 1 }),
          this.chain(numberEvents, { most: numberedTogether }),
          { text: 'COMMIT' },
        ]),
      );
      const failure = notCommitted(replies.at(-1));
      if (failure) throw failure;
      const [begun, , waiting, numbered] = replies;
      this.timeOf(begun);
      return { topics: numberedTopics(rowsOf(numbered)), more: count(waiting?.rows[0]) > numberedTogether };
    });
  }

  private statement(sql: Sql, values: Values): QueryConfig {
    const { name, text, valuesOf } = sentStatement(sql);
    return { ...this.named(name), text, values: valuesOf(values) };
  }

  private chain(chain: Chain, values: Values): QueryConfig {
    const { name, text, valuesOf } = sentChain(chain);
    return { ...this.named(name), text, values: valuesOf(values) };
  }

  private named(name: string): { name?: string } {
    return this.settings.pooled ? {} : { name };
  }

  private txOn(send: Send, told: Told, now: number | null, time: Tx['time']): Tx {
    return {
      all: async (sql, values = {}) => (await send(this.statement(sql, values))).rows,
      get: async (sql, values = {}) => (await send(this.statement(sql, values))).rows[0],
      run: async (sql, values = {}) => (await send(this.statement(sql, values))).rowCount ?? 0,
      chain: async (chain, values) => {
        const rows = rowsOf(await send(this.chain(chain, values), bundles.get(chain.name)?.jointOf(values)));
        told.chained ||= rows.length > 0;
        return rows;
      },
      insert: async (table, ...rows) => {
        const columns = Object.keys(rows[0] ?? {});
        const { text, values } = insertOf(table, columns, rows);
        await send({ ...this.named(nameOfInsert(text)), text, values });
      },
      dump: async (table) => (await send({ text: `SELECT * FROM ${table}` })).rows,
      wake: (topic) => told.woken.add(topic),
      events: told.events,
      now,
      time,
      queueHead: (workspaceId, execution) =>
        this.settings.clock === 'database' ? this.heads.of(workspaceId, execution, performance.now()) : 0,
      recall: (key, load) => this.memory.recall(key, performance.now(), load),
      forget: (key) => {
        this.memory.forget(key);
      },
      newId: this.settings.newId,
      chance: this.settings.chance,
      profile: this.settings.profile,
    };
  }
}

/** What a chain replies. */
const rowsOf = (reply: Reply | undefined): Row[] => (reply?.rows ?? []).map((seen) => seen.row as unknown as Row);

const insertNames = new Map<string, string>();
/** Statement names are cut at 63 bytes by the server, so an insert gets a short one. */
function nameOfInsert(text: string): string {
  let name = insertNames.get(text);
  if (name === undefined) insertNames.set(text, (name = `insert_${insertNames.size + 1}`));
  return name;
}
