/** What a rule is, wherever it is written: platform, agent profile, worker configuration, workflow file. */
import * as z from 'zod';
import { policyClasses } from './activities.ts';

export const Verdict = z.enum(['deny', 'ask', 'allow']);
export type Verdict = z.infer<typeof Verdict>;
export type PolicyClass = (typeof policyClasses)[number];

const pattern = z.string().min(1).max(4000);
export const Rule = z.strictObject({
  class: z.enum(policyClasses),
  decision: Verdict,
  /** Any of these; none means all of the class. docs/policy.md says how each class reads them. */
  match: z.array(pattern).min(1).max(200).optional(),
  /** Checked when the rule is loaded: what it must speak of, and what it must leave alone. */
  examples: z.strictObject({ matches: z.array(pattern).max(50).default([]), passes: z.array(pattern).max(50).default([]) }).optional(),
});
export type Rule = z.infer<typeof Rule>;
export const Rules = z.array(Rule).max(2000);
