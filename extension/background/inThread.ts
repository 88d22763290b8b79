import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { BelayError } from '../../protocol/errors.ts';
import type { Problem } from '../../protocol/problem.ts';
import type { threadJobs } from './jobs.ts';

type Jobs = typeof threadJobs;

/** As data: what crosses the border between threads is copied. */
export interface ThreadOrder {
  readonly name: keyof Jobs;
  readonly input: readonly unknown[];
}
export type ThreadOutcome = { readonly value: unknown } | { readonly problem: Problem } | { readonly failure: string };

/** Does a job beside the editor's own thread. `dist`: where the bundles are. Throws what the job throws. */
export async function runInThread<Name extends keyof Jobs>(
  dist: string,
  name: Name,
  ...input: Parameters<Jobs[Name]>
): Promise<Awaited<ReturnType<Jobs[Name]>>> {
  const order: ThreadOrder = { name, input };
  const thread = new Worker(path.join(dist, 'backgroundThread.mjs'), { workerData: order });
  const outcome = await new Promise<ThreadOutcome>((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', (code) => {
      reject(new BelayError('internal', `A thread of Belay ended with code ${code} before it was done (${name}).`));
    });
  });
  if ('problem' in outcome) throw BelayError.fromProblem(outcome.problem);
  if ('failure' in outcome) throw new BelayError('internal', outcome.failure);
  return outcome.value as Awaited<ReturnType<Jobs[Name]>>;
}
