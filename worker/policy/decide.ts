/**
 * The one decision point. Each layer answers deny, ask, allow or nothing; the strictest of those that
 * spoke counts; nobody spoke is deny. Only the built-in defaults and the worker's own configuration
 * grant: an allow in any other layer counts as nothing. Pure.
 */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { policyClasses } from '../../protocol/activities.ts';
import type { sandboxSteps, sessionModes } from '../../protocol/records.ts';

export const Verdict = z.enum(['deny', 'ask', 'allow']);
export type Verdict = z.infer<typeof Verdict>;
export const Rule = z.strictObject({
  class: z.enum(policyClasses),
  decision: Verdict,
  /** The exact resource, or a prefix that ends with `*`. Absent means all of the class. */
  resource: z.string().max(4000).optional(),
});
export type Rule = z.infer<typeof Rule>;
export const layerNames = ['built_in', 'platform', 'agent', 'worker', 'workflow'] as const;
export type LayerName = (typeof layerNames)[number];
export interface Layer {
  readonly name: LayerName;
  readonly rules: readonly Rule[];
}
const granting: readonly LayerName[] = ['built_in', 'worker'];

export interface Action {
  readonly class: (typeof policyClasses)[number];
  readonly resource: string;
}
export interface PolicyContext {
  readonly step: (typeof sandboxSteps)[number];
  readonly mode: (typeof sessionModes)[number];
  /** Nobody is there to answer: what would be asked is denied. */
  readonly unattended: boolean;
}
export interface Decision {
  readonly decision: Verdict;
  /** The rules that decided, as `layer: class resource`. */
  readonly rules: readonly string[];
  /** SHA-256 of all layers, hex. */
  readonly policyHash: string;
}

/** What holds before anyone wrote a rule: free work inside a sandbox, questions without one, effects always asked. */
export function builtIn(context: PolicyContext): Layer {
  const confined = context.step === 'ours' || context.step === 'agent';
  const work: Verdict = confined ? 'allow' : 'ask';
  return {
    name: 'built_in',
    rules: [
      { class: 'read', decision: 'allow' },
      { class: 'write', decision: context.mode === 'plan' ? 'deny' : work },
      { class: 'run', decision: work },
      { class: 'network', decision: 'ask' },
      { class: 'effect', decision: 'ask' },
    ],
  };
}

export function decide(layers: readonly Layer[], action: Action, context: PolicyContext): Decision {
  const all = [builtIn(context), ...layers];
  const policyHash = createHash('sha256').update(JSON.stringify(all)).digest('hex');
  const spoken = all.flatMap((layer) =>
    layer.rules
      .filter((rule) => rule.class === action.class && covers(rule, action.resource))
      .filter((rule) => rule.decision !== 'allow' || granting.includes(layer.name))
      .map((rule) => ({ decision: rule.decision, text: `${layer.name}: ${rule.class} ${rule.resource ?? '*'}` })),
  );
  const strictest = (['deny', 'ask', 'allow'] as const).find((verdict) => spoken.some((entry) => entry.decision === verdict));
  if (strictest === undefined) return { decision: 'deny', rules: ['nobody allowed it'], policyHash };
  const rules = spoken.filter((entry) => entry.decision === strictest).map((entry) => entry.text);
  if (strictest === 'ask' && context.unattended) return { decision: 'deny', rules: [...rules, 'unattended: nobody to ask'], policyHash };
  return { decision: strictest, rules, policyHash };
}

function covers(rule: Rule, resource: string): boolean {
  if (rule.resource === undefined) return true;
  return rule.resource.endsWith('*') ? resource.startsWith(rule.resource.slice(0, -1)) : resource === rule.resource;
}

/** The rules of an agent's profile. A profile that cannot be read denies everything. */
export function agentLayer(policy: Readonly<Record<string, unknown>>): Layer {
  const parsed = z.object({ rules: z.array(Rule).default([]) }).safeParse(policy);
  const denied = policyClasses.map((name): Rule => ({ class: name, decision: 'deny' }));
  return { name: 'agent', rules: parsed.success ? parsed.data.rules : denied };
}

/** Names the exact action, so that an answer given for one cannot serve another. */
export function actionHash(action: Action, detail: string): string {
  return createHash('sha256')
    .update(JSON.stringify([action.class, action.resource, detail]))
    .digest('hex');
}
