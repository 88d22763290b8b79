/** What the operations need of a database. One implementation per engine. */
import type { WorkspaceEvent } from '../../../protocol/events.ts';
import type { LeaseProfile } from '../../../protocol/states.ts';
import type { Chain } from './chain.ts';
import type { Sql } from './sql.ts';
import type { Row, Value, Values } from './values.ts';

/** One transaction. All of it happens, or nothing. */
export interface Tx {
  all(sql: Sql, values?: Values): Promise<Row[]>;
  get(sql: Sql, values?: Values): Promise<Row | undefined>;
  /** Gives the number of changed rows. */
  run(sql: Sql, values?: Values): Promise<number>;
  /** All of a chain; gives the rows of its view, none when its first statement changed nothing. */
  chain(chain: Chain, values: Values): Promise<Row[]>;
  /** Rows with the same columns, whose names come from our own code, never from a request. */
  insert(table: string, ...rows: readonly Row[]): Promise<void>;
  /** Every row of a table, for the export. */
  dump(table: string): Promise<Row[]>;
  /** Wakes those who wait for `topic`, once the transaction is committed. */
  wake(topic: string): void;
  /** What the transaction says in its workspaces' streams; the engine writes it last. */
  readonly events: PendingEvent[];
  /** The database's time, where that decides; null where the caller's does. */
  readonly now: number | null;
  /** What a chain is given as its time: null where the database's own counts at that moment. */
  readonly time: (now: number) => Value;
  /** No queued session of the workspace was queued before this time. Kept so that a claim need not step over what others took; 0 when not known. */
  readonly queueHead: (workspaceId: string, execution: string) => number;
  /** What `load` gave, here and within the last seconds, or gives now: for what may be a little old. */
  readonly recall: <T>(key: string, load: () => Promise<T>) => Promise<T>;
  readonly forget: (key: string) => void;
  readonly newId: (prefix: string) => string;
  /** In [0, 1). */
  readonly chance: () => number;
  readonly profile: LeaseProfile;
}

export type PendingEvent = Omit<WorkspaceEvent, 'n'> & { readonly workspaceId: string };

/**
 * A transaction whose work throws leaves nothing. Whoever numbers its events wakes those who wait for them.
 * `workspaceId` is whose work it is: where there is no room for all, workspaces take turns.
 */
export interface Engine {
  write<T>(workspaceId: string, work: (tx: Tx) => Promise<T>): Promise<T>;
  read<T>(workspaceId: string, work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Each statement and each chain may be a transaction of its own: for work that can be repeated from its start, and writes by chains alone. */
  each<T>(workspaceId: string, work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Everything that was committed here before has its number afterwards. */
  settleEvents(): Promise<void>;
  readonly schema: number;
  close(): Promise<void>;
}

/** What the rules of a store take from outside. */
export interface StoreSettings {
  readonly profile: LeaseProfile;
  readonly newId: (prefix: string) => string;
  readonly chance: () => number;
  /** Called after each commit with the topics to wake. */
  readonly onWake: (topics: ReadonlySet<string>) => void;
}

export const topics = {
  workspace: (workspaceId: string): string => `workspace:${workspaceId}`,
  session: (sessionId: string): string => `session:${sessionId}`,
  queue: (workspaceId: string): string => `queue:${workspaceId}`,
  instance: (instanceId: string): string => `instance:${instanceId}`,
} as const;
