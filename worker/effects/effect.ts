/** What an agent may ask the broker to do outside its clone, and what a kind of effect must know. */
import * as z from 'zod';
import { ItemStatus, limits } from '../../protocol/records.ts';

const line = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}\p{Bidi_Control}\u2028\u2029]*$/u, 'One line without control characters.');

/** Each effect by the name of its tool. */
export const effectRequests = {
  push: z.strictObject({ subject: line(200).describe('What the commit does, as its first line.') }),
  pull_request: z.strictObject({
    title: line(250),
    body: z.string().max(60_000).default('').describe('Markdown.'),
    draft: z.boolean().default(true),
  }),
  comment: z.strictObject({ body: z.string().trim().min(1).max(limits.commentChars).describe('Markdown, for the people of the item.') }),
  status: z.strictObject({ status: ItemStatus.exclude(['completed', 'cancelled']) }),
} as const;
export type EffectName = keyof typeof effectRequests;
/** A checked request, told apart by the name of its tool. */
export type EffectRequest = { [N in EffectName]: { readonly name: N; readonly input: z.output<(typeof effectRequests)[N]> } }[EffectName];

/** Throws a ZodError that says what is wrong. */
export function readRequest(name: EffectName, input: unknown): EffectRequest {
  return { name, input: effectRequests[name].parse(input) } as EffectRequest;
}

/** How far an effect came. */
export const EffectState = z.enum(['begun', 'done', 'failed']);
export type EffectState = z.infer<typeof EffectState>;

/** One effect made exact: what its approval is bound to. */
export interface PlannedEffect {
  /** For the policy, as in `push:origin/refs/heads/belay/BUG-1-…`. */
  readonly resource: string;
  readonly title: string;
  /** Everything that makes it this effect and no other, for the person who decides. */
  readonly detail: string;
  /**
   * Whether it stands outside, for one that was asked for before and got as far as `before`. `not_done`: doing it is right.
   * `unknown`: the outside cannot tell.
   */
  readonly standing: (before: EffectState) => Promise<{ readonly done: string } | 'not_done' | 'unknown'>;
  /** Does it. Returns what to tell the agent. */
  readonly perform: (key: string) => Promise<string>;
}
