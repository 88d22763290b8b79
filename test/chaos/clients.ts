/** People around the workers: who queues sessions, cancels some, looks at them, and follows what happens. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { readStream } from '../../client/streams.ts';
import { Activity } from '../../protocol/activities.ts';
import { isBelayError } from '../../protocol/errors.ts';
import { WorkspaceEvent } from '../../protocol/events.ts';
import { routes } from '../../protocol/routes.ts';
import { routePath, type BelayApi } from '../../protocol/typedClient.ts';
import type { Random } from '../support/random.ts';
import type { Cluster } from './cluster.ts';
import { Recorder } from './history.ts';

const timeoutMs = 2_500;
const pauseMs = 200;
/** After so long without an event there are no more: nobody makes any. */
const quietMs = 2_000;
/** Far more than the faults of a run use up. */
const maxAttempts = 20;

/** Nothing follows these in a session. */
const finalKinds = new Set(['completion', 'failure', 'cancellation']);

interface Entry {
  readonly n: number;
  readonly key?: string;
  /** The reader leaves after this one. */
  readonly ends?: boolean;
}

export class Clients {
  readonly sessions: string[] = [];
  private readonly cluster: Cluster;
  private readonly random: Random;
  private readonly people: Recorder;
  private readonly stopping = new AbortController();
  private readonly reading = new AbortController();
  private readonly busy = new Set<Promise<void>>();
  /** How far each reader has read. */
  private readonly at = new Map<string, number>();
  private made = 0;

  constructor(cluster: Cluster, random: Random) {
    this.cluster = cluster;
    this.random = random;
    this.people = new Recorder(cluster.history, 'people');
  }

  private get api(): BelayApi {
    return this.random.pick(this.cluster.clients).api;
  }

  /** Keeps `backlog` sessions queued, looks around, follows everything with `readers` readers. */
  start(backlog: number, readers: number): void {
    this.run(() => this.produce(backlog));
    this.run(() => this.lookAround());
    for (let n = 0; n < readers; n++) void this.followWorkspace(`reader-${n}`);
  }

  /** Nothing new is queued; those who read go on. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.busy);
  }

  private run(work: () => Promise<void>): void {
    const running = work().finally(() => this.busy.delete(running));
    this.busy.add(running);
  }

  private get going(): boolean {
    return !this.stopping.signal.aborted;
  }

  private async produce(backlog: number): Promise<void> {
    while (this.going) {
      const { total } = await this.api
        .listSessions({ query: { state: ['queued'], limit: 1 }, timeoutMs })
        .catch(() => ({ total: backlog }));
      await Promise.all(Array.from({ length: Math.max(0, Math.min(backlog - total, 10)) }, () => this.create()));
      await sleep(100);
    }
  }

  /** The same request under one key until it is answered. */
  private async create(): Promise<void> {
    const n = (this.made += 1);
    const title = `s${n}`;
    const body = {
      itemId: null,
      title,
      agentId: this.cluster.agentId,
      mode: 'code',
      repositoryId: null,
      prompt: { kind: 'sections', sections: [] },
      folder: '',
      maxAttempts,
    } as const;
    for (let tries = 0; tries < 200; tries++) {
      try {
        const { id } = await this.people.operation(
          'create',
          null,
          { title },
          () =>
            this.api.createSession({
              body: { ...body, prompt: { kind: 'sections', sections: [] }, folder: '' },
              idempotencyKey: `create-${title}`,
              timeoutMs,
            }),
          (session) => ({ id: session.id }),
        );
        this.sessions.push(id);
        if (n % 17 === 5) this.run(() => this.cancel(id));
        if (n % 10 === 1) void this.followSession(id);
        return;
      } catch (error) {
        if (!isBelayError(error, 'unavailable')) throw error;
        await sleep(pauseMs);
      }
    }
  }

  private async cancel(id: string): Promise<void> {
    await sleep(this.random.between(50, 1_500));
    await this.people
      .operation(
        'cancel',
        id,
        {},
        () => this.api.cancelSession({ params: { id }, body: {}, timeoutMs }),
        ({ state }) => ({ state }),
      )
      .catch(() => {});
  }

