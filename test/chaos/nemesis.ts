/** What goes wrong: single faults that are measured, and a storm of everything at once. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { Random } from '../support/random.ts';
import { maxConnections, type Cluster, type Victim } from './cluster.ts';
import { clean, type Link, type Toxics } from './proxy.ts';

export const measuredFaults = ['crash', 'repeatedKill', 'databaseRestart', 'backendKill', 'poolExhaustion'] as const;
export type MeasuredFault = (typeof measuredFaults)[number];

/** So long that the lease has ended and somebody else has the session. */
const overLeaseMs = [18_000, 24_000] as const;

export class Nemesis {
  /** How often each thing was done. */
  readonly done: Record<string, number> = {};
  private readonly harmed = new Set<Victim>();
  private readonly cluster: Cluster;
  private readonly random: Random;

  constructor(cluster: Cluster, random: Random) {
    this.cluster = cluster;
    this.random = random;
  }

  private count(what: string): void {
    this.done[what] = (this.done[what] ?? 0) + 1;
  }

  /** Does one measured fault for `ms`; it is over when this resolves. */
  async cause(fault: MeasuredFault, ms: number): Promise<void> {
    const end = performance.now() + ms;
    const over = (): boolean => performance.now() >= end;
    const { database, replicas } = this.cluster;
    switch (fault) {
      case 'crash': {
        const replica = this.random.pick(replicas);
        await replica.kill();
        this.count('replica killed');
        await sleep(ms);
        await replica.insist();
        return;
      }
      case 'repeatedKill':
        while (!over()) {
          const replica = this.random.pick(replicas);
          await replica.kill();
          this.count('replica killed');
          await Promise.all([replica.insist(), sleep(2_000)]);
        }
        return;
      case 'databaseRestart':
        await database.crash();
        this.count('database crashed');
        await sleep(ms / 2);
        await database.start();
        return;
      case 'backendKill':
        while (!over()) {
          await database.killBackends(0.5);
          this.count('backends killed');
          await sleep(100);
        }
        return;
      case 'poolExhaustion':
        await this.exhaust(over);
        return;
    }
  }

  /** Takes every connection the server has, those of the replicas too, and keeps them. */
  private async exhaust(over: () => boolean): Promise<void> {
    const { database } = this.cluster;
    const held = new Set<Client>();
    this.count('pool exhausted');
    await database.query('SELECT 1');
    const take = async (): Promise<boolean> => {
      const client = new Client(database.server.url());
      client.on('error', () => held.delete(client));
      try {
        await client.connect();
        held.add(client);
        return true;
      } catch {
        return false;
      }
    };
    const takeAll = async (): Promise<void> => {
      for (let tries = 0; tries < maxConnections && (await take()); tries++);
    };
    await takeAll();
    await database.killBackends(1);
    while (!over()) {
      await takeAll();
      await sleep(100);
    }
    await Promise.all([...held].map((client) => client.end().catch(() => {})));
  }

  /** Everything, at random moments, until `ms` are over; then all is well again. */
  async storm(ms: number): Promise<void> {
    const end = performance.now() + ms;
    const left = (): number => Math.max(0, end - performance.now());
    const running = new Set<Promise<void>>();
    let broken = false;
    // In every storm somebody writes with a claim that is over.
    const first = this.outlives(this.cluster.workers.filter(({ careless }) => careless)).finally(() => running.delete(first));
    running.add(first);
    while (left() > 0) {
      const act = this.random.pick([
        () => this.workerDies(),
        () => this.stands(this.cluster.workers, this.random.between(1_000, 10_000), 'worker stopped'),
        () => (left() > overLeaseMs[1] ? this.outlives(this.cluster.workers) : this.workerDies()),
        () => (left() > overLeaseMs[1] ? this.outlives(this.cluster.workers) : this.linkFails()),
        () => this.replicaDies(),
        () => this.stands(this.cluster.replicas, this.random.between(200, 6_000), 'replica stopped'),
        () => this.linkFails(),
        () => this.linkFails(),
        () => this.linkFails(),
      ]);
      // The database is one: it fails in one way at a time.
      const database = this.random.chance(0.15) && !broken;
      if (database) broken = true;
      const doing = (database ? this.databaseFails().finally(() => (broken = false)) : act()).finally(() => running.delete(doing));
      running.add(doing);
      await sleep(Math.min(left(), this.random.between(200, 1_200)));
    }
    await Promise.all(running);
    await this.cluster.heal();
  }

  /** One that nothing else befalls meanwhile: what wakes it too early would spoil it. */
  private async harm<V extends Victim>(victims: readonly V[], what: string, how: (victim: V) => Promise<void>): Promise<void> {
    const free = victims.filter((victim) => !this.harmed.has(victim));
    if (free.length === 0) return;
    const victim = this.random.pick(free);
    this.harmed.add(victim);
    this.count(what);
    await how(victim);
    this.harmed.delete(victim);
  }

  private workerDies(): Promise<void> {
    return this.harm(this.cluster.workers, 'worker killed', (worker) => this.dies(worker));
  }

  private replicaDies(): Promise<void> {
    return this.harm(this.cluster.replicas, 'replica killed', (replica) => this.dies(replica));
  }

  private async dies(victim: Victim): Promise<void> {
    await victim.kill();
    await sleep(this.random.between(0, 3_000));
    await victim.start();
  }

  private outlives(workers: readonly Victim[]): Promise<void> {
    return this.stands(workers, this.random.between(...overLeaseMs), 'worker stopped over its lease');
  }

  private stands(victims: readonly Victim[], ms: number, what: string): Promise<void> {
    return this.harm(victims, what, async (victim) => {
      victim.signal('SIGSTOP');
      await sleep(ms);
      victim.signal('SIGCONT');
    });
  }

  private async linkFails(): Promise<void> {
    const { workers, replicas } = this.cluster;
    const toDatabase = this.random.chance(0.4);
    const link: Link = toDatabase ? this.random.pick(replicas).database : this.random.pick(this.random.pick(workers).links);
    const how = this.random.pick(['slow', 'slice', 'hole', 'cut', 'reset'] as const);
    this.count(`link ${how}`);
    if (how === 'cut' || how === 'reset') {
      link.cut(this.random.next(), how === 'cut' ? 'end' : 'reset');
      return;
    }
    const kinds: Record<typeof how, Partial<Toxics>> = {
      slow: { delayMs: this.random.between(1, 200), jitterMs: this.random.between(1, 800) },
      slice: { slice: this.random.between(1, 200) },
      hole: { hole: true },
    };
    link.toxics = { ...clean, ...kinds[how] };
    // What a worker sends into a hole comes out after its lease.
    await sleep(this.random.between(500, how === 'hole' && !toDatabase ? 22_000 : 6_000));
    link.toxics = clean;
  }

  private async databaseFails(): Promise<void> {
    const { database } = this.cluster;
    const how = this.random.pick(['crash', 'freeze', 'backends'] as const);
    this.count(`database ${how}`);
    if (how === 'crash') {
      await database.crash();
      await sleep(this.random.between(0, 2_000));
      await database.start();
    } else if (how === 'freeze') {
      const go = await database.freeze();
      await sleep(this.random.between(200, 4_000));
      go();
    } else {
      for (let times = this.random.between(1, 20); times > 0; times--) {
        await database.killBackends(this.random.next());
        await sleep(100);
      }
    }
  }
}
