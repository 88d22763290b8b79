/**
 * How far a person's "yes" reaches. An agent is only ever told "this once"; what is meant to last is remembered here,
 * bound to the exact action and the policy, so that no agent widens it.
 */
import type { PermissionAnswer, PermissionWish } from '../agents/base/driver.ts';
import { rememberedKey, type Policy } from '../policy/decide.ts';
import type { Action } from '../policy/facts.ts';
import type { Grants } from '../workerConfig/grants.ts';

type Options = PermissionWish['options'];
const offered: Options = [
  { id: 'belay-once', label: 'Allow once', effect: 'allow_once' },
  { id: 'belay-session', label: 'This session', effect: 'allow_session' },
  { id: 'belay-repository', label: 'This repository', effect: 'allow_repository' },
  { id: 'belay-deny', label: 'Deny', effect: 'deny' },
];

export class Permissions {
  readonly #policy: Policy;
  readonly #grants: Grants | null;
  readonly #session = new Set<string>();

  /** `grants` is null where there is no repository to remember anything for. */
  constructor(policy: Policy, grants: Grants | null) {
    this.#policy = policy;
    this.#grants = grants;
  }

  /** Why this is allowed without a question, or null. */
  remembered(actions: readonly Action[]): string | null {
    const key = rememberedKey(actions, this.#policy.situation);
    if (this.#session.has(key)) return 'allowed in this session';
    return this.#grants?.has('action', key, this.#policy.hash) === true ? 'allowed in this repository' : null;
  }

  /** What the person may choose from: questions of an agent's own keep their answers, effects are never allowed in advance. */
  optionsFor(wish: PermissionWish): Options {
    const { allow, deny } = ends(wish.options);
    if (allow === undefined || deny === undefined || !['read', 'run', 'network'].includes(wish.class)) return wish.options;
    return this.#grants === null ? offered.filter((option) => option.effect !== 'allow_repository') : offered;
  }

  /** Turns the person's choice into the agent's own answer, and remembers what is to last. */
  settle(wish: PermissionWish, actions: readonly Action[], answer: PermissionAnswer): PermissionAnswer {
    const chosen = offered.find((option) => option.id === answer?.optionId);
    if (!chosen) return answer;
    const { allow, deny } = ends(wish.options);
    const key = rememberedKey(actions, this.#policy.situation);
    if (chosen.effect === 'allow_session') this.#session.add(key);
    if (chosen.effect === 'allow_repository')
      this.#grants?.add({
        kind: 'action',
        hash: key,
        policyHash: this.#policy.hash,
        what: `${wish.class} ${wish.resource}`.slice(0, 1000),
        at: Date.now(),
      });
    return { optionId: (chosen.effect === 'deny' ? deny : allow)?.id ?? null, text: null };
  }
}

/** The agent's own answers for "yes, this once" and for "no". */
export function ends(options: Options): { readonly allow: Options[number] | undefined; readonly deny: Options[number] | undefined } {
  const find = (effect: Options[number]['effect']) => options.find((option) => option.effect === effect);
  return { allow: find('allow_once') ?? find('allow_session'), deny: find('deny') };
}
