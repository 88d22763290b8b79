/** The store on PostgreSQL: a pool of connections, one transaction an operation, any number of replicas. */
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Pool, type ClientConfig, type PoolClient, type QueryResult } from 'pg';

import { createStore } from './createStore.ts';
import type { Engine, PendingEvent, Row, StoreSettings, Tx, Value } from './engine.ts';
import { failureOf, refusal, translate, unavailable } from './postgres/failures.ts';
import { openHints, type Hints } from './postgres/hints.ts';
import { migrate, type Opened } from './postgres/migrate.ts';
import { encodeAll, eventInserts, insertOf, listPlaces, parsers } from './postgres/values.ts';
import { schemaVersion } from './schema.ts';
import { sqlTexts, type Dialect, type SqlName } from './sql.ts';
import type { Store } from './store.ts';

/** NO KEY UPDATE is what an UPDATE of ours takes itself; it lets rows that only refer to a locked one come in. */
const dialect: Dialect = {
  among: (column, place) => `${column} = ANY(${place}::text[])`,
  empty: (place) => `CARDINALITY(${place}::text[]) = 0`,
  has: (column, place) => `POSITION(CAST(TO_JSON(CAST(${place} AS TEXT)) AS TEXT) IN ${column}) > 0`,
  lock: 'FOR NO KEY UPDATE',
  lockFree: 'FOR NO KEY UPDATE SKIP LOCKED',
  alone: (place) => `pg_advisory_xact_lock(hashtextextended(${place}, 0))`,
};
/** The statements as PostgreSQL runs them. */
export const postgresTexts = sqlTexts(dialect);

export interface PostgresSettings extends StoreSettings {
  /** `postgres://user@host:port/database`; what it leaves out comes from the PG… variables. */
  readonly url: string;
  /** The schema our tables are in, made on first use. Lower-case letters, digits and `_`. */
  readonly schema?: string;
  /** Whose time counts: the database's (a service with replicas) or that of each call (tests). */
  readonly clock: 'database' | 'call';
  readonly connections?: number;
  /** Behind a pooler that gives a connection per transaction: nothing is prepared, nobody listens. */
  readonly pooled?: boolean;
  /** How long an operation waits for a connection, and tries again after a lost one, in ms. */
  readonly patienceMs?: number;
  /** Wake-ups may have been missed: everybody who waits should look. */
  readonly onGap?: () => void;
  readonly log?: (message: string) => void;
}

export interface PostgresStore {
  readonly store: Store;
  /** Signs claim tokens; the same for all replicas. */
  readonly claimKey: Uint8Array;
  /** The database's time as far as it is known here, in ms. */
  readonly clock: () => number;
  /** Resolves when the database answers and its tables are at least as new as this program. */
  readonly probe: () => Promise<void>;
  readonly pool: () => { readonly total: number; readonly used: number; readonly waiting: number };
}

const defaults = { schema: 'belay', connections: 10, patienceMs: 5_000 };
/** Repeats of a transaction that met another one. */
const mostConflicts = 20;
const pauseMs = { first: 5, most: 500 };
/** The server gives up on a statement, on a lock, on a transaction that we left open; we give up on an answer. */
const timeouts = { statement: 10_000, lock: 5_000, idle: 15_000, answer: 15_000 };

interface Statement {
  readonly text: string;
  readonly lists: ReadonlySet<number>;
}
const statements = Object.fromEntries(
  Object.entries(postgresTexts).map(([name, text]) => [name, { text, lists: listPlaces(text) } satisfies Statement]),
) as Record<SqlName, Statement>;

/** Thrown in place of what the driver said when a COMMIT got no answer. */
const unknownEnd = (cause: unknown) =>
  unavailable('The database went away while it stored this. Whether it did is not known; repeating the request is safe.', cause);

class Postgres implements Engine {
  readonly schema = schemaVersion;
  private readonly settings: PostgresSettings;
  private readonly pool: Pool;
  private readonly begin: Record<'write' | 'read', string>;
  private readonly hints: Hints | null;
  private readonly tables: string;
  private ahead = 0;

  constructor(settings: PostgresSettings, connection: ClientConfig, schema: string, hints: Hints | null) {
    this.settings = settings;
    this.hints = hints;
    this.tables = schema;
    this.pool = new Pool({
      ...connection,
      max: settings.connections ?? defaults.connections,
      connectionTimeoutMillis: settings.patienceMs ?? defaults.patienceMs,
      query_timeout: timeouts.answer,
      idleTimeoutMillis: 60_000,
      types: parsers as never,
    });
    // A connection that ends while nobody uses it is replaced; the pool has taken it out already. One that the pool
    // gave up may still say why it ends: without a listener of its own that would end the process.
    this.pool.on('error', () => {});
    this.pool.on('connect', (client) => client.on('error', () => {}));
    // Set for the transaction, not for the connection, which a pooler may give to somebody else.
    const rest = [
      `SET LOCAL search_path = ${schema}`,
      `SET LOCAL statement_timeout = ${timeouts.statement}`,
      `SET LOCAL lock_timeout = ${timeouts.lock}`,
      `SET LOCAL idle_in_transaction_session_timeout = ${timeouts.idle}`,
      'SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::BIGINT AS now',
    ].join('; ');
    this.begin = { write: `BEGIN; ${rest}`, read: `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ${rest}` };
  }

