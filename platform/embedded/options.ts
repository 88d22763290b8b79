import type { LeaseProfileName } from '../../protocol/states.ts';

/** What one person's platform is started with. */
export interface EmbeddedOptions {
  readonly stateDir: string;
  readonly socket: string;
  readonly leaseProfile: LeaseProfileName;
  readonly version: string;
  /** Ends after so long without a client and without a live claim. */
  readonly idleMs: number;
}
