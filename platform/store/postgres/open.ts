/** Opens the store on PostgreSQL: any number of replicas may. */
import { setTimeout as delay } from 'node:timers/promises';
import { Client, type ClientConfig } from 'pg';
import { createStore, type Store } from '../createStore.ts';
import { Postgres } from './engine.ts';
import { failureOf, refusal } from './failures.ts';
import { openHints } from './hints.ts';
import { migrate, type Opened } from './migrate.ts';
import { defaults, pauseMs, timeouts, type PostgresSettings } from './settings.ts';

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
