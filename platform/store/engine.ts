/** What the operations need of a database. One implementation per engine. */
import type { WorkspaceEvent } from '../../protocol/events.ts';
import type { LeaseProfile } from '../../protocol/states.ts';
import type { SqlName } from './sql.ts';

export type Value = string | number | null | Uint8Array;
export type Row = Readonly<Record<string, Value>>;

/** One transaction. All of it happens, or nothing. */
export interface Tx {
  all(name: SqlName, params?: readonly Value[]): Promise<Row[]>;
  get(name: SqlName, params?: readonly Value[]): Promise<Row | undefined>;
  /** Gives the number of changed rows. */
  run(name: SqlName, params?: readonly Value[]): Promise<number>;
  /** Rows with the same columns, whose names come from our own code, never from a request. */
  insert(table: string, ...rows: readonly Row[]): Promise<void>;
  /** Every row of a table, for the export. */
  dump(table: string): Promise<Row[]>;
  /** Wakes those who wait for `topic`, once the transaction is committed. */
  wake(topic: string): void;
  /** What the transaction says in its workspaces' streams. The engine writes it last: their counters are rows that all transactions share. */
  readonly events: PendingEvent[];
  /** The database's time, where that decides; null where the caller's does. */
  readonly now: number | null;
  readonly newId: (prefix: string) => string;
  /** In [0, 1). */
  readonly chance: () => number;
  readonly profile: LeaseProfile;
}

export type PendingEvent = Omit<WorkspaceEvent, 'n'> & { readonly workspaceId: string };

/** A transaction whose work throws leaves nothing; its events are numbered and stored by the commit. */
export interface Engine {
  write<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  read<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
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