  private async lookAround(): Promise<void> {
    while (this.going) {
      await sleep(100);
      const recent = this.sessions.slice(-40);
      if (recent.length > 0) await this.look(this.random.pick(this.random.chance(0.3) ? this.sessions : recent)).catch(() => {});
    }
  }

  /** Looks until it is answered. */
  async insistOn(id: string): Promise<void> {
    for (let tries = 0; tries < 50; tries++) {
      try {
        await this.look(id);
        return;
      } catch (error) {
        if (!isBelayError(error, 'unavailable')) throw error;
        await sleep(pauseMs);
      }
    }
  }

  private look(id: string): Promise<unknown> {
    return this.people.operation(
      'read',
      id,
      {},
      () => this.api.getSession({ params: { id }, timeoutMs }),
      ({ state, fence, lastSeq, ...rest }) => {
        const digest = createHash('sha256')
          .update(JSON.stringify({ state, fence, lastSeq, ...rest }))
          .digest('hex');
        return { state, fence, lastSeq, digest };
      },
    );
  }

  /** Reads a stream at one replica after another, from where it stands; leaves each after some seconds. */
  private follow(reader: string, key: string | null, path: string, entryOf: (data: unknown) => Entry): Promise<void> {
    const last = new AbortController();
    const recorder = new Recorder(this.cluster.history, reader);
    this.at.set(reader, 0);
    recorder.note('follow', key, {});
    return readStream({
      path,
      after: 0,
      signal: AbortSignal.any([this.reading.signal, last.signal]),
      onState: () => {},
      onData: (data) => {
        const { ends, ...entry } = entryOf(data);
        this.at.set(reader, entry.n);
        recorder.note(key === null ? 'event' : 'activity', key, entry);
        if (ends) last.abort();
      },
      open: async (message) => {
        const { open } = this.random.pick(this.cluster.clients);
        const reply = await recorder.operation(
          'open',
          key,
          {},
          () => open(message),
          () => ({}),
        );
        const leave = setTimeout(() => reply.destroy(), this.random.between(1_000, 6_000));
        reply.once('close', () => {
          clearTimeout(leave);
        });
        return reply;
      },
    });
  }

  private followWorkspace(reader: string): Promise<void> {
    return this.follow(reader, null, routes.workspaceEvents.path, (data) => ({ n: WorkspaceEvent.parse(data).n }));
  }

  private followSession(id: string): Promise<void> {
    return this.follow(`reader of ${id}`, id, routePath(routes.sessionEvents, { id }), (data) => {
      const { seq, key, kind } = Activity.parse(data);
      return { n: seq, key, ends: finalKinds.has(kind) };
    });
  }

  /** The numbers of all the workspace's events, as one who comes last is given them. */
  async allEvents(): Promise<number[]> {
    const numbers: number[] = [];
    const enough = new AbortController();
    let quiet: NodeJS.Timeout | undefined;
    const arrived = (): void => {
      clearTimeout(quiet);
      quiet = setTimeout(() => {
        enough.abort();
      }, quietMs);
    };
    const [client] = this.cluster.clients;
    await readStream({
      path: routes.workspaceEvents.path,
      after: 0,
      signal: enough.signal,
      onState: () => {},
      onData: (data) => {
        numbers.push(WorkspaceEvent.parse(data).n);
        arrived();
      },
      open: client!.open,
    });
    arrived();
    if (!enough.signal.aborted) await once(enough.signal, 'abort');
    return numbers;
  }

  /** Waits until every reader has read up to its end, at most so long: what is missing then, the check reports. */
  async readOut(events: number, lastSeqOf: ReadonlyMap<string, number>, withinMs: number): Promise<void> {
    const behind = (): boolean =>
      [...this.at].some(([reader, at]) => at < (reader.startsWith('reader of ') ? (lastSeqOf.get(reader.slice(10)) ?? 0) : events));
    for (const end = performance.now() + withinMs; behind() && performance.now() < end;) await sleep(50);
    this.reading.abort();
  }
}
