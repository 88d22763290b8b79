/** The agent that a command names. */
import { BelayError } from '../../protocol/errors.ts';
import type { BelayApi } from '../../protocol/typedClient.ts';
import { loginPath } from '../../worker/agents/discovery.ts';
import { agentsHere } from './context.ts';

/** The agent by its name: one the platform knows, else one of this machine, which it is told of. */
export async function knownAgent(api: BelayApi, slug: string): Promise<string> {
  const known = (await api.listAgents({})).entries.find((entry) => entry.slug === slug);
  if (known) return known.id;
  const here = await agentsHere(await loginPath());
  const found = here.find((agent) => agent.slug === slug);
  if (!found) return agentOf(new Map(here.map((agent) => [agent.slug, agent.slug])), slug);
  const { name, launch } = found;
  return (await api.ensureAgent({ body: { slug, name, execution: 'local', driver: launch.driver } })).id;
}

/** Throws `not_found` with those there are. */
export function agentOf(agentIds: ReadonlyMap<string, string>, slug: string | undefined): string {
  const wanted = slug ?? 'practice';
  const id = agentIds.get(wanted);
  if (id === undefined)
    throw new BelayError('not_found', `The agent "${wanted}" is not on this machine.`, {
      hint: `Found: ${[...agentIds.keys()].join(', ')}. "belay doctor" says more.`,
    });
  return id;
}