  write<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.patiently('write', work);
  }

  read<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.patiently('read', work);
  }

  async close(): Promise<void> {
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

  /** Again after a conflict or a lost connection, as long as nothing can have been committed and patience lasts. */
  private async patiently<T>(kind: 'write' | 'read', work: (tx: Tx) => Promise<T>): Promise<T> {
    const end = performance.now() + (this.settings.patienceMs ?? defaults.patienceMs);
    let pause = pauseMs.first;
    for (let tries = 1; ; tries++) {
      try {
        return await this.transaction(kind, work);
      } catch (error) {
        const failure = failureOf(error);
        const again = failure === 'lost' || (failure === 'conflict' && tries < mostConflicts);
        const left = end - performance.now();
        if (!again || left <= 0) throw translate(error);
        await delay(Math.min(left, pause * (0.5 + this.settings.chance())));
        pause = Math.min(pause * 2, pauseMs.most);
      }
    }
  }

  private async transaction<T>(kind: 'write' | 'read', work: (tx: Tx) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    let broken: Error | undefined;
    const onError = (error: Error): void => {
      broken ??= error;
    };
    client.on('error', onError);
    try {
      const begun = (await client.query(this.begin[kind])) as unknown as QueryResult<{ now: number }>[];
      const now = begun.at(-1)?.rows[0]?.now ?? 0;
      this.ahead = now - performance.timeOrigin - performance.now();
      const woken = new Set<string>();
      const tx = this.txOn(client, woken, this.settings.clock === 'database' ? now : null);
      const value = await work(tx);
      await this.commit(client, kind, tx.events, woken);
      return value;
    } catch (error) {
      if (failureOf(error) === 'lost') broken ??= error as Error;
      else if (!broken) await client.query('ROLLBACK').catch((worse: unknown) => (broken = worse as Error));
      throw error;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  }

  /** Events and COMMIT go in one message: a workspace's counter is locked for as long as the disk takes, not for our next turn. */
  private async commit(
    client: PoolClient,
    kind: 'write' | 'read',
    events: readonly PendingEvent[],
    woken: ReadonlySet<string>,
  ): Promise<void> {
    try {
      const replies = (await client.query([...eventInserts(events), 'COMMIT'].join(';\n'))) as QueryResult | QueryResult[];
      const { command } = Array.isArray(replies) ? (replies.at(-1) ?? { command: 'nothing' }) : replies;
      if (command !== 'COMMIT') throw new Error(`The transaction ended with ${command}.`);
    } catch (error) {
      if (kind === 'read' || failureOf(error) !== 'lost') throw error;
      this.wake(woken);
      throw unknownEnd(error);
    }
    this.wake(woken);
  }

  private wake(woken: ReadonlySet<string>): void {
    if (woken.size === 0) return;
    this.settings.onWake(woken);
    this.hints?.send(woken);
  }

  private txOn(client: PoolClient, woken: Set<string>, now: number | null): Tx {
    const named = (name: string): { name?: string } => (this.settings.pooled ? {} : { name });
    const query = (name: SqlName, params: readonly Value[]): Promise<QueryResult<Row>> => {
      const { text, lists } = statements[name];
      return client.query<Row>({ ...named(name), text, values: encodeAll(params, lists) });
    };
    const events: PendingEvent[] = [];
    return {
      all: async (name, params = []) => (await query(name, params)).rows,
      get: async (name, params = []) => (await query(name, params)).rows[0],
      run: async (name, params = []) => (await query(name, params)).rowCount ?? 0,
      insert: async (table, ...rows) => {
        const columns = Object.keys(rows[0] ?? {});
        const { text, values } = insertOf(table, columns, rows);
        await client.query({ ...named(nameOfInsert(text)), text, values });
      },
      dump: async (table) => (await client.query<Row>(`SELECT * FROM ${table}`)).rows,
      wake: (topic) => woken.add(topic),
      events,
      now,
      newId: this.settings.newId,
      chance: this.settings.chance,
      profile: this.settings.profile,
    };
  }
}

const insertNames = new Map<string, string>();
/** Statement names are cut at 63 bytes by the server, so an insert gets a short one. */
function nameOfInsert(text: string): string {
  let name = insertNames.get(text);
  if (name === undefined) insertNames.set(text, (name = `insert_${insertNames.size + 1}`));
  return name;
}

/**
 * Opens the database, brings its tables up to date and listens for other replicas. Throws a BelayError that says
 * what to do when it cannot be opened or a newer program was here.
 */
export async function openPostgresStore(settings: PostgresSettings): Promise<PostgresStore> {
  const schema = settings.schema ?? defaults.schema;
  if (!/^[a-z_][a-z0-9_]{0,50}$/.test(schema)) throw new Error(`"${schema}" cannot be the name of a schema.`);
  const connection: ClientConfig = { connectionString: settings.url, application_name: 'belay', keepAlive: true };
  const { claimKey } = await prepare(connection, schema, settings.patienceMs ?? defaults.patienceMs);
  const hints = settings.pooled
    ? null
    : await openHints({
        connection,
        channel: `${schema}_hints`,
        onHint: settings.onWake,
        onGap: settings.onGap ?? (() => {}),
        log: settings.log ?? (() => {}),
      });
  const engine = new Postgres(settings, connection, schema, hints);
  return { store: createStore(engine), claimKey, clock: engine.clock, probe: engine.probe, pool: engine.poolState };
}

/** Waits for a server that is still starting. */
async function prepare(connection: ClientConfig, schema: string, patienceMs: number): Promise<Opened> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const client = new Client({ ...connection, connectionTimeoutMillis: timeouts.answer });
    client.on('error', () => {});
    try {
      await client.connect();
      return await migrate(client, schema);
    } catch (error) {
      if (failureOf(error) !== 'lost' || performance.now() >= end) throw refusal(error);
    } finally {
      void client.end().catch(() => {});
    }
    await delay(pauseMs.most);
  }
}
