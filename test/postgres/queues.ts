/** Two job queues for comparison: jobs taken and finished one at a time, through their public interfaces. */
import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import { PgBoss } from 'pg-boss';

/** More than it does: with an empty queue its waiting would be measured. */
const mostPerMs = 10;

const silent = new Logger(() => () => {});

/** Jobs per second of graphile-worker with `inFlight` jobs at once, without its batching. */
export async function graphileRate(url: string, inFlight: number, ms: number): Promise<number> {
  const utils = await makeWorkerUtils({ connectionString: url, logger: silent });
  // Not at the end: what it still finishes after it was stopped needs its tables.
  await utils.withPgClient((client) => client.query('DROP SCHEMA IF EXISTS graphile_worker CASCADE'));
  await utils.migrate();
  await utils.withPgClient((client) =>
    client.query("SELECT graphile_worker.add_job('work') FROM generate_series(1, $1)", [ms * mostPerMs]),
  );
  await utils.withPgClient((client) => client.query('VACUUM ANALYZE'));
  let done = 0;
  const started = performance.now();
  const runner = await run({
    connectionString: url,
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
