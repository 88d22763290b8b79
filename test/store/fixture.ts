/** A store with people and workers in it, and a clock the test moves. */
import type { ActivityDraft } from '../../protocol/activities.ts';
import type { Holder } from '../../protocol/exchange.ts';
import type { Execution, Input, SessionResult, StoredAgent, StoredSession, Worker } from '../../protocol/records.ts';
import { leaseProfiles, type SessionStateName } from '../../protocol/states.ts';
import type { StoreSettings } from '../../platform/store/base/engine.ts';
import type { Bodies, Call, Duty, PollInput, PollOutcome } from '../../platform/store/base/calls.ts';
import type { Store } from '../../platform/store/createStore.ts';
import { asHolders } from '../support/asHolders.ts';

export const profile = leaseProfiles.fast;
export type OpenStore = (settings: StoreSettings) => Promise<Store>;

export const result: SessionResult = {
  outcome: 'changes',
  summary: 'did it',
  baseCommit: 'a'.repeat(40),
  headCommit: 'b'.repeat(40),
  ref: 'refs/belay/x',
  agentCommits: 1,
  files: [],
  heldBack: [],
  added: 1,
  deleted: 0,
  checks: [],
};

export interface Standing {
  readonly state: SessionStateName;
  readonly held: boolean;
}
export const standingOf = (session: StoredSession): Standing => ({ state: session.state, held: session.claim !== null });

export interface Arrived {
  readonly session: StoredSession;
  /** Who holds it, or held it last; a made-up holder when nobody did. */
  readonly holder: Holder;
  readonly input: Input | null;
}

export class Fixture {
  /** Its callers hold whatever claim they name. */
  readonly store: Store;
  /** The store itself, where a caller holds what it shows. */
  readonly opened: Store;
  /** Topics woken so far. */
  readonly woken: string[];
  now = 1_000_000;
  call: Call;
  agents: Record<Execution, StoredAgent>;
  workers: Record<Execution, Worker>;
  private requests = 0;

  private constructor(
    opened: Store,
    woken: string[],
    call: Call,
    agents: Record<Execution, StoredAgent>,
    workers: Record<Execution, Worker>,
  ) {
    this.opened = opened;
    this.store = asHolders(opened);
    this.woken = woken;
    this.call = call;
    this.agents = agents;
    this.workers = workers;
  }

  static async open(open: OpenStore): Promise<Fixture> {
    let ids = 0;
    const woken: string[] = [];
    const store = await open({
      profile,
      newId: (prefix) => `${prefix}_${(ids += 1)}`,
      chance: () => 0.5,
      onWake: (topics) => woken.push(...topics),
    });
    const caller = await store.ensureWorkspace(1_000_000, { workspace: 'Test', member: 'ann' });
    const call = { now: 1_000_000, caller };
    const agent = (execution: Execution) =>
      store.ensureAgent(call, { slug: execution, name: execution, execution, driver: 'practice', instructions: 'Be brief.' });
    const agents = { local: await agent('local'), cloud: await agent('cloud') };
    const worker = (execution: Execution) =>
      store.ensureWorker(call, {
        machine: execution,
        execution,
        agentIds: [agents[execution].id],
        capacity: 4,
        instanceId: `${execution}-1`,
        program: 'test',
        version: '1',
      });
    const workers = { local: await worker('local'), cloud: await worker('cloud') };
    return new Fixture(store, woken, call, agents, workers);
  }

  get duty(): Duty {
    return { now: this.now, workspaceId: this.call.caller.workspaceId };
  }

  /** Moves the clock. */
  wait(ms: number): void {
    this.now += ms;
    this.call = { ...this.call, now: this.now };
  }

  create(over: Partial<Bodies['createSession']> & { execution?: Execution } = {}): Promise<StoredSession> {
    const { execution = 'cloud', ...rest } = over;
    return this.store.createSession(this.call, {
      itemId: null,
      title: 'work',
      agentId: this.agents[execution].id,
      mode: 'code',
      repositoryId: null,
      prompt: { kind: 'sections', sections: [] },
      folder: '',
      ...rest,
    });
  }

  poll(over: Partial<PollInput> & { execution?: Execution } = {}): Promise<PollOutcome> {
    const { execution = 'cloud', ...rest } = over;
    return this.store.poll(this.call, {
      workerId: this.workers[execution].id,
      instanceId: `${execution}-1`,
      requestId: `r${(this.requests += 1)}`,
      capacity: 0,
      reclaim: [],
      repositoryIds: [],
      renewals: [],
      watch: [],
      ...rest,
    });
  }

  async claim(sessionId: string, execution: Execution = 'cloud'): Promise<Holder> {
    const { claims } = await this.poll({ capacity: 1, sessionId, execution });
    const [grant] = claims;
    if (!grant) throw new Error(`${sessionId} was not to be had`);
    return { instanceId: `${execution}-1`, fence: grant.fence };
  }

  ask(sessionId: string, holder: Holder, over: Partial<Bodies['ask']> = {}): Promise<Input> {
    return this.store.ask(this.call, sessionId, {
      holder,
      key: 'q1',
      kind: 'approval',
      actionHash: 'hash',
      title: 'Run it?',
      detail: '',
      options: [
        { id: 'yes', label: 'Yes', effect: 'allow_once' },
        { id: 'no', label: 'No', effect: 'deny' },
      ],
      acceptsText: false,
      expiresInMs: 3_600_000,
      ...over,
    });
  }

  answer(inputId: string): Promise<Input> {
    return this.store.answerInput(this.call, inputId, { optionId: 'yes', text: null, actionHash: 'hash' });
  }

  /** Lets the lease of every claim run out, and the reaper see it. */
  async loseLeases(): Promise<void> {
    await this.store.reap(this.duty);
    for (let waited = 0; waited <= profile.lease + profile.grace + profile.reap; waited += profile.reap) {
      this.wait(profile.reap);
      await this.store.reap(this.duty);
    }
  }

  get(id: string): Promise<StoredSession> {
    return this.store.getSession(this.call, id);
  }

  /** A new session, brought to `standing` by the store's own operations. */
  async arrive({ state, held }: Standing): Promise<Arrived> {
    const nobody = { instanceId: 'cloud-1', fence: 1 };
    const done = async (id: string, holder: Holder, input: Input | null = null): Promise<Arrived> => ({
      session: await this.get(id),
      holder,
      input,
    });
    if (state === 'pending') return done((await this.create({ notBefore: this.now + 60_000 })).id, nobody);
    // Local: its stale state lasts until somebody acts.
    const { id } = await this.create({ execution: 'local', maxAttempts: 5 });
    if (state === 'queued') return done(id, { instanceId: 'local-1', fence: 1 });
    const holder = await this.claim(id, 'local');
    if (state === 'active') return done(id, holder);
    if (state === 'awaiting_input') {
      const input = await this.ask(id, holder);
      if (!held) await this.store.park(this.call, id, { holder });
      return done(id, holder, input);
    }
    if (state === 'stale') await this.loseLeases();
    if (state === 'complete') await this.store.complete(this.call, id, { holder, result, usage: null });
    if (state === 'error')
      await this.store.fail(this.call, id, { holder, error: { code: 'x', message: 'y', hint: null }, usage: null, result: null });
    if (state === 'cancelled') await this.store.cancelled(this.call, id, { holder, text: '', result: null, usage: null });
    return done(id, holder);
  }
}

export const message = (key: string, text = key): ActivityDraft => ({ key, at: 5, kind: 'progress', body: { type: 'message', text } });
