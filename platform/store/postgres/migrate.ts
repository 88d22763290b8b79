/** The tables in PostgreSQL: one schema of ours, steps that only go forward, one program at a time. */
import { randomBytes } from 'node:crypto';
import type { ClientBase } from 'pg';
import { BelayError } from '../../../protocol/errors.ts';
import type { ColumnTypes } from '../migrations/migration.ts';
import { migrations } from '../migrations/migrations.ts';

/** Every step of every program that opens this database waits for this lock. */
const lockName = 'belay:migrate';
const keyBytes = 32;

const types: ColumnTypes = {
  text: 'TEXT COLLATE "C"',
  blob: 'BYTEA',
  counted: 'BIGINT GENERATED ALWAYS AS IDENTITY',
  unique: '(random() * 9e15)::BIGINT',
};

export interface Opened {
  /** Signs claim tokens; the same for all replicas. */
  readonly claimKey: Uint8Array;
}

/**
 * Brings `schema` (a plain identifier) to the version this program knows. Old programs may be running while it
 * does: a step may add or loosen, never rename or take away. Throws when a newer program was here.
 */
export async function migrate(client: ClientBase, schema: string, steps = migrations): Promise<Opened> {
  await client.query('BEGIN');
  try {
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${lockName}:${schema}`]);
    const there = await client.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema]);
    if (there.rowCount === 0) await client.query(`CREATE SCHEMA ${schema}`);
    await client.query(`SET LOCAL search_path = ${schema}`);
    await client.query(
      'CREATE TABLE IF NOT EXISTS platform (one BOOLEAN PRIMARY KEY CHECK (one), version BIGINT NOT NULL, claim_key BYTEA NOT NULL)',
    );
    const found = await client.query<{ version: string; claim_key: Buffer }>('SELECT version, claim_key FROM platform');
    const version = Number(found.rows[0]?.version ?? 0);
    const claimKey = found.rows[0]?.claim_key ?? randomBytes(keyBytes);
    if (version > steps.length)
      throw new BelayError(
        'internal',
        `The database was written by a newer Belay (data version ${version}, this one knows ${steps.length}).`,
        { hint: 'Update Belay.' },
      );
    for (const { both, postgres } of steps.slice(version)) await client.query(both(types) + postgres(types));
    await client.query(
      'INSERT INTO platform (one, version, claim_key) VALUES (TRUE, $1, $2) ON CONFLICT (one) DO UPDATE SET version = EXCLUDED.version',
      [steps.length, claimKey],
    );
    await client.query('COMMIT');
    return { claimKey };
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}
