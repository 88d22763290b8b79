/** A held session for tests: a platform of just these calls. */
import type { BelayApi } from '../../protocol/typedClient.ts';
import { HeldSession } from '../../worker/journal/heldSession.ts';

export const heldOn = (api: object, fence = 1): HeldSession =>
  new HeldSession(api as BelayApi, { sessionId: 's', instanceId: 'i', fence, claimToken: 't' });
