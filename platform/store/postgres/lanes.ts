/**
 * Statements that come while others are on their way are sent together: they share a round trip and a commit, which is
 * more than half of what a claim or its end costs, and those that are alike become one. One that comes alone is sent alone.
 */
import type { PoolClient, QueryConfig } from 'pg';
import type { Row } from '../base/values.ts';
import type { Joint } from './bundles.ts';
import { codeOf, failureOf } from './failures.ts';
import { notCommitted, sendInOnePiece, type Reply } from './piece.ts';

interface Waiting {
  readonly query: QueryConfig;
  readonly joint: Joint | null;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
}

export interface LanesSettings {
  /** A connection in the driver's pipeline mode. */
  readonly connect: () => Promise<PoolClient>;
  /** Connections for what is sent together, at most. Fewer gather more. */
  readonly lanes: number;
  /** Statements in one transaction, at most. */
  readonly together: number;
  /**
   * How long one of several may wait for a lock, in ms, before it is sent again by itself. Else it would hold up the others,
   * and two lanes could each wait for what the other has.
   */
  readonly lockMs: number;
}

/** What the server says of a lock that was not to be had in time, and of a statement behind one that failed. */
const codes = { locked: '55P03', behindFailure: '25P02' } as const;

export class Lanes {
  private readonly settings: LanesSettings;
  private readonly waiting: Waiting[] = [];
  private readonly begin: string;
  private running = 0;

  constructor(settings: LanesSettings) {
    this.settings = settings;
    this.begin = `BEGIN; SET LOCAL lock_timeout = ${settings.lockMs}`;
  }

  /**
   * Sends one statement and resolves after its commit. Rejects with the driver's error; where that says that the connection
   * was lost, nobody knows whether the statement was committed.
   */
  send(query: QueryConfig, joint: Joint | null = null): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ query, joint, resolve, reject });
      this.start();
    });
  }

  private start(): void {
    if (this.waiting.length === 0 || this.running >= this.settings.lanes) return;
    this.running += 1;
    void this.run().finally(() => {
      this.running -= 1;
      this.start();
    });
  }

  private async run(): Promise<void> {
    let client: PoolClient;
    try {
      client = await this.settings.connect();
    } catch (error) {
      for (const { reject } of this.take()) reject(error);
      return;
    }
    let lost: Error | undefined;
    for (let batch = this.take(); batch.length > 0; batch = lost ? [] : this.take()) {
      lost = await this.settle(client, batch);
      // Those who were answered may have more to send.
      await new Promise(setImmediate);
    }
    client.release(lost);
  }

  private take(): Waiting[] {
    return this.waiting.splice(0, this.settings.together);
  }

  /** Answers everyone in the batch, or sends him by himself: one that fails takes nothing from the others. Returns why the connection is of no use any more. */
  private async settle(client: PoolClient, batch: readonly Waiting[]): Promise<Error | undefined> {
    for (let left = bundled(batch); left.length > 0;) {
      const replies = await this.sendTogether(client, left);
      const failures = replies.map((reply) => (reply.status === 'rejected' ? (reply.reason as Error) : undefined));
      const lost = failures.find((failure) => failure !== undefined && failureOf(failure) === 'lost');
      const place = failures.findIndex((failure) => failure !== undefined && codeOf(failure) !== codes.behindFailure);
      const last = replies.at(-1);
      const commit = last?.status === 'fulfilled' ? last.value : undefined;
      const failure = lost ?? failures[place] ?? (left.length > 1 ? notCommitted(commit) : undefined);
      const failed = lost ? undefined : left[place];
      if (failure && failed) {
        const [one, ...others] = failed.members;
        if (others.length === 0 && left.length > 1 && codeOf(failure) === codes.locked) void this.sendAlone(one);
        else if (others.length === 0) one.reject(failure);
        left = left.toSpliced(place, 1, ...(others.length === 0 ? [] : failed.members.map(parcelOf)));
      } else {
        // Of the connection and the commit everyone is told.
        for (const [index, { members }] of left.entries()) {
          const reply = replies[index];
          for (const { joint, resolve, reject } of members)
            if (failure || reply?.status !== 'fulfilled') reject(failure);
            else
              resolve(joint && members.length > 1 ? { ...reply.value, rows: joint.bundle.rowsOf(joint, reply.value.rows) } : reply.value);
        }
        return lost;
      }
    }
    return undefined;
  }

  /** The replies in the order of the parcels, and behind them that of the commit where there is one. */
  private async sendTogether(client: PoolClient, parcels: readonly Parcel[]): Promise<PromiseSettledResult<Reply>[]> {
    const queries = parcels.map(({ query }) => query);
    if (queries.length === 1) return sendInOnePiece(client, queries);
    return (await sendInOnePiece(client, [{ text: this.begin }, ...queries, { text: 'COMMIT' }])).slice(1);
  }

  private async sendAlone({ query, resolve, reject }: Waiting): Promise<void> {
    let lost: Error | undefined;
    try {
      const client = await this.settings.connect();
      try {
        resolve(await client.query<Row>(query));
      } catch (error) {
        if (failureOf(error) === 'lost') lost = error as Error;
        throw error;
      } finally {
        client.release(lost);
      }
    } catch (error) {
      reject(error);
    }
  }
}

/** One statement, for one or several. */
interface Parcel {
  readonly query: QueryConfig;
  readonly members: readonly [Waiting, ...Waiting[]];
}

const parcelOf = (one: Waiting): Parcel => ({ query: one.query, members: [one] });

/** Those that are alike become one, in the place of the first of them. */
function bundled(batch: readonly Waiting[]): readonly Parcel[] {
  const kinds = new Map<unknown, { readonly members: [Waiting, ...Waiting[]]; readonly taken: Set<unknown> }>();
  for (const one of batch) {
    const known = one.joint && kinds.get(one.joint.like);
    // Two of which only one can come first are not asked at once.
    if (one.joint && known && !known.taken.has(one.joint.apart)) {
      known.members.push(one);
      known.taken.add(one.joint.apart);
    } else kinds.set(one.joint && !known ? one.joint.like : one, { members: [one], taken: new Set([one.joint?.apart]) });
  }
  return [...kinds.values()].map(({ members }) => {
    const joints = members.flatMap(({ joint }) => joint ?? []);
    const [first] = joints;
    return first && joints.length > 1 ? { query: first.bundle.query(joints), members } : parcelOf(members[0]);
  });
}
