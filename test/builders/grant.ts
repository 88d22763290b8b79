import type { ClaimGrant } from '../../protocol/exchange.ts';
import type { StoredItem } from '../../protocol/records.ts';
import { aStoredAgent } from './agent.ts';
import { aStoredItem } from './item.ts';
import { aClaim, aSessionDetail } from './session.ts';

const withoutDescription = ({ description: _, ...item }: StoredItem) => item;

/** What the winner of a claim gets, of a session of an item. */
export const aGrant = (over: Partial<ClaimGrant> = {}): ClaimGrant => ({
  session: aSessionDetail({ state: 'active', claim: aClaim(), fence: 1, startedAt: 1 }),
  agent: aStoredAgent(),
  item: withoutDescription(aStoredItem()),
  repository: null,
  fence: 1,
  leaseMs: 60_000,
  serverNow: 1,
  claimToken: 'token',
  policy: [],
  ...over,
});
