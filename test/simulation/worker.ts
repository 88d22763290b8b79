/** A worker as the design has it: claims, renews, keeps a journal on disk, stops writing outward in time, comes back. */
import type { ActivityDraft } from '../../protocol/activities.ts';
import { isBelayError } from '../../protocol/errors.ts';
import type { Holder } from '../../protocol/exchange.ts';
import type { Execution, StoredSession, SessionResult } from '../../protocol/records.ts';
import type { PollOutcome } from '../../platform/store/base/calls.ts';
import { Violation } from './checker.ts';
import type { SimReplica } from './replica.ts';
import { profile } from './settings.ts';
import type { World } from './world.ts';

type Outcome<T> = { readonly value: T } | { readonly error: string } | 'timeout';
/** What a request does at the replica it reached: answers, now or later, and gives the way to say that nobody waits. */
type Exchange<T> = (replica: SimReplica, answer: (value: T) => void) => Promise<(() => void) | undefined>;

interface Run {
  readonly session: string;
  readonly holder: Holder;
  /** Activities still to be made. */
  steps: number;
  asked: number;
  waitingFor: string | null;
  waitingSince: number;
  /** Answers that reached the agent; the reply to the question may still be on its way. */
  readonly answered: Set<string>;
  /** When the last renewal that got through was sent. */
  good: number;
  cancelling: boolean;
  finishing: boolean;
  over: boolean;
}

/** Survives a crash. */
interface Journal {
  readonly session: string;
  readonly holder: Holder;
  readonly unsent: ActivityDraft[];
  written: number;
  sending: boolean;
}

const result: SessionResult = {
  outcome: 'changes',
  summary: 'done',
  baseCommit: null,
  headCommit: null,
  ref: null,
  agentCommits: 0,
  files: [],
  heldBack: [],
  added: 0,
  deleted: 0,
  checks: [],
};
/** How long a poll may be held, and the pause between two. */
const holdsMs = [0, 2_000, 6_000];
const pauseMs = 1_000;

/** An exchange that is answered when it is done. */
const once =
  <T>(work: () => Promise<T>): Exchange<T> =>
  async (_, answer) => {
    answer(await work());
    return undefined;
  };

export interface WorkerSettings {
  readonly name: string;
  readonly machine: string;
  readonly execution: Execution;
  readonly agentId: string;
  readonly repositoryId: string | null;
  readonly capacity: number;
}

export class SimWorker {
  private readonly world: World;
  private readonly settings: WorkerSettings;
  private workerId = '';
  private boot = 0;
  private pausedUntil = 0;
  /** The replica it talks to: another one after each time that none answered. */
  private turn = 0;
  /** Ways to tell the platform that nobody waits for an answer any more. */
  private readonly waiting = new Set<() => void>();
  private requests = 0;
  private request: string | null = null;
  private runs = new Map<string, Run>();
  private readonly journals: Journal[] = [];
  /** Local sessions whose claim was lost here: wanted back. */
  private wanted = new Set<string>();

  constructor(world: World, settings: WorkerSettings) {
    this.world = world;
    this.settings = settings;
  }

  private get instance(): string {
    return `${this.settings.name}.${this.boot}`;
  }

  async start(): Promise<void> {
    this.boot += 1;
    const { machine, execution, agentId, capacity } = this.settings;
    const worker = await this.world.store.ensureWorker(this.world.call(), {
      machine,
      execution,
      agentIds: [agentId],
      capacity,
      instanceId: this.instance,
      program: 'sim',
      version: '1',
    });
    this.workerId = worker.id;
    for (const journal of this.journals) {
      journal.sending = false;
      this.flush(journal);
    }
    this.later(this.world.random.between(0, 2_000), () => {
      this.poll();
    });
    this.mayCrash();
  }

