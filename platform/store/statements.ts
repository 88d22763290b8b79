/** Every statement and chain of the store, for those who look at all of them. */
import { claimChains } from './areas/claims/chains.ts';
import { claimSql } from './areas/claims/sql.ts';
import { numberEvents } from './areas/events/chains.ts';
import { eventSql } from './areas/events/sql.ts';
import { handoffSql } from './areas/handoffs/sql.ts';
import { endChains } from './areas/holders/chains.ts';
import { holderSql } from './areas/holders/sql.ts';
import { itemSql } from './areas/items/sql.ts';
import { peopleSql } from './areas/people/sql.ts';
import { reaperSql } from './areas/reaper/sql.ts';
import { retentionSql } from './areas/retention/sql.ts';
import { reviewSql } from './areas/reviews/sql.ts';
import { sessionSql } from './areas/sessions/sql.ts';
import { workerSql } from './areas/workers/sql.ts';
import { workspaceSql } from './areas/workspace/sql.ts';
import type { Chain } from './base/chain.ts';
import { baseSql } from './base/sql.ts';

export const statements = {
  ...baseSql,
  ...workspaceSql,
  ...eventSql,
  ...itemSql,
  ...handoffSql,
  ...workerSql,
  ...sessionSql,
  ...peopleSql,
  ...reviewSql,
  ...claimSql,
  ...holderSql,
  ...retentionSql,
  ...reaperSql,
};
export const chains: readonly Chain[] = [...Object.values(claimChains), ...Object.values(endChains), numberEvents];
