/** Whether somebody is there to run what is queued. */
import type { Session } from '../../protocol/records.ts';
import type { BelayApi } from '../../protocol/typedClient.ts';

/** A worker that is on asks for work more often than that. */
const silentMs = 60_000;

/** What a person who waits for a session should know; null where a worker may claim it any moment. */
export async function nobodyRuns(api: Pick<BelayApi, 'listWorkers'>, session: Session, now: number): Promise<string | null> {
  if (session.state !== 'queued') return null;
  const { entries } = await api.listWorkers({ query: { limit: 500 } });
  const isOn = entries.some(
    ({ seenAt, capacity, agentIds }) => seenAt !== null && now - seenAt < silentMs && capacity > 0 && agentIds.includes(session.agentId),
  );
  return isOn ? null : 'No worker is on that could run it: start one with "belay worker", or open the editor. It waits until then.';
}
