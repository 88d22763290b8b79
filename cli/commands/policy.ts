/** `belay policy`: what this machine's policy says of an action, and what it consists of. */
import { homedir } from 'node:os';
import path from 'node:path';
import { policyClasses } from '../../protocol/activities.ts';
import { BelayError } from '../../protocol/errors.ts';
import { sandboxSteps, sessionModes } from '../../protocol/vocabulary.ts';
import { builtInDefaults, builtInLayer, Policy } from '../../worker/policy/decide.ts';
import type { Action } from '../../worker/policy/facts.ts';
import { layerOf, readRules, type Layer } from '../../worker/policy/layers.ts';
import { readWorkerConfig, workerConfigFile } from '../../worker/workerConfig/workerConfig.ts';
import type { Situation } from '../../worker/policy/situation.ts';
import { machineSituation } from '../../worker/run/runPolicy.ts';
import { verb, withConnection, type Group, type Invocation } from '../base/command.ts';
import { state } from '../base/here.ts';
import { lines } from '../base/shown.ts';
import { table } from '../base/table.ts';
import { choiceOf } from '../base/choices.ts';

const codes = { allow: 0, ask: 3, deny: 4 } as const;

const situationOptions = {
  mode: { value: 'MODE', choices: sessionModes, says: 'as in a session of this mode: code' },
  step: { value: 'STEP', choices: sandboxSteps, says: 'as confined this way: ours' },
  unattended: { says: 'as when nobody is there to ask' },
  folder: { value: 'PATH', says: 'the working folder: this one' },
  agent: { value: 'SLUG', says: 'with the profile of this agent' },
} as const;
type Asked = Invocation<typeof situationOptions>;

const check = verb('say which rule decides on an action', {
  words: [
    { name: 'CLASS', says: 'read PATH, write PATH, run COMMAND, network HOST:PORT or effect NAME', choices: policyClasses },
    { name: 'WHAT', says: 'a command is one quoted text, or words after "--"', many: true },
  ],
  options: situationOptions,
  examples: [
    ['policy check run -- git push --force', 'may a run push?'],
    ['policy check network registry.npmjs.org:443 --unattended', 'and reach the registry at night?'],
  ],
  json: '{decision, rules, layers, default}',
  exitCodes: { [codes.ask]: 'a person would be asked', [codes.deny]: 'refused' },
  run: async (invocation) => {
    const [named = '', ...what] = invocation.args;
    const policyClass = choiceOf(policyClasses, named, 'CLASS');
    const action: Action = {
      class: policyClass,
      resource: what.length === 1 ? (what[0] ?? '') : policyClass === 'run' ? what : what.join(' '),
    };
    const situation = await situationOf(invocation);
    const decided = new Policy(await layersOf(invocation, situation), situation);
    const decision = decided.decide(action);
    const layers = decided.explain(action);
    const rows = layers.map(({ layer, verdict, rules }) => [layer, verdict ?? 'nothing', rules.join(', ')]);
    const byDefault = builtInDefaults(situation)[action.class];
    invocation.output.answer(
      { ...decision, layers, default: byDefault },
      lines([
        `${decision.decision}: ${decision.rules.join(', ')}`,
        '',
        table([...rows, ['default', byDefault, 'counts where no rule of this machine allows']]),
      ]),
    );
    return codes[decision.decision];
  },
});

const show = verb('show the rules of this machine', {
  options: situationOptions,
  examples: [['policy show', 'what is built in, and what you added']],
  json: '{hash, file, layers, defaults, config}',
  run: async (invocation) => {
    const situation = await situationOf(invocation);
    const layers = [builtInLayer(situation), ...(await layersOf(invocation, situation))];
    const config = await readWorkerConfig(state);
    const { hash } = new Policy(layers.slice(1), situation);
    const rows = layers.flatMap(({ name, rules }) =>
      rules.map(({ decision, class: policyClass, match, except }) => [
        name,
        decision,
        policyClass,
        `${match?.join(' | ') ?? 'all'}${except ? ` but ${except.join(' | ')}` : ''}`,
      ]),
    );
    const defaults = Object.entries(builtInDefaults(situation)).map(([name, verdict]) => [
      'default',
      verdict,
      name,
      'where nothing else allows',
    ]);
    invocation.output.answer(
      { hash, file: workerConfigFile(state), layers, defaults: builtInDefaults(situation), config },
      lines([table([...rows, ...defaults]), '', `File: ${workerConfigFile(state)}`, `Hash: ${hash}`]),
    );
    return 0;
  },
});

export const policy: Group = { commands: { check, show } };

async function situationOf({ options }: Asked): Promise<Situation> {
  const folder = path.resolve(options.folder ?? process.cwd());
  return machineSituation({
    stateDir: state,
    clone: folder,
    home: homedir(),
    own: [folder],
    writable: (await readWorkerConfig(state)).writable,
    step: options.step ?? 'ours',
    mode: options.mode ?? 'code',
    unattended: options.unattended,
  });
}

/** The rules of this machine, and the profile of the agent that is asked for. */
async function layersOf({ options, output }: Asked, situation: Situation): Promise<Layer[]> {
  const rules = readRules((await readWorkerConfig(state)).rules, situation, workerConfigFile(state));
  const slug = options.agent;
  if (slug === undefined) return [{ name: 'worker', rules }];
  const agent = await withConnection(async ({ api }) => (await api.listAgents({})).entries.find((entry) => entry.slug === slug));
  if (!agent)
    throw new BelayError('not_found', `The agent "${slug}" is not known.`, { hint: '"belay doctor" lists those of this machine.' });
  const profile = layerOf('agent', agent.policy['rules'] ?? [], situation, `the profile of ${agent.name}`, (words) => {
    output.progress(words);
  });
  return [profile, { name: 'worker', rules }];
}
