/** What goes wrong: single faults that are measured, and a storm of everything at once. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { Random } from '../simulation/random.ts';
import { maxConnections, type Cluster } from './cluster.ts';
import { clean, type Link, type Toxics } from './proxy.ts';

export const measuredFaults = ['crash', 'repeatedKill', 'databaseRestart', 'backendKill', 'poolExhaustion'] as const;
export type MeasuredFault = (typeof measuredFaults)[number];

export class Nemesis {
  /** How often each thing was done. */
  readonly done: Record<string, number> = {};
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
    let harmed = false;
    while (left() > 0) {
      const act = this.random.pick([
        () => this.workerDies(),
        () => this.stands(this.random.pick(this.cluster.workers), this.random.between(1_000, 25_000), 'worker stopped'),
        () => this.stands(this.random.pick(this.cluster.workers), this.random.between(1_000, 25_000), 'worker stopped'),
        () => this.replicaDies(),
        () => this.stands(this.random.pick(this.cluster.replicas), this.random.between(200, 6_000), 'replica stopped'),
        () => this.linkFails(),
        () => this.linkFails(),
        () => this.linkFails(),
      ]);
      // The database is one: it fails in one way at a time.
      const database = this.random.chance(0.15) && !harmed;
      if (database) harmed = true;
      const doing = (database ? this.databaseFails().finally(() => (harmed = false)) : act()).finally(() => running.delete(doing));
      running.add(doing);
      await sleep(Math.min(left(), this.random.between(200, 1_200)));
    }
    await Promise.all(running);
    await this.cluster.heal();
  }

  private async workerDies(): Promise<void> {
    const worker = this.random.pick(this.cluster.workers);
    await worker.kill();
    this.count('worker killed');
    await sleep(this.random.between(0, 3_000));
    await worker.start();
  }

  private async replicaDies(): Promise<void> {
    const replica = this.random.pick(this.cluster.replicas);
    await replica.kill();
    this.count('replica killed');
    await sleep(this.random.between(0, 3_000));
    await replica.start();
  }

  private async stands(victim: { signal(name: 'SIGSTOP' | 'SIGCONT'): void }, ms: number, what: string): Promise<void> {
    victim.signal('SIGSTOP');
    this.count(what);
    await sleep(ms);
    victim.signal('SIGCONT');
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
