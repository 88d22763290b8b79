/** What a worker says to the platform of itself, and how it asks for work so that no claim is lost with a reply. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { BelayError } from '../../protocol/errors.ts';
import type { PollReply } from '../../protocol/exchange.ts';
import type { WorkerOptions } from './types.ts';

export interface WorkWanted {
  readonly capacity: number;
  readonly waitMs: number;
  /** This session and no other. */
  readonly sessionId?: string;
  readonly reclaim?: string[];
}
/** As the platform knows this worker. */
export interface Registration {
  readonly workerId: string;
  readonly workspaceId: string;
}

export class Exchange {
  readonly instanceId = randomUUID();
  /** Agent ids by slug, once registered. */
  readonly agentIds = new Map<string, string>();
  readonly #options: Pick<WorkerOptions, 'agents' | 'api' | 'bindings' | 'machine' | 'program' | 'version'>;
  /** Request ids of exchanges that asked for work and got no reply, by the session they named; '' is any. */
  readonly #unanswered = new Map<string, string>();
  /** Null before the first time. */
  #registration: Registration | null = null;

  constructor(options: Pick<WorkerOptions, 'agents' | 'api' | 'bindings' | 'machine' | 'program' | 'version'>) {
    this.#options = options;
  }

  get workerId(): string | null {
    return this.#registration?.workerId ?? null;
  }

  /** Throws `conflict` before the worker was registered. */
  get registration(): Registration {
    if (this.#registration === null) throw new BelayError('conflict', 'The worker is not started.', { hint: 'Start it first.' });
    return this.#registration;
  }

  async register(capacity: number): Promise<void> {
    const { api, agents, machine, program, version } = this.#options;
    for (const { slug, name, launch } of agents) {
      const agent = await api.ensureAgent({ body: { slug, name, execution: 'local', driver: launch.driver } });
      this.agentIds.set(slug, agent.id);
    }
    const { instanceId } = this;
    const agentIds = [...this.agentIds.values()];
    const worker = await api.ensureWorker({ body: { machine, execution: 'local', agentIds, capacity, instanceId, program, version } });
    this.#registration = { workerId: worker.id, workspaceId: worker.workspaceId };
  }

  /**
   * One exchange. After one that asked for work and got no reply, the same request is repeated first: the platform may have
   * claimed for it, and gives exactly that again. `hasRoom`: whether another run of this repository may begin here.
   */
  async ask(wanted: WorkWanted, hasRoom: (repositoryId: string) => boolean, signal: AbortSignal): Promise<PollReply> {
    const named = wanted.sessionId ?? '';
    const unanswered = wanted.capacity > 0 ? this.#unanswered.get(named) : undefined;
    if (unanswered !== undefined) {
      this.#unanswered.delete(named);
      const reply = await this.#send(unanswered, { ...wanted, waitMs: 0 }, hasRoom, signal);
      if (reply.claims.length > 0) return reply;
    }
    return await this.#send(randomUUID(), wanted, hasRoom, signal);
  }

  async #send(requestId: string, wanted: WorkWanted, hasRoom: (repositoryId: string) => boolean, signal: AbortSignal): Promise<PollReply> {
    const { api, bindings } = this.#options;
    const { workerId } = this.registration;
    const repositoryIds = Object.entries(bindings())
      .filter(([id, folder]) => existsSync(folder) && (wanted.sessionId !== undefined || hasRoom(id)))
      .map(([id]) => id);
    try {
      return await api.poll({
        body: { workerId, instanceId: this.instanceId, requestId, repositoryIds, ...wanted },
        timeoutMs: wanted.waitMs + 5000,
        signal,
      });
    } catch (error) {
      if (wanted.capacity > 0) this.#unanswered.set(wanted.sessionId ?? '', requestId);
      throw error;
    }
  }
}
