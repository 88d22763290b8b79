/** One run, from the claim to the end that is told: each phase hands on to the next what it made. */
import { Cleanups } from './cleanups.ts';
import { confineRun } from './confineRun.ts';
import { endProcesses, openContext, type RunContext } from './context.ts';
import type { RunEnd } from './end.ts';
import { tellEnd } from './ending.ts';
import type { RunParts } from './parts.ts';
import { prepare, type RunCleanups } from './prepare.ts';
import { cutShort, runAgent } from './agentRun.ts';

/** Runs the session to its end and tells the platform. Returns how it ended. */
export async function hostRun(parts: RunParts): Promise<RunEnd['verb'] | 'lost'> {
  const context = openContext(parts);
  const { inputs, lease, outbox, stall, standing } = context;
  const cleanups = { atEnd: new Cleanups(parts.log), afterTold: new Cleanups(parts.log) };
  cleanups.afterTold.add('The outbox', () => {
    outbox.close();
  });
  cleanups.afterTold.add('The standing', () => {
    standing.close();
  });
  cleanups.afterTold.add('The lease', () => lease.stop());
  lease.start();
  stall.start();
  let end: RunEnd | null;
  try {
    end = await toEnd(context, cleanups);
  } finally {
    stall.close();
    inputs.close();
    await endProcesses(context);
    await cleanups.atEnd.run();
  }
  const told = end === null ? 'lost' : await tell(context, end);
  await cleanups.afterTold.run();
  return told;
}

async function toEnd(context: RunContext, cleanups: RunCleanups): Promise<RunEnd | null> {
  try {
    const prepared = await prepare(context, cleanups);
    const confined = await confineRun(context, prepared);
    return await runAgent(context, confined);
  } catch (error) {
    return await cutShort(context, error, { salvage: () => Promise.resolve(null), overQuota: null });
  }
}

async function tell({ parts, held, hostFile, lease, outbox, sink, standing }: RunContext, end: RunEnd): Promise<RunEnd['verb'] | 'lost'> {
  const { dropped } = sink;
  if (dropped > 0)
    sink.write({
      kind: 'progress',
      body: { type: 'blocker', text: `${dropped} further entries of the agent were not kept: it reported faster than can be read.` },
    });
  const told = await tellEnd(end, {
    held,
    journal: parts.journal,
    outbox,
    standing,
    offlineMs: parts.spec.settings.offlineMs,
    lost: () => parts.interruption.halt === 'lost',
    noteLost: () => {
      lease.noteLost();
    },
    log: parts.log,
  });
  // What could not be told is told when the worker starts again.
  if (told !== 'lost') hostFile.change({ settled: true });
  return told;
}
