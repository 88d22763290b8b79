/**
 * The worker: registers this machine's agents, asks the platform for work as long as there is room,
 * starts a run host for each claim and follows it to its end. Several of these may live at once, one
 * a window: instance and fence keep them apart.
 */
import { BelayError, messageOf } from '../../protocol/errors.ts';
import type { ClaimGrant } from '../../protocol/exchange.ts';
import { recoverRuns } from '../run/recover.ts';
import { readWorkerConfig } from '../workerConfig/workerConfig.ts';
import { AttachedRuns } from './attachedRuns.ts';
import { Exchange } from './exchange.ts';
import { PollLoop } from './pollLoop.ts';
import { RunStarter } from './runStarter.ts';
import type { AttachedRun, Worker, WorkerOptions, WorkerState } from './types.ts';

export type { OfferedAgent, WaitingWorkflow, Worker, WorkerOptions } from './types.ts';

const holdMs = 20_000;

export function createWorker(options: WorkerOptions): Worker {
  return new LocalWorker(options);
}

class LocalWorker implements Worker {
  readonly #options: WorkerOptions;
  readonly #exchange: Exchange;
  readonly #starter: RunStarter;
  readonly #runs: AttachedRuns;
  readonly #polling: PollLoop;
  #state: WorkerState = 'stopped';
  #problem: string | null = null;
  #capacity: number;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#capacity = options.capacity;
    this.#exchange = new Exchange(options);
    this.#starter = new RunStarter(options, this.#exchange.instanceId);
    this.#polling = new PollLoop({
      exchange: (signal) => this.#askForWork(signal),
      comeBack: () => this.#backOnline(),
      onFailure: (error) => {
        this.#become('offline');
        options.log(`The platform does not answer: ${messageOf(error)}`);
      },
    });
    this.#runs = new AttachedRuns({
      onChange: options.onChange,
      onGone: () => void this.#afterRun(),
      stopped: () => this.#polling.signal.aborted,
    });
  }

  get state(): WorkerState {
    return this.#state;
  }
  get problem(): string | null {
    return this.#problem;
  }
  get id(): string | null {
    return this.#exchange.workerId;
  }
  get instanceId(): string {
    return this.#exchange.instanceId;
  }
  get agentIds(): ReadonlyMap<string, string> {
    return this.#exchange.agentIds;
  }
  runs(): readonly AttachedRun[] {
    return this.#runs.list();
  }

  async start(): Promise<void> {
    if (this.#state !== 'stopped') return;
    this.#polling.open();
    this.#become('starting');
    try {
      await this.#exchange.register(this.#capacity);
      await this.#reconcile();
    } catch (error) {
      this.#become('stopped');
      throw error;
    }
    this.#become('online');
    this.#polling.start();
  }

  async stop(choice: 'finish' | 'stop'): Promise<void> {
    if (this.#state === 'stopped') return;
    await this.#polling.stop();
    if (choice === 'stop') await this.#runs.giveBack();
    this.#runs.detach();
    this.#become('stopped');
  }

  async claimNow(sessionId: string): Promise<void> {
    await readWorkerConfig(this.#options.stateDir);
    const wanted = { capacity: 1, sessionId, waitMs: 0 };
    const reply = await this.#exchange.ask(wanted, () => true, this.#polling.signal);
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
    this.#polling.nudge();
  }

  endRun(sessionId: string, how: 'give_back' | 'cancel'): void {
    this.#runs.end(sessionId, how);
  }

  async #askForWork(signal: AbortSignal): Promise<number> {
    const room = (await this.#mayClaim()) ? Math.max(0, this.#capacity - this.#runs.size) : 0;
    const wanted = { capacity: room, waitMs: holdMs, reclaim: room > 0 ? await this.#staleHere() : [] };
    const reply = await this.#exchange.ask(wanted, (repositoryId) => this.#starter.hasRoom(repositoryId), signal);
    this.#become('online');
    for (const grant of reply.claims)
      await this.#begin(grant).catch((error: unknown) => {
        this.#options.log(`Session ${grant.session.id} was given back: ${messageOf(error)}`);
      });
    return reply.nextMs;
  }

  async #begin(grant: ClaimGrant): Promise<void> {
    const runDir = await this.#starter.start(grant, this.#exchange.registration.workerId);
    void this.#runs.follow(grant.session.id, runDir);
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

  /** The platform answers again: it is told who we are, and what runs could not say while it was away. */
  async #backOnline(): Promise<void> {
    await this.#exchange.register(this.#capacity);
    this.#become('online');
    await this.#reconcile();
  }

  /** Says for hosts that are gone what they could not say, and follows those that live. */
  async #reconcile(): Promise<void> {
    const { api, stateDir, log } = this.#options;
    const { workspaceId } = this.#exchange.registration;
    for (const run of await recoverRuns({ api, stateDir, workspaceId, log })) {
      const { id } = run.spec.grant.session;
      if (!this.#runs.has(id)) void this.#runs.follow(id, run.runDir);
    }
  }

  /** What an ended host could not say is said for it, and its room is free. */
  async #afterRun(): Promise<void> {
    await this.#reconcile();
    this.#polling.nudge();
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

  #become(state: WorkerState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#options.onChange();
  }
}
