/** Two job queues for comparison: jobs taken and finished one at a time, through their public interfaces. */
import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import { PgBoss } from 'pg-boss';

/** More than it does: with an empty queue its waiting would be measured. */
const mostPerMs = 10;

/** One call for all of them: with a call each, adding them takes longer than the measurement. */
const manyJobs = (schema: string): string => `SELECT COUNT(*) FROM ${schema}.add_jobs(ARRAY(
  SELECT ROW('work', NULL, NULL, NULL, NULL, NULL, NULL, NULL)::${schema}.job_spec FROM generate_series(1, $1)))`;

const silent = new Logger(() => () => {});

/**
 * What Belay writes for readers beside a claim and its end, by the statements that claim and complete a job: an event for
 * each, and a row of history. Triggers cost no way to the server, which a task that writes would.
 */
const forReaders = (schema: string): string => `
  DROP SCHEMA IF EXISTS readers CASCADE;
  CREATE SCHEMA readers;
  CREATE TABLE readers.activity (session_id TEXT NOT NULL, seq BIGINT NOT NULL, fence BIGINT NOT NULL, key TEXT NOT NULL, at BIGINT NOT NULL,
    received_at BIGINT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (session_id, seq), UNIQUE (session_id, key));
  CREATE TABLE readers.event (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, workspace_id TEXT NOT NULL, type TEXT NOT NULL,
    item_id TEXT, session_id TEXT, at BIGINT NOT NULL);
  CREATE FUNCTION readers.claimed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO readers.event (workspace_id, type, session_id, at) VALUES ('bench', 'session', NEW.id, EXTRACT(EPOCH FROM NOW()) * 1000);
    RETURN NULL;
  END $$;
  CREATE FUNCTION readers.completed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO readers.activity VALUES
      (OLD.id, 1, OLD.attempts, 'end', EXTRACT(EPOCH FROM NOW()) * 1000, EXTRACT(EPOCH FROM NOW()) * 1000, 'completion', '{}');
    INSERT INTO readers.event (workspace_id, type, session_id, at) VALUES ('bench', 'session', OLD.id, EXTRACT(EPOCH FROM NOW()) * 1000);
    RETURN NULL;
  END $$;
  CREATE TRIGGER claimed AFTER UPDATE ON ${schema}._private_jobs FOR EACH ROW
    WHEN (OLD.locked_at IS NULL AND NEW.locked_at IS NOT NULL) EXECUTE FUNCTION readers.claimed();
  CREATE TRIGGER completed AFTER DELETE ON ${schema}._private_jobs FOR EACH ROW EXECUTE FUNCTION readers.completed();`;

/** Jobs per second of graphile-worker with `inFlight` jobs at once, without its batching; `sameWork`: readers are told of each. */
export async function graphileRate(url: string, inFlight: number, ms: number, { sameWork = false } = {}): Promise<number> {
  // Of its own for each kind, and dropped before the next of the kind: what it still finishes after it was stopped needs its tables.
  const schema = sameWork ? 'graphile_readers' : 'graphile_worker';
  const utils = await makeWorkerUtils({ connectionString: url, schema, logger: silent });
  await utils.withPgClient((client) => client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`));
  await utils.migrate();
  await utils.withPgClient((client) => client.query(manyJobs(schema), [ms * mostPerMs]));
  if (sameWork) await utils.withPgClient((client) => client.query(forReaders(schema)));
  await utils.withPgClient((client) => client.query('VACUUM ANALYZE'));
  let done = 0;
  const started = performance.now();
  const runner = await run({
    connectionString: url,
    schema,
    logger: silent,
    concurrency: inFlight,
    maxPoolSize: inFlight + 2,
    noHandleSignals: true,
    taskList: {
      work: () => {
        done += 1;
      },
    },
  });
  await new Promise((resolve) => setTimeout(resolve, ms));
  const rate = (done * 1_000) / (performance.now() - started);
  await runner.stop();
  if (sameWork) {
    const written = 'SELECT (SELECT COUNT(*) FROM readers.activity)::int AS ended, (SELECT COUNT(*) FROM readers.event)::int AS events';
    const { rows } = await utils.withPgClient((client) => client.query<{ ended: number; events: number }>(written));
    const [told] = rows;
    // Those in flight when it was stopped may still be without their end.
    const complete = done - inFlight;
    if (!told || told.ended < complete || told.events < complete * 2) throw new Error('Readers were not told of every job.');
  }
  await utils.release();
  return rate;
}

/** Jobs per second of pg-boss with `inFlight` at once, one job a fetch. */
export async function pgBossRate(url: string, inFlight: number, ms: number): Promise<number> {
  const boss = new PgBoss({ connectionString: url, max: inFlight, supervise: false, schedule: false });
  boss.on('error', () => {});
  await boss.start();
  const queue = `bench${Date.now()}`;
  await boss.createQueue(queue);
  await boss.insert(
    queue,
    Array.from({ length: Math.ceil(ms / 2) }, () => ({})),
  );
  let done = 0;
  const started = performance.now();
  const one = async (): Promise<void> => {
    while (performance.now() - started < ms) {
      const [job] = await boss.fetch(queue);
      if (!job) return;
      await boss.complete(queue, job.id);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, one));
  const rate = (done * 1_000) / (performance.now() - started);
  await boss.deleteQueue(queue);
  await boss.stop({ graceful: false });
  return rate;
}
