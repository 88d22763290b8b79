/** The store on node:sqlite: one connection, one transaction at a time, durable at each commit. */
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { BelayError, messageOf } from '../../../protocol/errors.ts';
import { folded } from '../../domain/searchText.ts';
import { numberEvents } from '../areas/events/chains.ts';
import { numberedTopics, outboxRow } from '../areas/events/events.ts';
import type { Chain, Part } from '../base/chain.ts';
import type { Engine, StoreSettings, Tx } from '../base/engine.ts';
import { namesIn, valuesAt, type Sql } from '../base/sql.ts';
import type { Row, Value, Values } from '../base/values.ts';
import { createStore, type Store } from '../createStore.ts';
import { migrations, schemaVersion } from '../migrations/migrations.ts';
import { scopeOf, sqliteDialect } from './dialect.ts';
import { applicationId, sqliteTypes } from './types.ts';

/** What the statements call, beside what SQLite has. */
export function addFunctions(db: DatabaseSync): void {
  db.function('folded', { deterministic: true }, (text) => folded(String(text)));
}

export interface SqliteSettings extends StoreSettings {
  /** A path, or `:memory:`. */
  readonly file: string;
  /** The most pages (of 4 KiB) the file may have. */
  readonly maxPages?: number;
}

/** Checked in full at opening up to this size; a larger file reports damage when it is read. */
const quickCheckBytes = 8 * 1024 * 1024;
const primary = (errcode: number): number => errcode & 0xff;

function errcodeOf(error: unknown): number | null {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? primary(error.errcode) : null;
}

function damaged(file: string, what: string, cause?: unknown): BelayError {
  return new BelayError('internal', `The database file ${file} ${what}. It was left as it is.`, {
    hint: 'Move the file away to start with an empty one, or put a good copy in its place.',
    cause,
  });
}

/** SQLite's refusals in our words. Everything else passes unchanged. */
function translate(error: unknown, file: string): unknown {
  switch (errcodeOf(error)) {
    case 13:
      return new BelayError('storage_full', `The disk with ${file} is full. Nothing was changed.`, {
        hint: 'Free some space, then try again.',
        cause: error,
      });
    case 8:
    case 14:
      return new BelayError('storage_read_only', `The database file ${file} cannot be written. Nothing was changed.`, {
        hint: 'Check the permissions of the file and of its folder.',
        cause: error,
      });
    case 10:
      return new BelayError('storage_full', `The database file ${file} could not be written: ${messageOf(error)}. Nothing was changed.`, {
        hint: 'Check the disk and its free space, then try again.',
        cause: error,
      });
    case 11:
    case 26:
      return damaged(file, 'is damaged', error);
    case 5:
      return new BelayError('unavailable', `The database file ${file} is in use by another program.`, { cause: error });
    default:
      return error;
  }
}

/** Refuses a file that is not ours before SQLite touches it: our mark stands in the first page from the first commit on. */
function inspect(file: string): void {
  if (!existsSync(file)) return;
  const size = statSync(file).size;
  if (size === 0) return;
  const head = Buffer.alloc(100);
  const handle = openSync(file, 'r');
  const read = readSync(handle, head, 0, head.length, 0);
  closeSync(handle);
  if (read < head.length || head.toString('latin1', 0, 16) !== 'SQLite format 3\0') throw damaged(file, 'is not a database of Belay');
  if (existsSync(`${file}-journal`)) return;
  if (head.readUInt32BE(68) !== applicationId) throw damaged(file, 'belongs to another program');
}

const pragma = (db: DatabaseSync, name: string): number => Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]);

/** SQLite has rolled back by itself after some failures (a full disk); then there is nothing left to do. */
function rollBack(db: DatabaseSync): void {
  try {
    db.exec('ROLLBACK');
  } catch {
    return;
  }
}