  private mayCrash(): void {
    this.later(1_000, () => {
      const { random, faults } = this.world;
      if (random.chance(faults.partition))
        this.world.cut(this.settings.name, random.pick(this.world.replicas), random.between(500, 2 * profile.lease));
      if (!random.chance(faults.crash)) {
        this.mayCrash();
        return;
      }
      this.world.checker.trace(`${this.instance} crashes`);
      if (this.settings.execution === 'local') for (const run of this.runs.values()) if (!run.over) this.wanted.add(run.session);
      this.boot += 1;
      this.runs = new Map();
      this.request = null;
      // The machine ends the connections of a process that is gone.
      for (const leave of this.waiting) leave();
      this.waiting.clear();
      this.world.soon(random.between(100, 2 * profile.lease), () => this.start());
    });
  }

  /** Runs `work` in this process: not after a crash, and not while it stands still. */
  private later(delay: number, work: () => void): void {
    const boot = this.boot;
    const attempt = (): void => {
      if (this.boot !== boot) return;
      if (this.world.clock.now < this.pausedUntil) this.world.clock.after(this.pausedUntil - this.world.clock.now, attempt);
      else work();
    };
    this.world.clock.after(delay, attempt);
  }

  /** Sends over a bad line. `done` is told once: the reply, the refusal, or that none came in time. */
  private send<T>(exchange: Exchange<T>, done: (outcome: Outcome<T>) => void, { pauses = 1, waitMs = 0 } = {}): void {
    const { world } = this;
    const { random, faults } = world;
    const replica = world.replicas[this.turn % world.replicas.length]!;
    const name = this.settings.name;
    // The process may stand still between having decided to send and sending.
    let pause = 0;
    if (random.chance(pauses * faults.pause)) {
      pause = random.between(0, 3 * profile.lease);
      this.pausedUntil = Math.max(this.pausedUntil, world.clock.now + pause);
    }
    let answered = false;
    const finish = (outcome: Outcome<T>): void => {
      if (answered) return;
      answered = true;
      this.waiting.delete(leave);
      if (outcome === 'timeout') {
        this.turn += 1;
        leave();
      }
      done(outcome);
    };
    const answer = (outcome: Outcome<T>): void => {
      const back = world.leg(name, replica);
      if (back !== null)
        this.later(back, () => {
          finish(outcome);
        });
    };
    const leaves: (() => void)[] = [];
    const leave = (): void => {
      const there = world.leg(name, replica);
      if (there !== null)
        world.clock.after(there, () => {
          for (const one of leaves) one();
        });
    };
    this.waiting.add(leave);
    const copies = random.chance(faults.repeat) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const there = world.leg(name, replica);
      if (there === null) continue;
      replica.receive(pause + there, async () => {
        try {
          const gone = await exchange(replica, (value) => {
            answer({ value });
          });
          if (gone) leaves.push(gone);
        } catch (error) {
          if (error instanceof Violation || !isBelayError(error)) throw error;
          answer({ error: error.code });
        }
      });
    }
    this.later(profile.timeout + waitMs + pause, () => {
      finish('timeout');
    });
  }

  private poll(): void {
    const { world, settings } = this;
    const sentAt = world.clock.now;
    const waitMs = world.random.pick(holdsMs);
    this.request ??= `${this.instance}-${(this.requests += 1)}`;
    const active = [...this.runs.values()].filter((run) => !run.over);
    const input = {
      workerId: this.workerId,
      instanceId: this.instance,
      requestId: this.request,
      capacity: Math.max(0, settings.capacity - active.length),
      reclaim: [...this.wanted],
      repositoryIds: settings.repositoryId === null ? [] : [settings.repositoryId],
      renewals: active.map((run) => ({ sessionId: run.session, fence: run.holder.fence })),
      watch: [],
    };
    this.send<PollOutcome>(
      (replica, answer) => replica.poll(input, waitMs, answer),
      (outcome) => {
        if (outcome === 'timeout') {
          this.later(profile.retry, () => {
            this.poll();
          });
          return;
        }
        this.request = null;
        if ('value' in outcome) this.hear(outcome.value, sentAt);
        const quiet = waitMs > 0 ? pauseMs : profile.renew;
        this.later(quiet * (0.5 + world.random.next() / 2), () => {
          this.poll();
        });
      },
      { waitMs },
    );
  }

  private hear(reply: PollOutcome, sentAt: number): void {
    for (const { sessionId } of reply.renewed) {
      const run = this.runs.get(sessionId);
      if (run) run.good = Math.max(run.good, sentAt);
    }
    for (const { sessionId, fence, code } of reply.lost) {
      const run = this.runs.get(sessionId);
      if (run?.holder.fence === fence) this.lose(run, code);
    }
    for (const grant of reply.claims) {
      const known = this.runs.get(grant.session.id);
      if (known && known.holder.fence >= grant.fence) continue;
      if (known) known.over = true;
      this.begin(grant.session, grant.fence, sentAt);
    }
    for (const { sessionId } of reply.cancels) {
      const run = this.runs.get(sessionId);
      if (run) run.cancelling = true;
    }
    for (const input of reply.answers) {
      const run = this.runs.get(input.sessionId);
      if (run && !run.over) this.deliver(run, input.id);
    }
    for (const message of reply.messages) {
      const run = this.runs.get(message.sessionId);
      if (run && !run.over) this.hand(run, message.id);
    }
  }

  /** Hands a message to the agent. When this is lost, the next poll brings it again. */
  private hand(run: Run, messageId: string): void {
    const { world } = this;
    this.write(
      'message',
      run,
      () => world.store.messageDelivered(world.call(), run.session, messageId, { holder: run.holder }),
      (outcome) => {
        this.refused(run, outcome);
      },
    );
  }

  private begin(session: StoredSession, fence: number, sentAt: number): void {
    const { random } = this.world;
    this.wanted.delete(session.id);
    const holder = { instanceId: this.instance, fence };
    const run: Run = {
      session: session.id,
      holder,
      steps: random.between(1, 9),
      asked: random.chance(0.5) ? 0 : 1,
      waitingFor: null,
      waitingSince: 0,
      answered: new Set(),
      good: sentAt,
      cancelling: false,
      finishing: false,
      over: false,
    };
    this.runs.set(session.id, run);
    const journal: Journal = { session: session.id, holder, unsent: [], written: 0, sending: false };
    this.journals.push(journal);
    this.goOn(run, journal);
  }

  private lose(run: Run, code: string): void {
    run.over = true;
    this.runs.delete(run.session);
    if (code === 'claim_lost' && this.settings.execution === 'local') this.wanted.add(run.session);
    else this.wanted.delete(run.session);
  }

  private goOn(run: Run, journal: Journal): void {
    this.later(this.world.random.between(50, 4_000), () => {
      if (!run.over) this.act(run, journal);
    });
  }

  private act(run: Run, journal: Journal): void {
    const { world } = this;
    const silent = world.clock.now - run.good > profile.stop;
    if (silent && this.settings.execution === 'cloud') {
      world.checker.trace(`${this.instance} gives up ${run.session}`);
      this.lose(run, 'claim_lost');
      return;
    }
    if (run.waitingFor !== null && !run.cancelling) {
      if (world.clock.now - run.waitingSince > 8_000 && !silent) this.park(run);
      this.goOn(run, journal);
      return;
    }
    if (run.steps > 0 && !run.cancelling) {
      run.steps -= 1;
      journal.written += 1;
      const key = `${run.holder.fence}.${journal.written}`;
      journal.unsent.push({ key, at: world.clock.now, kind: 'progress', body: { type: 'message', text: `${run.session} ${key}` } });
      this.flush(journal);
      if (run.asked === 0 && world.random.chance(0.5)) this.ask(run);
    } else if (!silent && journal.unsent.length === 0 && !run.finishing) this.finish(run);
    this.goOn(run, journal);
  }

  private flush(journal: Journal): void {
    if (journal.sending || journal.unsent.length === 0) return;
    journal.sending = true;
    const { world } = this;
    const batch = journal.unsent.slice(0, 4);
    world.checker.sending(journal.session, batch);
    this.send(
      once(() =>
        world.checker.holderWrite('append', journal.session, journal.holder, () =>
          world.store.append(world.call(), journal.session, { holder: journal.holder, activities: batch }),
        ),
      ),
      (outcome) => {
        journal.sending = false;
        if (outcome !== 'timeout' && 'value' in outcome) {
          world.checker.acknowledge(journal.session, batch);
          journal.unsent.splice(0, batch.length);
          const run = this.runs.get(journal.session);
          if (outcome.value.late > 0 && run?.holder.fence === journal.holder.fence) this.lose(run, 'claim_lost');
        }
        this.later(world.random.between(20, profile.retry), () => {
          this.flush(journal);
        });
      },
    );
  }

  private write<T>(name: string, run: Run, exec: () => Promise<T>, done: (outcome: Outcome<T>) => void): void {
    // Between the last check and these sends lies real work (the hand-over), and so the longest pauses.
    this.send(
      once(() => this.world.checker.holderWrite(name, run.session, run.holder, exec)),
      done,
      { pauses: 3 },
    );
  }

  private refused(run: Run, outcome: Outcome<unknown>): boolean {
    if (outcome === 'timeout' || !('error' in outcome)) return false;
    if (outcome.error === 'claim_lost' || outcome.error === 'session_final') this.lose(run, outcome.error);
    return true;
  }

  private ask(run: Run): void {
    run.asked = 1;
    const { world } = this;
    const request = {
      holder: run.holder,
      key: `${run.holder.fence}.q`,
      kind: 'question' as const,
      actionHash: 'h',
      title: 'Shall I?',
      detail: '',
      options: [{ id: 'yes', label: 'Yes', effect: 'answer' as const }],
      acceptsText: false,
      expiresInMs: world.random.between(5_000, 60_000),
    };
    const attempt = (): void => {
      if (run.over) return;
      this.write(
        'ask',
        run,
        () => world.store.ask(world.call(), run.session, request),
        (outcome) => {
          if (this.refused(run, outcome) || run.over) return;
          if (outcome === 'timeout') attempt();
          else if ('value' in outcome && outcome.value.deliveredAt === null && !run.answered.has(outcome.value.id)) {
            run.waitingFor = outcome.value.id;
            run.waitingSince = world.clock.now;
          }
        },
      );
    };
    attempt();
  }

  private deliver(run: Run, inputId: string): void {
    const { world } = this;
    run.answered.add(inputId);
    if (run.waitingFor === inputId) run.waitingFor = null;
    const attempt = (): void => {
      if (run.over) return;
      this.write(
        'deliver',
        run,
        () => world.store.inputDelivered(world.call(), run.session, inputId, { holder: run.holder }),
        (outcome) => {
          if (!this.refused(run, outcome) && outcome === 'timeout') attempt();
        },
      );
    };
    attempt();
  }

  private park(run: Run): void {
    const { world } = this;
    this.write(
      'park',
      run,
      () => world.store.park(world.call(), run.session, { holder: run.holder }),
      (outcome) => {
        if (this.refused(run, outcome) || outcome === 'timeout' || run.over) return;
        run.over = true;
        this.runs.delete(run.session);
      },
    );
  }

  private finish(run: Run): void {
    run.finishing = true;
    const { world } = this;
    const { store, random } = world;
    const { holder, session } = run;
    const release = { holder, reason: 'not now', notBeforeMs: random.chance(0.5) ? random.between(1, 20_000) : null };
    const error = { code: 'agent_failed', message: 'it did not work', hint: null };
    const endings: Record<string, () => Promise<StoredSession>> = {
      complete: () => store.complete(world.call(), session, { holder, result, usage: null }),
      fail: () => store.fail(world.call(), session, { holder, error, usage: null, result: null }),
      release: () => store.release(world.call(), session, release),
      cancelled: () => store.cancelled(world.call(), session, { holder, text: 'stopped', result: null, usage: null }),
    };
    const name = run.cancelling ? 'cancelled' : random.pick(['complete', 'complete', 'fail', 'release', 'release', 'cancelled']);
    const attempt = (): void => {
      if (run.over) return;
      // No exit is used without a good renewal; the next one, or the loss, decides.
      if (world.clock.now - run.good > profile.stop) {
        run.finishing = false;
        return;
      }
      this.write(name, run, endings[name]!, (outcome) => {
        if (outcome === 'timeout') attempt();
        else if (!this.refused(run, outcome)) {
          run.over = true;
          this.runs.delete(session);
        } else if (!run.over) run.finishing = false;
      });
    };
    attempt();
  }
}
