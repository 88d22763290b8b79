/** The layers of a policy and how each is read: a layer that cannot be read denies everything. */
import * as z from 'zod';
import { policyClasses } from '../../protocol/activities.ts';
import { BelayError, messageOf } from '../../protocol/errors.ts';
import { Rules, type Rule } from '../../protocol/policy.ts';
import { factsFor } from './facts.ts';
import { compile, type LayerRule } from './matching.ts';
import type { Situation } from './situation.ts';

export const layerNames = ['built_in', 'platform', 'agent', 'worker', 'workflow', 'granted'] as const;
export type LayerName = (typeof layerNames)[number];
export interface Layer {
  readonly name: LayerName;
  readonly rules: readonly LayerRule[];
}

/** Reads rules and tries their examples. Throws `bad_request` that names the place and what is wrong there. */
export function readRules(raw: unknown, situation: Situation, where: string): readonly Rule[] {
  const parsed = Rules.safeParse(raw);
  if (!parsed.success)
    throw new BelayError('bad_request', `The rules of ${where} cannot be read: ${z.prettifyError(parsed.error)}`, {
      hint: 'docs/policy.md says what a rule is.',
    });
  for (const [index, rule] of parsed.data.entries()) {
    try {
      tryExamples(rule, situation);
    } catch (error) {
      throw new BelayError('bad_request', `Rule ${index + 1} of ${where}: ${messageOf(error)}`, {
        hint: 'Mend the pattern or the example; until then nothing is allowed.',
      });
    }
  }
  return parsed.data;
}

function tryExamples(rule: Rule, situation: Situation): void {
  const speaks = compile(rule, situation);
  const speaksOf = (example: string): boolean => {
    const { facts, untold } = factsFor({ class: rule.class, resource: example }, situation);
    const own = facts.filter((fact) => fact.class === rule.class);
    return rule.decision === 'allow' ? untold.length === 0 && own.length > 0 && own.every(speaks) : own.some(speaks);
  };
  for (const example of rule.examples?.matches ?? [])
    if (!speaksOf(example)) throw new Error(`it does not speak of its example "${example}".`);
  for (const example of rule.examples?.passes ?? [])
    if (speaksOf(example)) throw new Error(`it speaks of "${example}", which its examples say it leaves alone.`);
}

/** A layer from where a mistake in it must not open anything. */
export function layerOf(name: LayerName, raw: unknown, situation: Situation, where: string, log: (text: string) => void): Layer {
  try {
    return { name, rules: readRules(raw, situation, where) };
  } catch (error) {
    log(messageOf(error));
    return { name, rules: policyClasses.map((policyClass): Rule => ({ class: policyClass, decision: 'deny' })) };
  }
}
