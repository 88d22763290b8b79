/**
 * What a worker does before it claims: finds the run folders of hosts that are gone, says what they
 * could not say, ends what they left running, and takes away what they left lying.
 */
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { inState } from '../base/stateFolder.ts';
import { isBelayError, messageOf } from '../../protocol/errors.ts';
import { isFinal } from '../../protocol/states.ts';
import type { BelayApi } from '../../protocol/typedClient.ts';
import { Journal } from '../journal/journal.ts';
import { HeldSession } from '../journal/heldSession.ts';
import { Outbox } from '../journal/outbox.ts';
import { RunEnd, sayEnd } from './end.ts';
import { readPrivate, writePrivate } from '../base/privateFiles.ts';
import { returnLogin } from './loginCopy.ts';
import { endTree, isSameProcess, processesGiven } from './processes.ts';
import { HostRecord, runFiles, RunSpec } from './spec.ts';

/** A run whose host is alive. */
export interface LiveRun {
  readonly runDir: string;
  readonly spec: RunSpec;
  /** Null in the moment between its start and its first words. */
  readonly record: HostRecord | null;
}
export interface RecoverOptions {
  readonly api: BelayApi;
  readonly stateDir: string;
  /** Of the platform that `api` asks. A machine's runs may belong to several. */
  readonly workspaceId: string;
  readonly log: (text: string) => void;
}

/**
 * Reconciles every run folder of this machine and returns the runs that are alive. What cannot be told
 * now, since the platform is away, is left for the next time.
 */
export async function recoverRuns(options: RecoverOptions): Promise<LiveRun[]> {
  const live: LiveRun[] = [];
  for (const runDir of runFolders(options.stateDir)) {
    try {
      const run = await recoverRun(options, runDir);
      if (run) live.push(run);
    } catch (error) {
      options.log(`The run in ${path.basename(runDir)} could not be reconciled: ${messageOf(error)}`);
    }
  }
  return live;
}

/** The folders of all runs of this machine. */
export function runFolders(stateDir: string): string[] {
  const runs = inState(stateDir, 'runs');
  try {
    return readdirSync(runs, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => path.join(runs, entry.name));
  } catch {
    return [];
  }
}

/** A run whose folder is this young may have a host that is just starting, ms. */
export const startingMs = 15_000;
/** The log of a run that ended is kept for a day. */
const keptMs = 86_400_000;

async function recoverRun(options: RecoverOptions, runDir: string): Promise<LiveRun | null> {
  const file = path.join(runDir, runFiles.spec);
  if (!existsSync(file)) {
    // A worker that was killed while it made the folder: nobody will read the secrets it may have put there.
    if (Date.now() - statSync(runDir).mtimeMs > startingMs) rmSync(runDir, { recursive: true, force: true });
    return null;
  }
  const spec = readPrivate(file, RunSpec);
  const record = readPrivate(path.join(runDir, runFiles.host), HostRecord);
  if (!spec) return null;
  const age = Date.now() - statSync(file).mtimeMs;
  if (record?.settled) {
    if (age > keptMs) rmSync(runDir, { recursive: true, force: true });
    return null;
  }
  // What there is to say of another platform's run waits until that platform is the one in use.
  const isOurs = spec.grant.session.workspaceId === options.workspaceId;
  const live = isOurs ? { runDir, spec, record } : null;
  if (!record && age < startingMs) return live;
  const journal = Journal.open({ folder: runDir });
  if (!journal) return live;
  try {
    if (record) await sweep(record);
    await returnLogin(spec.lineDir, spec.agent);
    if (isOurs) await settle(options, spec, record, journal);
    journal.close();
    if (!isOurs) return null;
    if (record) writePrivate(path.join(runDir, runFiles.host), { ...record, settled: true });
    else rmSync(runDir, { recursive: true, force: true });
    return null;
  } catch (error) {
    journal.close();
    throw error;
  }
}

/** Ends what a killed host left running, each process named beyond doubt, and removes its sockets. */
async function sweep(record: HostRecord): Promise<void> {
  if (record.agent && isSameProcess(record.agent)) await endTree(record.agent.pid, 500);
  if (!path.basename(record.tempDir).startsWith('belay-')) return;
  // The sandbox's helpers, and an agent that was not written down yet, were given paths in this one folder.
  for (const { pid } of processesGiven(`${record.tempDir}${path.sep}`)) await endTree(pid, 500);
  rmSync(record.tempDir, { recursive: true, force: true });
}

/** Says what is left to say of a run. */
async function settle(options: RecoverOptions, spec: RunSpec, record: HostRecord | null, journal: Journal): Promise<void> {
  const { api, log } = options;
  const sessionId = spec.grant.session.id;
  const held = new HeldSession(api, {
    sessionId,
    instanceId: record?.instanceId ?? spec.instanceId,
    fence: record?.fence ?? spec.grant.fence,
    claimToken: record?.claimToken ?? spec.grant.claimToken,
  });
  const session = await api.getSession({ params: { id: sessionId } });
  const outbox = new Outbox({ held, journal, log, onLost: () => undefined, gatherMs: 0 });
  outbox.wake();
  const sent = await outbox.drain(10_000);
  outbox.close();
  if (!sent) throw new Error('the platform does not take its activities now');
  if (isFinal(session.state) || session.claim?.fence !== held.fence || session.claim.instanceId !== held.instanceId) return;
  try {
    await sayEnd(held, lastWord(journal, record));
  } catch (error) {
    if (!isBelayError(error, 'claim_lost') && !isBelayError(error, 'session_final')) throw error;
  }
}

/** The end the host had written down, else the truth: never started, or interrupted. */
function lastWord(journal: Journal, record: HostRecord | null): RunEnd {
  const line = journal.unsent().find((entry) => entry.kind === 'end');
  const written = line ? RunEnd.safeParse(line.body).data : undefined;
  if (written) return written;
  if (record === null) return { verb: 'release', reason: 'The worker ended before the run began.', notBeforeMs: null };
  return {
    verb: 'fail',
    error: {
      code: 'interrupted',
      message: 'The process that ran this session was ended from outside, or the machine went down.',
      hint: 'Retry or send it back: the folder with the work so far is kept.',
    },
    result: null,
    usage: null,
  };
}
