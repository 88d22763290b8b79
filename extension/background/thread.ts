/** Does one job, tells its outcome, and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { isBelayError, messageOf } from '../../protocol/errors.ts';
import type { Order, Outcome } from './inThread.ts';
import { jobs } from './jobs.ts';

const { name, input } = workerData as Order;
const job = jobs[name] as (...input: readonly unknown[]) => Promise<unknown>;
const outcome = await job(...input).then(
  (value): Outcome => ({ value }),
  (error: unknown): Outcome => (isBelayError(error) ? { problem: error.toProblem() } : { failure: messageOf(error) }),
);
parentPort?.postMessage(outcome);
