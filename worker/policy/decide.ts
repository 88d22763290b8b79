/**
 * The one decision point. Grants come from the person's worker configuration, or else from the built-in defaults;
 * every other layer can only narrow. The strictest that spoke counts, nobody spoke is deny, and so is any error. Pure.
 */
import { messageOf } from '../../protocol/errors.ts';
import { factsFor, type Action } from './facts.ts';
import { compile, type Fact, type LayerRule } from './matching.ts';
import type { PolicyClass, Rule, Verdict } from '../../protocol/policy.ts';
import { layerNames, type Layer, type LayerName } from './layers.ts';
import type { Situation } from './situation.ts';

export interface Decision {
  readonly decision: Verdict;
  /** The rules that decided, as `layer: class pattern`. */
  readonly rules: readonly string[];
  /** SHA-256 of all layers and what else decides, hex; the same in every run that is decided alike. */
  readonly policyHash: string;
}

/** Layers whose `allow` counts. What the person granted to a file counts where their own rules are silent. */
const granting: readonly LayerName[] = ['worker', 'granted'];
const order = ['deny', 'ask', 'allow'] as const;

interface Compiled {
  readonly layer: LayerName;
  readonly rule: Rule;
  readonly speaks: (fact: Fact) => boolean;
}
interface Spoken {
  readonly verdict: Verdict;
  readonly rules: readonly string[];
}

/** What holds before anyone wrote a rule: free work inside a sandbox, questions without one, effects always asked. */
export function builtInDefaults({ step }: Situation): Readonly<Record<PolicyClass, Verdict>> {
  const work: Verdict = step === 'ours' || step === 'agent' ? 'allow' : 'ask';
  return { read: 'allow', write: work, run: work, network: 'ask', effect: 'ask' };
}

/** Outside the folders of the run a sandbox refuses every write: then there is nothing to ask for. */
function defaultFor(fact: Fact, situation: Situation): Spoken {
  const verdict = builtInDefaults(situation)[fact.class];
  const inside = (name: string): boolean => situation.roots.some((root) => situation.machine.within(name, root));
  if (fact.class !== 'write' || fact.names.every(inside)) return { verdict, rules: [`default: ${fact.class}`] };
  return { verdict: verdict === 'allow' ? 'deny' : 'ask', rules: ['default: write outside the folders of the run'] };
}

/** What no rule can open. */
export function builtInLayer({ mode, closed, open }: Situation): Layer {
  const files = (['read', 'write'] as const).flatMap((name): LayerRule[] =>
    closed.length === 0 ? [] : [{ class: name, decision: 'deny', match: [...closed], ...(open.length > 0 && { except: open }) }],
  );
  return { name: 'built_in', rules: [...files, ...(mode === 'plan' ? [{ class: 'write', decision: 'deny' } as const] : [])] };
}

export class Policy {
  readonly hash: string;
  readonly situation: Situation;
  readonly #rules: readonly Compiled[];
  readonly #broken: string | null;

  /** Rules that cannot be read make a policy that denies everything, and says why. */
  constructor(layers: readonly Layer[], situation: Situation) {
    this.situation = situation;
    const all = [builtInLayer(situation), ...layers];
    const { step, mode, unattended, machine } = situation;
    this.hash = machine.sha256(JSON.stringify([layers, step, mode, unattended, machine.foldsCase]));
    let rules: Compiled[] = [];
    let broken: string | null = null;
    try {
      rules = all.flatMap(({ name, rules: own }) => own.map((rule) => ({ layer: name, rule, speaks: compile(rule, situation) })));
    } catch (error) {
      broken = messageOf(error);
    }
    this.#rules = rules;
    this.#broken = broken;
  }

  get rules(): readonly { readonly layer: LayerName; readonly rule: Rule }[] {
    return this.#rules;
  }

  decide(action: Action): Decision {
    const spoken = this.#judge(action);
    const { unattended } = this.situation;
    const nobody = spoken.verdict === 'ask' && unattended;
    return {
      decision: nobody ? 'deny' : spoken.verdict,
      rules: nobody ? [...spoken.rules, 'unattended: nobody to ask'] : spoken.rules,
      policyHash: this.hash,
    };
  }

