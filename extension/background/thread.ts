/** Does one job, tells its outcome, and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { isBelayError, messageOf } from '../../protocol/errors.ts';
import type { ThreadOrder, ThreadOutcome } from './inThread.ts';
import { threadJobs } from './jobs.ts';

const { name, input } = workerData as ThreadOrder;
const job = threadJobs[name] as (...input: readonly unknown[]) => Promise<unknown>;
const outcome = await job(...input).then(
  (value): ThreadOutcome => ({ value }),
  (error: unknown): ThreadOutcome => (isBelayError(error) ? { problem: error.toProblem() } : { failure: messageOf(error) }),
);
parentPort?.postMessage(outcome);
