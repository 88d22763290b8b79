/** What every route works with. */
import type { About } from '../protocol/routes.ts';
import type { LeaseProfile } from '../protocol/states.ts';
import type { Caller } from './domain/caller.ts';
import type { Retention } from './domain/retention.ts';
import type { Bus } from './events/bus.ts';
import type { Store } from './store/store.ts';

export interface Service {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: () => number;
  readonly profile: LeaseProfile;
  readonly retention: Retention;
  /** Signs claim tokens; never leaves the process. */
  readonly claimKey: Uint8Array;
  /** Whom every request acts for: who reaches the socket of an embedded platform, who has the token of a team's. */
  readonly caller: Caller;
  /** Throws `unauthorized` unless the Authorization header is good. Absent where reaching the socket is enough: never on TCP. */
  readonly admit?: (authorization: string | undefined) => void;
  readonly about: () => About;
  /** Ends the process after the replies under way. */
  readonly quit: () => void;
  /** Open while the platform is; aborted when it ends, so that held requests let go. */
  readonly ending: AbortSignal;
  readonly log: (message: string) => void;
}
