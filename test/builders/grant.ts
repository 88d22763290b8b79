import type { ClaimGrant } from '../../protocol/exchange.ts';
import { anAgent } from './agent.ts';
import { anItem } from './item.ts';
import { aClaim, aSessionDetail } from './session.ts';

/** What the winner of a claim gets, of a session of an item. */
export const aGrant = (over: Partial<ClaimGrant> = {}): ClaimGrant => ({
  session: aSessionDetail({ state: 'active', claim: aClaim(), fence: 1, startedAt: 1 }),
  agent: anAgent(),
  item: anItem(),
  repository: null,
  fence: 1,
  leaseMs: 60_000,
  serverNow: 1,
  claimToken: 'token',
  policy: [],
  ...over,
});
