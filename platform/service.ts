/** What every route works with. */
import type { About } from '../protocol/routes.ts';
import type { LeaseProfile } from '../protocol/states.ts';
import type { Caller } from './domain/caller.ts';
import type { Bus } from './events/bus.ts';
import type { Store } from './store/store.ts';

export interface Service {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: () => number;
  readonly profile: LeaseProfile;
  /** Signs claim tokens; never leaves the process. */
  readonly claimKey: Uint8Array;
  /** The one caller of an embedded platform: whoever reaches its socket. */
  readonly caller: Caller;
  readonly about: () => About;
  /** Ends the process after the replies under way. */
  readonly quit: () => void;
  /** Open while the platform is; aborted when it ends, so that held requests let go. */
  readonly ending: AbortSignal;
  readonly log: (message: string) => void;
}