function migrate(db: DatabaseSync, file: string): void {
  const version = pragma(db, 'user_version');
  const tables = Number(db.prepare('SELECT COUNT(*) AS n FROM sqlite_schema').get()?.n);
  if (tables > 0 && pragma(db, 'application_id') !== applicationId) throw damaged(file, 'belongs to another program');
  if (version > schemaVersion)
    throw new BelayError(
      'internal',
      `The database file ${file} was written by a newer Belay (data version ${version}, this one knows ${schemaVersion}).`,
      {
        hint: 'Update Belay.',
      },
    );
  if (version === schemaVersion) return;
  db.exec('BEGIN IMMEDIATE');
  try {
    for (const { both, sqlite } of migrations.slice(version)) db.exec(both(sqliteTypes) + sqlite(sqliteTypes));
    db.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion}; COMMIT`);
  } catch (error) {
    rollBack(db);
    throw error;
  }
}

function open(settings: SqliteSettings): DatabaseSync {
  const { file } = settings;
  const inMemory = file === ':memory:';
  if (!inMemory) inspect(file);
  const db = new DatabaseSync(file);
  try {
    db.exec('PRAGMA busy_timeout = 5000');
    addFunctions(db);
    if (settings.maxPages !== undefined) db.exec(`PRAGMA max_page_count = ${settings.maxPages}`);
    // A step may make a table anew that others refer to.
    db.exec('PRAGMA foreign_keys = OFF');
    // The first page gets our mark before WAL hides later changes from a look at the file.
    migrate(db, file);
    if (!inMemory) {
      if (statSync(file).size <= quickCheckBytes) {
        const verdict = db.prepare('PRAGMA quick_check(1)').get()?.quick_check;
        if (verdict !== 'ok') throw damaged(file, 'is damaged');
      }
      db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    }
    db.exec('PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** A statement with the names of its values; what it does not take is not bound. */
class Prepared {
  private readonly statement: StatementSync;
  private readonly name: string;
  private readonly names: readonly string[];

  constructor(db: DatabaseSync, name: string, text: string) {
    this.statement = db.prepare(text);
    this.name = name;
    this.names = namesIn(text);
  }

  all(values: Values): Row[] {
    return this.statement.all(this.bound(values)) as Row[];
  }

  get(values: Values): Row | undefined {
    return this.statement.get(this.bound(values)) as Row | undefined;
  }

  run(values: Values): number {
    return Number(this.statement.run(this.bound(values)).changes);
  }

  private bound(values: Values): Record<string, Value> {
    const given = valuesAt(this.name, this.names, values);
    return Object.fromEntries(this.names.map((name, index) => [name, given[index] ?? null]));
  }
}

/** The parts of a chain; the rows that the first one changed are found again by their ids. */
interface PreparedChain {
  readonly first: Prepared;
  readonly then: readonly Prepared[];
  readonly view: Prepared;
}

function createEngine(db: DatabaseSync, settings: SqliteSettings): Engine {
  const known = new Map<string, Prepared>();
  /** `name` is short; `text` is only made the first time. */
  const prepared = (name: string, text: () => string): Prepared => {
    let one = known.get(name);
    if (!one) known.set(name, (one = new Prepared(db, name, text())));
    return one;
  };
  const named = ({ name, text }: Sql): Prepared => prepared(name, () => text(sqliteDialect));
  const insertInto = (table: string, columns: readonly string[]): Prepared =>
    prepared(`${table} ${columns.join()}`, () => {
      const places = columns.map((column) => `:${column}`);
      return `INSERT INTO ${table}(${columns.join(', ')}) VALUES (${places.join(', ')})`;
    });
  const control = (text: 'BEGIN IMMEDIATE' | 'COMMIT'): void => void prepared(text, () => text).run({});
  const knownChains = new Map<string, PreparedChain>();
  const chainOf = (wanted: Chain): PreparedChain => {
    const { name, first, then, view } = wanted;
    let one = knownChains.get(name);
    if (!one) {
      const scope = scopeOf(wanted);
      const part = (label: string, written: Part): Prepared => new Prepared(db, `${name} ${label}`, written(scope, sqliteDialect));
      one = {
        first: part('first', first),
        then: Object.entries(then).map(([label, written]) => part(label, written)),
        view: part('view', view),
      };
      knownChains.set(name, one);
    }
    return one;
  };
  const chain = (wanted: Chain, values: Values): Row[] => {
    const { first, then, view } = chainOf(wanted);
    const ids = first.all(values).map((row) => row.id ?? null);
    if (ids.length === 0) return [];
    const given = { ...values, movedIds: JSON.stringify(ids) };
    for (const part of then) part.run(given);
    return view.all(given);
  };
  let woken = new Set<string>();
  let chained = false;
  // Promises without a wait of their own: inside a transaction only our own queue runs.
  const tx: Tx = {
    all: (sql, values = {}) => Promise.resolve(named(sql).all(values)),
    get: (sql, values = {}) => Promise.resolve(named(sql).get(values)),
    run: (sql, values = {}) => Promise.resolve(named(sql).run(values)),
    chain: (wanted, values) => {
      const rows = chain(wanted, values);
      chained ||= rows.length > 0;
      return Promise.resolve(rows);
    },
    insert: (table, ...rows) => {
      const columns = Object.keys(rows[0] ?? {});
      const insert = insertInto(table, columns);
      for (const row of rows) insert.run(Object.fromEntries(columns.map((column) => [column, row[column] ?? null])));
      return Promise.resolve();
    },
    dump: (table) => Promise.resolve(db.prepare(`SELECT * FROM ${table}`).all() as Row[]),
    wake: (topic) => woken.add(topic),
    events: [],
    now: null,
    time: (now) => now,
    queueHead: () => 0,
    recall: (_, load) => load(),
    forget: () => {},
    newId: settings.newId,
    chance: settings.chance,
    profile: settings.profile,
  };

  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work).catch((error: unknown) => {
      throw translate(error, settings.file);
    });
    last = mine.catch(() => {});
    return mine;
  };
  const transaction = async <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
    control('BEGIN IMMEDIATE');
    woken = new Set();
    chained = false;
    tx.events.length = 0;
    let value: T;
    try {
      value = await work(tx);
      if (tx.events.length > 0) await tx.insert('event_outbox', ...tx.events.map(outboxRow));
      if (tx.events.length > 0 || chained)
        for (const topic of numberedTopics(await tx.chain(numberEvents, { most: Number.MAX_SAFE_INTEGER }))) woken.add(topic);
      control('COMMIT');
    } catch (error) {
      rollBack(db);
      throw error;
    }
    if (woken.size > 0) settings.onWake(woken);
    return value;
  };
  return {
    schema: schemaVersion,
    write: (_, work) => inTurn(() => transaction(work)),
    read: (_, work) => inTurn(() => work(tx)),
    each: (_, work) => inTurn(() => transaction(work)),
    settleEvents: () => Promise.resolve(),
    close: () =>
      inTurn(() => {
        known.clear();
        knownChains.clear();
        db.close();
        return Promise.resolve();
      }),
  };
}

/** Opens or creates the database. Throws a BelayError naming the file when it is not ours, damaged, newer, or not writable. */
export function openSqliteStore(settings: SqliteSettings): Store {
  try {
    return createStore(createEngine(open(settings), settings));
  } catch (error) {
    throw translate(error, settings.file);
  }
}
