/** Running and queueing sessions on this machine. */
import * as z from 'zod';
import { BelayError } from '../../protocol/errors.ts';
import type { BelayApi } from '../../protocol/typedClient.ts';
import { loginPath } from '../../worker/agents/discovery.ts';
import { queueSession } from '../../worker/queue/queueSession.ts';
import { promptSections } from '../../prompt/sections.ts';
import { connected, modeOf, oneOf, text } from '../command.ts';
import { claimAgain } from '../claimAgain.ts';
import { confirmCopy } from '../confirmCopy.ts';
import { agentsHere, bindHere, startWorker, state } from '../context.ts';
import { follow, outcomeText } from '../follow.ts';

const baseChoice = z.enum(['head', 'snapshot']);

export const run = connected(
  'run KEY [--mode M] [--agent A] [--note TEXT] [--base head|snapshot] [--folder F] [--copy] [--yes]',
  'Run an item here: session, claim, clone, agent, result',
  1,
  async (connection, { args: [key = ''], flags, output }) => {
    const { api } = connection;
    const found = await api.getItemBundle({ params: { id: key } });
    const mode = modeOf(found.item, flags);
    const repository = await bindHere(connection, text(flags, 'folder'));
    await confirmCopy(repository, flags['copy'] === true);
    const worker = await startWorker(connection, 0, () => undefined);
    try {
      const agentId = agentOf(worker.agentIds, text(flags, 'agent'));
      const base = oneOf(baseChoice, text(flags, 'base'), 'head', 'base');
      const note = text(flags, 'note');
      const session = await queueSession({
        api,
        stateDir: state,
        bundle: found,
        agentId,
        mode,
        repository,
        sections: promptSections(found, note === undefined ? {} : { note }),
        base,
        workerId: worker.id,
      });
      await worker.claimNow(session.id);
      const ended = await follow(connection, session.id, {
        yes: flags['yes'] === true,
        output,
        onInterrupt: 'cancel',
        onSession: claimAgain(api, worker),
      });
      output.answer(ended, outcomeText(ended));
      return ended.state === 'complete' ? 0 : 1;
    } finally {
      await worker.stop('finish');
    }
  },
);

export const queue = connected(
  'queue KEY [--mode M] [--agent A] [--note TEXT] [--base head|snapshot] [--folder F] [--copy]',
  'Queue a session for a worker of this machine',
  1,
  async (connection, { args: [key = ''], flags, output }) => {
    const { api } = connection;
    const found = await api.getItemBundle({ params: { id: key } });
    const mode = modeOf(found.item, flags);
    const repository = await bindHere(connection, text(flags, 'folder'));
    await confirmCopy(repository, flags['copy'] === true);
    const agentId = await knownAgent(api, text(flags, 'agent') ?? 'practice');
    const note = text(flags, 'note');
    const session = await queueSession({
      api,
      stateDir: state,
      bundle: found,
      agentId,
      mode,
      repository,
      sections: promptSections(found, note === undefined ? {} : { note }),
      base: oneOf(baseChoice, text(flags, 'base'), 'head', 'base'),
      workerId: null,
    });
    output.answer(session, `Queued ${session.id}. It runs once a worker claims it.`);
    return 0;
  },
);

export const worker = connected(
  'worker [--capacity N]',
  'Claim and run queued sessions until stopped',
  0,
  async (connection, { flags, output }) => {
    const capacity = Number(text(flags, 'capacity') ?? '2');
    if (!Number.isInteger(capacity) || capacity < 1 || capacity > 10)
      throw new BelayError('bad_request', '--capacity takes a whole number from 1 to 10.');
    const running = await startWorker(connection, capacity, (line) => {
      output.progress(line);
    });
    output.progress(`Worker on, ${capacity} at once. Stop with Ctrl+C; runs that are under way go on.`);
    await new Promise<void>((resolve) => {
      process.once('SIGINT', resolve);
      process.once('SIGTERM', resolve);
    });
    await running.stop('finish');
    return 0;
  },
);

/** The agent by its name: one the platform knows, else one of this machine, which it is told of. */
async function knownAgent(api: BelayApi, slug: string): Promise<string> {
  const known = (await api.listAgents({})).entries.find((entry) => entry.slug === slug);
  if (known) return known.id;
  const here = await agentsHere(await loginPath());
  const found = here.find((agent) => agent.slug === slug);
  if (!found) return agentOf(new Map(here.map((agent) => [agent.slug, agent.slug])), slug);
  const { name, launch } = found;
  return (await api.ensureAgent({ body: { slug, name, execution: 'local', driver: launch.driver } })).id;
}

function agentOf(agentIds: ReadonlyMap<string, string>, slug: string | undefined): string {
  const wanted = slug ?? 'practice';
  const id = agentIds.get(wanted);
  if (id === undefined)
    throw new BelayError('not_found', `The agent "${wanted}" is not on this machine.`, {
      hint: `Found: ${[...agentIds.keys()].join(', ')}. "belay doctor" says more.`,
    });
  return id;
}
