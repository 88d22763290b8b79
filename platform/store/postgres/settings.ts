/** What a store on PostgreSQL takes from outside, and its times. */
import type { StoreSettings } from '../base/engine.ts';

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

export const defaults = { schema: 'belay', connections: 10, patienceMs: 5_000 };
export const pauseMs = { first: 5, most: 500 };
/** The server gives up on a statement, on a lock, on a transaction that we left open; we give up on an answer. */
export const timeouts = { statement: 10_000, lock: 5_000, idle: 15_000, answer: 15_000 };
