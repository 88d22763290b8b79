/** What every route works with. */
import type { Rule } from '../../protocol/policy.ts';
import type { Bucket } from '../../protocol/route.ts';
import type { About } from '../../protocol/routes.ts';
import type { LeaseProfile } from '../../protocol/states.ts';
import type { Caller } from '../domain/caller.ts';
import type { Retention } from '../domain/retention.ts';
import type { Store } from '../store/createStore.ts';
import type { Bus } from './bus.ts';
import type { Meter } from './meter.ts';

/** The most requests of one client in `limitWindowMs`, by what they are for (absent: as many as it likes), and its open streams. */
export type Limits = Readonly<Partial<Record<Bucket, number>>> & { readonly streams: number };
export const limitWindowMs = 10_000;

export interface PoolState {
  readonly total: number;
  readonly used: number;
  readonly waiting: number;
}

/** A reply as the log shows it: nothing of what was sent, and of the path only the route's pattern. */
export interface ReplyLine {
  readonly requestId: string;
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly ms: number;
}

export interface Service {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: () => number;
  readonly profile: LeaseProfile;
  readonly retention: Retention;
  /** Signs claim tokens; never leaves the process. */
  readonly claimKey: Uint8Array;
  /** Who asks, by the Authorization header; who reaches the socket of an embedded platform needs none. Throws `unauthorized`. */
  readonly admit: (authorization: string | undefined) => Promise<Caller>;
  /** Whose work is done by the clock. */
  readonly workspaceId: string;
  /** The organisation's, which go with every claim and can only narrow what a machine allows. */
  readonly rules: readonly Rule[];
  readonly limits: Limits;
  readonly meter: Meter;
  /** Resolves when the database answers and its tables are those of this program; rejects otherwise. */
  readonly probe: () => Promise<void>;
  /** Where the store has a pool of connections. */
  readonly pool?: () => PoolState;
  readonly program: Omit<About, 'workspaceId' | 'memberId' | 'memberName'>;
  /** Ends the process after the replies under way. */
  readonly quit: () => void;
  /** Open while the platform is; aborted when it ends, so that held requests let go. */
  readonly ending: AbortSignal;
  readonly log: (message: string) => void;
  readonly onReply?: (line: ReplyLine) => void;
}
