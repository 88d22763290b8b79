/**
 * The worker: registers this machine's agents, asks the platform for work as long as there is room,
 * starts a run host for each claim and follows it to its end. Several of these may live at once, one
 * a window: instance and fence keep them apart.
 */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { inState } from '../base/stateFolder.ts';
import { BelayError, messageOf } from '../../protocol/errors.ts';
import type { ClaimGrant, PollReply } from '../../protocol/exchange.ts';
import type { BelayApi } from '../../protocol/typedClient.ts';
import { effectSecretNames } from '../workerConfig/effectSettings.ts';
import { readWorkerConfig } from '../workerConfig/workerConfig.ts';
import { watchRun, type RunStatus, type RunWatch } from '../run/control.ts';
import { notStarted, sayEnd, type RunEnd } from '../run/end.ts';
import { readPrivate } from '../base/privateFiles.ts';
import { HeldSession } from '../journal/heldSession.ts';
import { launchRun } from '../run/launch.ts';
import { recoverRuns } from '../run/recover.ts';
import { liveRuns, startWithin } from './repositoryRoom.ts';
import type { AgentLaunch } from '../agents/launch.ts';
import { HostRecord, runFiles, RunSettings, type RunSpec } from '../run/spec.ts';
import type { PlatformAddress } from '../../transport/address.ts';

/** An agent this worker offers. */
export interface OfferedAgent {
  readonly slug: string;
  readonly name: string;
  readonly launch: AgentLaunch;
}

export interface WorkerOptions {
  readonly api: BelayApi;
  readonly platform: PlatformAddress;
  readonly stateDir: string;
  /** Names this machine on the platform. */
  readonly machine: string;
  /** `extension`, `cli` … and its version. */
  readonly program: string;
  readonly version: string;
  /** How many runs at once; 0 claims nothing by itself. */
  readonly capacity: number;
  readonly agents: readonly OfferedAgent[];
  /** Repository id → folder on this machine. */
  readonly bindings: () => Readonly<Record<string, string>>;
  readonly runHostBundle: string;
  /** The Node to run hosts with, or this one. */
  readonly runtime?: string;
  /** PATH of the person's login shell. */
  readonly path: string;
  /** Settings of every run; read again for each. */
  readonly settings: () => Partial<RunSettings>;
  /** Values the person has bound for agents, by variable name; never logged. Without one, this process's own variable counts. */
  readonly secrets?: () => Promise<Readonly<Record<string, string>>>;
  /** Trusted words of the person to every agent. */
  readonly instructions?: () => string;
  /** A run goes on without a version of the workflow file that the person has not approved. Called for each such run. */
  readonly onWaitingWorkflow?: (waiting: WaitingWorkflow) => void;
  readonly log: (text: string) => void;
  /** Runs or the link to the platform changed. */
  readonly onChange: () => void;
}

/** A version of a repository's workflow file that waits for the person's yes. */
export interface WaitingWorkflow {
  readonly repositoryId: string;
  readonly folder: string;
  readonly commit: string;
  readonly hash: string;
}

export interface AttachedRun {
  readonly sessionId: string;
  readonly runDir: string;
  readonly status: RunStatus | null;
}
export type WorkerState = 'stopped' | 'starting' | 'online' | 'offline';

export interface Worker {
  readonly state: WorkerState;
  readonly id: string | null;
  readonly instanceId: string;
  /** Agent ids by slug, once registered. */
  readonly agentIds: ReadonlyMap<string, string>;
  /** Why nothing is claimed although there is room; null when that is not so. */
  readonly problem: string | null;
  /** Runs of this machine that are alive, whoever started them. */
  runs(): readonly AttachedRun[];
  start(): Promise<void>;
  /** `finish` leaves running runs to their hosts, `stop` gives their sessions back to the queue. */
  stop(choice: 'finish' | 'stop'): Promise<void>;
  /** Claims this session and no other, and starts it. Throws `conflict` when it cannot be had. */
  claimNow(sessionId: string): Promise<void>;
  /** Changes how many runs this worker takes by itself. */
  setCapacity(capacity: number): void;
  /** Ends one run: gives the session back, or cancels it. */
  endRun(sessionId: string, how: 'give_back' | 'cancel'): void;
}

