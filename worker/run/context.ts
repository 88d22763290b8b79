/** What a run has from its first moment to its last: its hold on the session, and the ways to tell and to hear. */
import { HeldSession } from '../journal/heldSession.ts';
import { Outbox } from '../journal/outbox.ts';
import { HostFile } from './hostFile.ts';
import { Inputs } from './inputs.ts';
import { Lease } from './lease.ts';
import type { RunParts } from './parts.ts';
import { Phases } from './phases.ts';
import { PolicyRecord } from './policyRecord.ts';
import { ActivitySink } from './sink.ts';
import { StallWatch } from './stallWatch.ts';
import { StartedProcesses } from './startedProcesses.ts';
import { Standing } from './standing.ts';
import { Turns } from './turns.ts';

export interface RunContext {
  readonly parts: RunParts;
  readonly held: HeldSession;
  readonly lease: Lease;
  readonly hostFile: HostFile;
  readonly outbox: Outbox;
  readonly sink: ActivitySink;
  readonly standing: Standing;
  readonly records: PolicyRecord;
  readonly phases: Phases;
  readonly processes: StartedProcesses;
  readonly inputs: Inputs;
  readonly turns: Turns;
  readonly stall: StallWatch;
}

export function openContext(parts: RunParts): RunContext {
  const { api, journal, log, spec, record, interruption } = parts;
  const { session } = spec.grant;
  const held = new HeldSession(api, {
    sessionId: session.id,
    instanceId: record.instanceId,
    fence: record.fence,
    claimToken: record.claimToken,
  });
  const fence = () => held.fence;
  const hostFile = new HostFile(parts.runDir, record);
  const outbox = new Outbox({
    held,
    journal,
    log,
    onLost: () => {
      lease.noteLost();
    },
  });
  const standing = new Standing({ held, log });
  const sink = new ActivitySink({
    journal,
    fence,
    onWritten: () => {
      outbox.wake();
    },
    onStanding: (change) => {
      standing.set(change);
    },
  });
  const records = new PolicyRecord({ audit: parts.audit, machine: parts.machine, sessionId: session.id, fence, sink, log });
  const phases = new Phases({ interruption, control: parts.control, sink, journal });
  const inputs = new Inputs({
    held,
    sink,
    parkMs: spec.settings.parkMs,
    sync: () => {
      journal.sync();
    },
    onPark: () => {
      interruption.interrupt('parked');
    },
    log,
  });
  interruption.onInterrupt(() => {
    inputs.close();
  });
  const { max_turns: maxTurns, turn_timeout_ms: turnMs } = spec.workflow?.config.agent ?? {};
  const turns = new Turns({
    held,
    log,
    sink,
    check: () => {
      interruption.check();
    },
    onMessage: () => {
      phases.enter('agent');
    },
    ...(maxTurns !== undefined && { maxTurns }),
    ...(turnMs !== undefined && { turnMs }),
  });
  const stall = new StallWatch({
    stallMs: spec.settings.stallMs,
    callMs: spec.settings.callMs,
    sink,
    turning: () => turns.turning,
    waiting: () => inputs.waiting,
    onStall: () => {
      interruption.interrupt('stalled');
    },
  });
  const lease = new Lease({
    api,
    held,
    log,
    workerId: spec.workerId,
    leaseMs: spec.grant.leaseMs,
    offlineMs: spec.settings.offlineMs,
    onCancel: () => {
      interruption.interrupt('cancel');
    },
    onAnswers: (answers) => {
      inputs.deliver(answers);
    },
    onMessages: (messages) => {
      turns.take(messages);
    },
    onExits: (state) => {
      log(`Exits are ${state}.`);
    },
    onLost: (reason) => {
      log(`The claim is lost for good: ${reason}.`);
      interruption.interrupt('lost');
    },
    onReclaimed: (grant) => {
      log(`Claimed again under fence ${grant.fence}.`);
      hostFile.change({ fence: grant.fence, claimToken: grant.claimToken });
      records.tryNote('claim', spec.repositoryPath, 'claimed again after it was lost');
      outbox.wake();
    },
  });
  const processes = new StartedProcesses();
  return { parts, held, lease, hostFile, outbox, sink, standing, records, phases, processes, inputs, turns, stall };
}

/** Ends what the agent left running, as gently as the run can afford. False when something still lives. */
export async function endProcesses({ parts, processes }: RunContext): Promise<boolean> {
  const { halt } = parts.interruption;
  const ended = await processes.end(halt === null || halt === 'lost' ? 500 : parts.spec.settings.graceMs);
  if (!ended) parts.log('Processes of the agent could not be ended.');
  return ended;
}