  /** Of several actions at once the strictest decision; none at all is denied. */
  decideAll(actions: readonly Action[]): Decision {
    const decisions = actions.map((action) => this.decide(action));
    const decision = order.find((name) => decisions.some((entry) => entry.decision === name)) ?? 'deny';
    const deciding = decisions.filter((entry) => entry.decision === decision);
    return { decision, rules: [...new Set(deciding.flatMap((entry) => entry.rules))], policyHash: this.hash };
  }

  /** What each layer says of the action by itself, for people; null: nothing. An `allow` here may be one that does not count. */
  explain(action: Action): readonly { readonly layer: LayerName; readonly verdict: Verdict | null; readonly rules: readonly string[] }[] {
    const { facts } = factsFor(action, this.situation);
    return layerNames.map((layer) => {
      const speaking = this.#rules.filter((entry) => entry.layer === layer && facts.some(entry.speaks));
      const spoken = strictest(speaking.map(({ rule }) => ({ verdict: rule.decision, rules: [describe(layer, rule)] })));
      return { layer, verdict: spoken?.verdict ?? null, rules: spoken?.rules ?? [] };
    });
  }

  #judge(action: Action): Spoken {
    if (this.#broken !== null) return { verdict: 'deny', rules: [`error: ${this.#broken}`] };
    try {
      const { facts, untold } = factsFor(action, this.situation);
      const judged = [
        ...facts.map((fact) => this.#onFact(fact)),
        ...untold.map(({ verdict, why }): Spoken => ({ verdict, rules: [why] })),
        // A command that cannot be told is still a command: rules without a pattern speak of it.
        ...(untold.some((entry) => entry.verdict === 'ask')
          ? [this.#onFact({ class: 'run', words: [], assignments: [], inside: true })]
          : []),
      ].filter((entry) => entry !== null);
      return strictest(judged) ?? { verdict: 'deny', rules: ['nobody allowed it'] };
    } catch (error) {
      return { verdict: 'deny', rules: [`error: ${messageOf(error)}`] };
    }
  }

  /** Null: it stands inside another command, which decides, and no rule is against it. */
  #onFact(fact: Fact): Spoken | null {
    const speaking = this.#rules.filter((entry) => entry.speaks(fact));
    const of = (layers: (name: LayerName) => boolean, verdicts: readonly Verdict[]): Spoken | null =>
      strictest(
        speaking
          .filter(({ layer, rule }) => layers(layer) && verdicts.includes(rule.decision))
          .map(({ layer, rule }) => ({ verdict: rule.decision, rules: [describe(layer, rule)] })),
      );
    const limits = of(() => true, ['deny', 'ask']);
    if (fact.class === 'run' && fact.inside) return limits;
    const grant = granting.map((name) => of((layer) => layer === name, ['allow'])).find((entry) => entry !== null);
    const base = grant ?? defaultFor(fact, this.situation);
    return limits === null ? base : strictest([limits, base]);
  }
}

function strictest(spoken: readonly Spoken[]): Spoken | null {
  const verdict = order.find((name) => spoken.some((entry) => entry.verdict === name));
  if (verdict === undefined) return null;
  return { verdict, rules: [...new Set(spoken.filter((entry) => entry.verdict === verdict).flatMap((entry) => entry.rules))] };
}

function describe(layer: LayerName, { class: policyClass, match }: Rule): string {
  return `${layer}: ${policyClass}${match === undefined ? '' : ` ${match.join(' | ')}`}`.slice(0, 400);
}

/** Names what may be remembered as allowed: the same action, at the same place in the working folder. */
export function rememberedKey(actions: readonly Action[], situation: Situation): string {
  // No path and no argument can hold a NUL: a folder that only begins like the clone stays another one.
  const place = (text: string): string => text.replaceAll(situation.clone, '\0');
  const parts = actions.map(({ class: policyClass, resource, cwd }) => [
    policyClass,
    typeof resource === 'string' ? place(resource) : resource.map(place),
    place(cwd ?? situation.clone),
  ]);
  return situation.machine.sha256(JSON.stringify(parts));
}

/** Names the exact action, so that an answer given for one cannot serve another. */
export function actionHash(action: Action, detail: string, { machine }: Situation): string {
  return machine.sha256(JSON.stringify([action.class, action.resource, detail]));
}
