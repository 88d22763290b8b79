/** `belay policy`: what this machine's policy says of an action, and what it consists of. */
import { homedir } from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { policyClasses } from '../../protocol/activities.ts';
import { BelayError } from '../../protocol/errors.ts';
import { sandboxSteps, SessionMode, SandboxStep } from '../../protocol/records.ts';
import { builtInDefaults, builtInLayer, Policy } from '../../worker/policy/decide.ts';
import type { Action } from '../../worker/policy/facts.ts';
import { layerOf, readRules, type Layer } from '../../worker/policy/layers.ts';
import { readWorkerConfig, workerConfigFile } from '../../worker/workerConfig/workerConfig.ts';
import type { Situation } from '../../worker/policy/situation.ts';
import { machineSituation } from '../../worker/run/runPolicy.ts';
import { oneOf, text, withConnection, type Command, type Flags, type Invocation } from '../command.ts';
import { state } from '../context.ts';
import { table } from '../output.ts';

const PolicyClass = z.enum(policyClasses);
const codes = { allow: 0, ask: 3, deny: 4 } as const;

export const policy: Command = {
  usage: 'policy check CLASS WHAT | show',
  summary: 'Say which rule decides on an action, or show the rules of this machine',
  details: [
    'Classes: read PATH, write PATH, run COMMAND, network HOST:PORT, effect NAME. A command is one quoted text, or words after "--".',
    '  --mode plan|code|review|fix   as in a session of this mode: code',
    `  --step ${sandboxSteps.join('|')}   as confined this way: ours`,
    '  --unattended                  as when nobody is there to ask',
    '  --folder PATH                 the working folder: this one',
    '  --agent SLUG                  with the profile of this agent',
    'The exit code is 0 for allow, 3 for ask, 4 for deny.',
  ].join('\n'),
  needs: 1,
  run: async (invocation) => {
    const [verb, ...rest] = invocation.args;
    if (verb === 'show') return await show(invocation);
    if (verb === 'check') return await check(invocation, rest);
    throw new BelayError('bad_request', `"belay policy" does not know "${verb ?? ''}".`, { hint: 'It knows check and show.' });
  },
};

async function check(invocation: Invocation, [policyClass, ...what]: readonly string[]): Promise<number> {
  const { flags, output } = invocation;
  if (what.length === 0) throw new BelayError('bad_request', 'Say what is to be checked, as in: belay policy check run -- git push');
  const action: Action = {
    class: oneOf(PolicyClass, policyClass, 'run', 'class'),
    resource: what.length === 1 ? (what[0] ?? '') : policyClass === 'run' ? what : what.join(' '),
  };
  const situation = await situationOf(flags);
  const decided = new Policy(await layersOf(invocation, situation), situation);
  const decision = decided.decide(action);
  const layers = decided.explain(action);
  const rows = layers.map(({ layer, verdict, rules }) => [layer, verdict ?? 'nothing', rules.join(', ')]);
  const byDefault = builtInDefaults(situation)[action.class];
  output.answer(
    { ...decision, layers, default: byDefault },
    [
      `${decision.decision}: ${decision.rules.join(', ')}`,
      '',
      table([...rows, ['default', byDefault, 'counts where no rule of this machine allows']]),
    ].join('\n'),
  );
  return codes[decision.decision];
}

async function show(invocation: Invocation): Promise<number> {
  const { flags, output } = invocation;
  const situation = await situationOf(flags);
  const layers = [builtInLayer(situation), ...(await layersOf(invocation, situation))];
  const config = await readWorkerConfig(state);
  const { hash } = new Policy(layers.slice(1), situation);
  const rows = layers.flatMap(({ name, rules }) =>
    rules.map((rule) => [name, rule.decision, rule.class, rule.match?.join(' | ') ?? 'all']),
  );
  const defaults = Object.entries(builtInDefaults(situation)).map(([name, verdict]) => [
    'default',
    verdict,
    name,
    'where nothing else allows',
  ]);
  output.answer(
    { hash, file: workerConfigFile(state), layers, defaults: builtInDefaults(situation), config },
    [table([...rows, ...defaults]), '', `File: ${workerConfigFile(state)}`, `Hash: ${hash}`].join('\n'),
  );
  return 0;
}

async function situationOf(flags: Flags): Promise<Situation> {
  return machineSituation({
    stateDir: state,
    clone: path.resolve(text(flags, 'folder') ?? process.cwd()),
    home: homedir(),
    roots: [path.resolve(text(flags, 'folder') ?? process.cwd()), ...(await readWorkerConfig(state)).writable],
    step: oneOf(SandboxStep, text(flags, 'step'), 'ours', 'step'),
    mode: oneOf(SessionMode, text(flags, 'mode'), 'code', 'mode'),
    unattended: flags['unattended'] === true,
  });
}

/** The rules of this machine, and the profile of the agent that is asked for. */
async function layersOf(invocation: Invocation, situation: Situation): Promise<Layer[]> {
  const rules = readRules((await readWorkerConfig(state)).rules, situation, workerConfigFile(state));
  const slug = text(invocation.flags, 'agent');
  if (slug === undefined) return [{ name: 'worker', rules }];
  const layers: Layer[] = [];
  await withConnection(async ({ api }) => {
    const agent = (await api.listAgents({})).entries.find((entry) => entry.slug === slug);
    if (!agent)
      throw new BelayError('not_found', `The agent "${slug}" is not known.`, { hint: '"belay doctor" lists those of this machine.' });
    layers.push(
      layerOf('agent', agent.policy['rules'] ?? [], situation, `the profile of ${agent.name}`, (words) => {
        invocation.output.progress(words);
      }),
    );
    return 0;
  }, invocation);
  return [...layers, { name: 'worker', rules }];
}
