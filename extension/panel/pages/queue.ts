import type { PageAddress, QueuePage, SessionRow } from '../../../protocol/panelPages.ts';
import type { Session } from '../../../protocol/records.ts';
import { isFinal } from '../../../protocol/states.ts';
import type { PageContext, PageSource } from './page.ts';

export const queuePage: PageSource<'queue'> = {
  build,
  concernedBy: ['session.created', 'session.changed', 'session.input', 'session.review', 'worker.changed', 'agent.changed'],
};

const finishedShown = 50;

async function build(_of: PageAddress<'queue'>, context: PageContext): Promise<QueuePage> {
  const workers = await context.api.listWorkers({});
  const agents = new Map((await context.api.listAgents({})).entries.map((agent) => [agent.id, agent.name]));
  const rows = [...context.model.sessions.values()]
    .filter((session) => session.archivedAt === null)
    .sort((a, b) => b.createdAt - a.createdAt);
  const row = (session: Session): SessionRow => ({
    session,
    itemTitle: (session.itemId && context.model.items.get(session.itemId)?.title) || null,
    heldHere: context.holdsSession(session.id),
  });
  const needs = context.model.needs().map(({ session }) => session);
  const asking = new Set(needs.map(({ id }) => id));
  const others = rows.filter(({ id }) => !asking.has(id));
  return {
    needsMe: needs.map(row),
    running: others.filter((session) => session.claim !== null).map(row),
    queued: others.filter((session) => session.claim === null && !isFinal(session.state)).map(row),
    finished: others
      .filter((session) => isFinal(session.state))
      .slice(0, finishedShown)
      .map(row),
    workers: workers.entries.map((worker) => {
      const age = worker.seenAt === null ? Infinity : Date.now() - worker.seenAt;
      return {
        id: worker.id,
        name: worker.machine,
        machine: worker.machine,
        here: worker.machine === context.machine,
        state: age < 60_000 ? 'online' : age < 600_000 ? 'stale' : 'offline',
        agents: worker.agentIds.map((id) => agents.get(id) ?? id),
        running: worker.running,
        capacity: worker.capacity,
        seenAt: worker.seenAt,
      };
    }),
  };
}
