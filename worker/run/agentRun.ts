/** A confined run at work: hooks, turns of the agent, the gate, and again while people have words, until there is a result. */
import { BelayError } from '../../protocol/errors.ts';
import type { RenderedPrompt } from '../../prompt/render.ts';
import { countHeldBack } from '../workspace/heldBack.ts';
import type { GateOutcome } from '../workspace/types.ts';
import type { Confined } from './confineRun.ts';
import { endProcesses, type RunContext } from './context.ts';
import { DiskWatch } from './diskWatch.ts';
import type { RunEnd } from './end.ts';
import { endOfCutShort } from './ending.ts';
import { firstPrompt } from './firstPrompt.ts';
import { keepBeforeRemove } from './keptHook.ts';
import { goOnTree, haltTree } from './processes.ts';
import { countFiles, describeResult, makeResult } from './result.ts';
import { RunningAgent } from './runningAgent.ts';

/** Runs to a result, or to the end that cut it short. Null when there is nobody left to tell. */
export async function runAgent(context: RunContext, confined: Confined): Promise<RunEnd | null> {
  const agent = new RunningAgent(context, confined);
  const disk = watchDisk(context, confined, agent);
  disk.start();
  try {
    return await toResult(context, confined, agent);
  } catch (error) {
    await endProcesses(context);
    await confined.hooks.after();
    const readable = agent.hasStarted && (await endProcesses(context));
    return await cutShort(context, error, {
      salvage: async () => (readable ? await confined.handOver.salvage() : null),
      overQuota: disk.error,
    });
  } finally {
    disk.close();
  }
}

/** How a run ends that did not come to its result. Null when there is nobody left to tell. */
export async function cutShort(
  { parts, phases, sink, stall }: RunContext,
  error: unknown,
  left: { readonly salvage: Parameters<typeof endOfCutShort>[0]['salvage']; readonly overQuota: DiskWatch['error'] | null },
): Promise<RunEnd | null> {
  const { interruption, log } = parts;
  const phase = phases.current;
  if (interruption.halt === null)
    log(`The run failed in phase ${phase}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return await endOfCutShort({
    halt: interruption.halt,
    error,
    phase,
    salvage: left.salvage,
    usage: () => sink.usage,
    wordsOf: (halt) => (halt === 'stalled' ? stall.error : left.overQuota),
  });
}

async function toResult(context: RunContext, confined: Confined, agent: RunningAgent): Promise<RunEnd> {
  const { parts, phases, sink, turns } = context;
  const { clone, effects, handOver, hooks, policy, questions, ask } = confined;
  const { spec, journal, interruption } = parts;
  keepBeforeRemove(spec);
  await hooks.before();
  interruption.check();
  const prompt: RenderedPrompt = await phases.during('prompt', async () => {
    const value = await firstPrompt(spec, confined.settled);
    return { value, detail: `${value.text.length} characters. ${spec.workflowNote}`.trim() };
  });
  effects.begin({
    ask,
    refuses: (wish) => questions.refuses(wish),
    gate: (subject) => handOver.gateNow(subject),
    history: () => handOver.history(),
    record: ({ resource, title }, words) => {
      context.records.record({
        event: 'effect',
        class: 'effect',
        decision: 'allow',
        resource,
        rules: [words],
        policyHash: policy.hash,
        detail: title,
      });
      journal.sync();
    },
  });
  let taker = await agent.begin(prompt);
  for (;;) {
    await turns.sayWaiting(taker);
    await hooks.after();
    if (!(await endProcesses(context))) throw stillAlive();
    const gate = await phases.during('gate', async () => {
      const outcome = await handOver.gate();
      return { value: outcome, detail: describeGate(outcome) };
    });
    // Words that came while the gate looked are not lost: they are one more turn.
    if (turns.waiting > 0) {
      await hooks.before();
      taker = await agent.resume(prompt);
      continue;
    }
    const result = makeResult({
      mode: spec.grant.session.mode,
      gate,
      summary: turns.final || sink.said,
      checks: sink.checks,
      baseCommit: clone.baseCommit,
    });
    sink.phase('result', describeResult(result), null);
    return { verb: 'complete', result, usage: sink.usage };
  }
}

function describeGate(outcome: GateOutcome | null): string {
  if (outcome === null) return 'Nothing is handed over in this mode.';
  const held = outcome.heldBack.length > 0 ? `, ${countHeldBack(outcome.heldBack)} held back` : '';
  return `${countFiles(outcome.files.length)}, +${outcome.added} −${outcome.deleted}${held}`;
}

function watchDisk({ parts }: RunContext, { clone, place, ask }: Confined, agent: RunningAgent): DiskWatch {
  const { spec, interruption, log } = parts;
  const tell = (how: (leader: number) => void): void => {
    const { leader } = agent;
    if (leader !== null) how(leader);
  };
  return new DiskWatch({
    folders: [clone.path, place.home, place.tmp],
    limitBytes: spec.settings.diskBytes,
    lineDir: spec.lineDir,
    pause: () => {
      tell(haltTree);
    },
    resume: () => {
      tell(goOnTree);
    },
    ask,
    onStop: () => {
      interruption.interrupt('over_quota');
    },
    log,
  });
}

function stillAlive(): BelayError {
  return new BelayError('conflict', 'Processes of the agent could not be ended, so nothing of their folder is read.', {
    hint: 'End them by hand, then retry: the folder is kept.',
  });
}