const holdMs = 20_000;
/** For so long a session is not offered again whose repository had no room. */
const fullMs = 5000;
const backoffMs = [1000, 2000, 5000, 10_000] as const;

export function createWorker(options: WorkerOptions): Worker {
  return new LocalWorker(options);
}

interface ExchangePart {
  readonly capacity: number;
  readonly waitMs: number;
  readonly sessionId?: string;
  readonly reclaim?: string[];
}
interface Attached {
  readonly runDir: string;
  status: RunStatus | null;
  watch: RunWatch | null;
}

class LocalWorker implements Worker {
  readonly #options: WorkerOptions;
  readonly #runs = new Map<string, Attached>();
  readonly #agentIds = new Map<string, string>();
  readonly instanceId = randomUUID();
  /** Request ids of exchanges that asked for work and got no reply, by the session they named; '' is any. */
  readonly #unanswered = new Map<string, string>();
  /** How many runs of a repository its workflow file allows at once, as it was when it was last read. */
  readonly #limits = new Map<string, number>();
  #stop = new AbortController();
  #wake = new AbortController();
  #state: WorkerState = 'stopped';
  #workerId: string | null = null;
  #workspaceId = '';
  #capacity: number;
  #problem: string | null = null;
  #loop: Promise<void> = Promise.resolve();

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#capacity = options.capacity;
  }

  get state(): WorkerState {
    return this.#state;
  }
  get problem(): string | null {
    return this.#problem;
  }
  get id(): string | null {
    return this.#workerId;
  }
  get agentIds(): ReadonlyMap<string, string> {
    return this.#agentIds;
  }

  runs(): readonly AttachedRun[] {
    return [...this.#runs].map(([sessionId, { runDir, status }]) => ({ sessionId, runDir, status }));
  }

  async start(): Promise<void> {
    if (this.#state !== 'stopped') return;
    this.#stop = new AbortController();
    this.#become('starting');
    try {
      await this.#register();
      await this.#reconcile();
    } catch (error) {
      this.#become('stopped');
      throw error;
    }
    this.#become('online');
    this.#loop = this.#poll();
  }

  async stop(choice: 'finish' | 'stop'): Promise<void> {
    if (this.#state === 'stopped') return;
    this.#stop.abort();
    this.#wake.abort();
    await this.#loop;
    for (const run of this.#runs.values()) {
      if (choice === 'stop') run.watch?.stop('give_back');
    }
    const until = performance.now() + 4000;
    while (choice === 'stop' && this.#runs.size > 0 && performance.now() < until) await delay(50);
    for (const run of this.#runs.values()) run.watch?.close();
    this.#runs.clear();
    this.#become('stopped');
  }

  async claimNow(sessionId: string): Promise<void> {
    await readWorkerConfig(this.#options.stateDir);
    const reply = await this.#exchange({ capacity: 1, sessionId, waitMs: 0 });
    const grant = reply.claims.find((claim) => claim.session.id === sessionId);
    if (!grant) {
      const session = await this.#options.api.getSession({ params: { id: sessionId } });
      throw new BelayError('conflict', `The session could not be claimed here: it is ${session.state.replaceAll('_', ' ')}.`, {
        hint: 'It may run elsewhere already, or its repository is not bound to a folder of this machine.',
      });
    }
    await this.#begin(grant);
  }

  setCapacity(capacity: number): void {
    this.#capacity = capacity;
    this.#nudge();
  }

  endRun(sessionId: string, how: 'give_back' | 'cancel'): void {
    this.#runs.get(sessionId)?.watch?.stop(how);
  }

  async #register(): Promise<void> {
    const { api, agents, machine, program, version } = this.#options;
    for (const { slug, name, launch } of agents) {
      const agent = await api.ensureAgent({ body: { slug, name, execution: 'local', driver: launch.driver } });
      this.#agentIds.set(slug, agent.id);
    }
    const worker = await api.ensureWorker({
      body: {
        machine,
        execution: 'local',
        agentIds: [...this.#agentIds.values()],
        capacity: this.#capacity,
        instanceId: this.instanceId,
        program,
        version,
      },
    });
    this.#workerId = worker.id;
    this.#workspaceId = worker.workspaceId;
  }

  async #reconcile(): Promise<void> {
    const { api, stateDir, log } = this.#options;
    for (const run of await recoverRuns({ api, stateDir, workspaceId: this.#workspaceId, log })) {
      const { id } = run.spec.grant.session;
      if (!this.#runs.has(id)) void this.#follow(id, run.runDir);
    }
  }

  /** Nothing starts under a policy that cannot be read. */
  async #mayClaim(): Promise<boolean> {
    const before = this.#problem;
    try {
      await readWorkerConfig(this.#options.stateDir);
      this.#problem = null;
    } catch (error) {
      this.#problem = messageOf(error);
    }
    if (this.#problem !== before) {
      if (this.#problem !== null) this.#options.log(this.#problem);
      this.#options.onChange();
    }
    return this.#problem === null;
  }

  async #poll(): Promise<void> {
    let failures = 0;
    while (!this.#stop.signal.aborted) {
      const room = (await this.#mayClaim()) ? Math.max(0, this.#capacity - this.#runs.size) : 0;
      try {
        if (failures > 0) await this.#backOnline();
        failures = 0;
        const reply = await this.#exchange({ capacity: room, waitMs: holdMs, reclaim: room > 0 ? await this.#staleHere() : [] });
        this.#become('online');
        for (const grant of reply.claims) await this.#beginOrGiveBack(grant);
        await this.#pause(reply.nextMs);
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        if (this.#wake.signal.aborted) {
          this.#wake = new AbortController();
          continue;
        }
        this.#become('offline');
        this.#options.log(`The platform does not answer: ${messageOf(error)}`);
        await this.#pause(backoffMs[Math.min(failures, backoffMs.length - 1)] ?? 10_000);
        failures += 1;
      }
    }
  }

  /** The platform answers again: it is told who we are, and what runs could not say while it was away. */
  async #backOnline(): Promise<void> {
    await this.#register();
    this.#become('online');
    await this.#reconcile();
  }

  /**
   * Sessions whose claim ran out. The platform gives back only those of this machine; those whose host
   * lives ask for themselves.
   */
  async #staleHere(): Promise<string[]> {
    const { entries } = await this.#options.api.listSessions({ query: { state: ['stale'], limit: 100 } });
    if (entries.length === 0) return [];
    await this.#reconcile();
    return entries.map((session) => session.id).filter((id) => !this.#runs.has(id));
  }

  /**
   * One exchange. After one that asked for work and got no reply, the same request is repeated first:
   * the platform may have claimed for it, and gives exactly that again.
   */
  async #exchange(part: ExchangePart): Promise<PollReply> {
    const wanted = part.sessionId ?? '';
    const unanswered = part.capacity > 0 ? this.#unanswered.get(wanted) : undefined;
    if (unanswered !== undefined) {
      this.#unanswered.delete(wanted);
      const reply = await this.#ask(unanswered, { ...part, waitMs: 0 });
      if (reply.claims.length > 0) return reply;
    }
    return await this.#ask(randomUUID(), part);
  }

  async #ask(requestId: string, part: ExchangePart): Promise<PollReply> {
    const { api, bindings } = this.#options;
    if (this.#workerId === null) throw new BelayError('conflict', 'The worker is not started.', { hint: 'Start it first.' });
    const folders = Object.entries(bindings()).filter(
      ([id, folder]) => existsSync(folder) && (part.sessionId !== undefined || this.#hasRoom(id)),
    );
    try {
      return await api.poll({
        body: {
          workerId: this.#workerId,
          instanceId: this.instanceId,
          requestId,
          repositoryIds: folders.map(([id]) => id),
          ...part,
        },
        timeoutMs: part.waitMs + 5000,
        signal: part.sessionId === undefined ? AbortSignal.any([this.#stop.signal, this.#wake.signal]) : this.#stop.signal,
      });
    } catch (error) {
      if (part.capacity > 0) this.#unanswered.set(part.sessionId ?? '', requestId);
      throw error;
    }
  }

  #limitOf(repositoryId: string): number {
    return this.#limits.get(repositoryId) ?? Infinity;
  }

  #hasRoom(repositoryId: string): boolean {
    const limit = this.#limitOf(repositoryId);
    return limit === Infinity || liveRuns(this.#options.stateDir, repositoryId) < limit;
  }

  async #pause(ms: number): Promise<void> {
    await delay(Math.max(10, ms), undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }

  /** Asks anew, with the room there is now. */
  #nudge(): void {
    this.#wake.abort();
  }

  /** A claim that cannot be started goes back at once, not when its lease ends. */
  async #beginOrGiveBack(grant: ClaimGrant): Promise<void> {
    try {
      await this.#begin(grant);
    } catch (error) {
      this.#options.log(`Session ${grant.session.id} was given back: ${messageOf(error)}`);
    }
  }

  async #begin(grant: ClaimGrant): Promise<void> {
    const { stateDir, runHostBundle, runtime, log } = this.#options;
    try {
      const spec = await this.#specOf(grant);
      const bound = (await this.#options.secrets?.()) ?? {};
      // An agent gets the values it is known to use and no others.
      const valuesOf = (names: readonly string[]): Record<string, string> =>
        Object.fromEntries(
          names.flatMap((name) => {
            const value = bound[name] ?? process.env[name];
            return value === undefined ? [] : [[name, value]];
          }),
        );
      const repositoryId = grant.session.repositoryId ?? '';
      const limit = this.#limitOf(repositoryId);
      const started = await startWithin(stateDir, repositoryId, limit, () =>
        launchRun({
          spec,
          secrets: valuesOf([
            ...(spec.agent.secretNames ?? []),
            ...(spec.workflow?.secretNames ?? []),
            ...(spec.workflow?.masked ?? []).map(({ name }) => name),
          ]),
          credential: 'url' in this.#options.platform ? this.#options.platform.credential : '',
          effectSecrets: valuesOf(effectSecretNames(spec.settings.effects)),
          program: runHostBundle,
          path: this.#options.path,
          ...(runtime !== undefined && { runtime }),
        }),
      );
      if (started === null) throw new RepositoryFull(limit);
      const { runDir, pid } = started;
      log(`Run ${path.relative(stateDir, runDir)} started as process ${pid}.`);
      void this.#follow(grant.session.id, runDir);
    } catch (error) {
      const { fence, claimToken } = grant;
      const held = new HeldSession(this.#options.api, { sessionId: grant.session.id, instanceId: this.instanceId, fence, claimToken });
      await sayEnd(held, endOfFailedStart(error)).catch((failure: unknown) => {
        log(`The failed start could not be told: ${messageOf(failure)}`);
      });
      throw error;
    }
  }

  async #specOf(grant: ClaimGrant): Promise<RunSpec> {
    const { stateDir, platform, agents, bindings, settings, instructions } = this.#options;
    const { session } = grant;
    const agent = agents.find((entry) => entry.slug === grant.agent.slug);
    if (!agent)
      throw new BelayError('conflict', `The agent "${grant.agent.name}" is not on this machine any more.`, {
        hint: 'Run "belay doctor" to see which agents are found.',
      });
    const repositoryPath = session.repositoryId === null ? undefined : bindings()[session.repositoryId];
    if (repositoryPath === undefined)
      throw new BelayError('conflict', 'The session names no repository that is bound to a folder of this machine.', {
        hint: 'Open the repository in the editor and send the item again.',
      });
    const lineDir = inState(stateDir, 'lines', session.lineId);
    // What reads workflow files is loaded with the first session: a window that has none does without.
    const { workflowOfRun } = await import('./workflowOfRun.ts');
    const repositoryId = session.repositoryId ?? '';
    const { base, workflow, note, waiting } = await workflowOfRun({ stateDir, grant, repositoryPath, lineDir });
    if (waiting) this.#options.onWaitingWorkflow?.({ repositoryId, folder: repositoryPath, ...waiting });
    this.#limits.set(repositoryId, workflow?.config.agent.max_concurrent_agents ?? Infinity);
    const own = await this.#settingsOf(settings());
    const { stall_timeout_ms, call_timeout_ms } = workflow?.config.agent ?? {};
    const stallMs = Math.min(own.stallMs, stall_timeout_ms ?? Infinity);
    const callMs = Math.min(own.callMs, call_timeout_ms ?? Infinity);
    return {
      version: 1,
      grant,
      workerId: this.#workerId ?? '',
      instanceId: this.instanceId,
      platform: 'url' in platform ? { url: platform.url } : platform,
      stateDir,
      lineDir,
      repositoryPath,
      base,
      agent: agent.launch,
      settings: { ...own, stallMs, callMs },
      instructions: instructions?.() ?? '',
      workflow,
      workflowNote: note,
    };
  }

  /** What the person set in the editor, and what their policy on this machine adds. */
  async #settingsOf(settings: Partial<RunSettings>): Promise<RunSettings> {
    const { rules, hosts, readable, writable, effects, limits } = await readWorkerConfig(this.#options.stateDir);
    const own = RunSettings.parse(settings);
    return {
      ...own,
      stallMs: limits.stallMs ?? own.stallMs,
      callMs: limits.callMs ?? own.callMs,
      ...(limits.diskMb !== undefined && { diskBytes: limits.diskMb * 1024 * 1024 }),
      rules: [...own.rules, ...rules],
      hosts: [...own.hosts, ...hosts],
      readable: [...own.readable, ...readable],
      writable: [...own.writable, ...writable],
      effects: {
        forges: { ...own.effects.forges, ...effects.forges },
        toolServers: { ...own.effects.toolServers, ...effects.toolServers },
      },
    };
  }

  /** Attaches to a run and stays with it until its host is gone. */
  async #follow(sessionId: string, runDir: string): Promise<void> {
    const attached: Attached = { runDir, status: null, watch: null };
    this.#runs.set(sessionId, attached);
    this.#options.onChange();
    const record = await this.#recordOf(runDir);
    const gone = () => {
      attached.watch = null;
      void this.#gone(sessionId, attached);
    };
    if (!record) {
      gone();
      return;
    }
    try {
      attached.watch = await watchRun(
        record.controlSocket,
        (status) => {
          attached.status = status;
          this.#options.onChange();
        },
        gone,
      );
    } catch {
      gone();
    }
  }

  async #recordOf(runDir: string): Promise<HostRecord | null> {
    const file = path.join(runDir, runFiles.host);
    const until = performance.now() + 15_000;
    while (performance.now() < until && !this.#stop.signal.aborted) {
      const record = readPrivate(file, HostRecord);
      if (record) return record;
      await delay(20);
    }
    return null;
  }

  /** A host ended: well, or killed. What it could not say is said for it. */
  async #gone(sessionId: string, attached: Attached): Promise<void> {
    if (this.#runs.get(sessionId) !== attached) return;
    this.#runs.delete(sessionId);
    this.#options.onChange();
    if (this.#stop.signal.aborted) return;
    await this.#reconcile();
    this.#nudge();
  }

  #become(state: WorkerState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#options.onChange();
  }
}

/** As many runs of the repository are alive as its workflow file allows. */
class RepositoryFull extends BelayError {
  constructor(limit: number) {
    super('conflict', `WORKFLOW.md lets ${limit} of this repository's sessions run at once on one machine, and so many do.`, {
      hint: 'The session stays queued: wait for another to end, or raise "agent.max_concurrent_agents".',
    });
  }
}

/** What keeps a run from starting ends its session, but for want of room: that passes. */
function endOfFailedStart(error: unknown): RunEnd {
  if (error instanceof RepositoryFull) return { verb: 'release', reason: messageOf(error).slice(0, 2000), notBeforeMs: fullMs };
  return notStarted(error);
}
