/** What every run has in common. */
import { leaseProfiles } from '../../protocol/states.ts';

export const profile = leaseProfiles.fast;
/** The database's clock starts at a time like today's. */
export const epoch = 1_800_000_000_000;
export const faultsEndMs = 60_000;
