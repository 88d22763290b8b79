/** Connections that are not on the sandbox's list: decided by the run's policy while a program waits for them. */
import type { PermissionAnswer, PermissionWish } from '../agents/base/driver.ts';
import type { Policy } from '../policy/decide.ts';
import type { Action } from '../policy/facts.ts';
import { spellHostPort } from '../policy/hosts.ts';
import { ends, type Permissions } from './permissions.ts';

export interface DialsOptions {
  readonly policy: Policy;
  readonly permissions: Pick<Permissions, 'remembered'>;
  readonly ask: (wish: PermissionWish) => Promise<PermissionAnswer>;
}

/**
 * Only a rule that says so makes a question of a connection. Where no rule speaks it is refused: programs dial hosts all
 * the time that nobody needs, and a run that asked for each would be one nobody answers.
 */
export class Dials {
  readonly #options: DialsOptions;
  readonly #asked = new Map<string, Promise<boolean>>();
  readonly #refused = new Set<string>();
  readonly #expected = new Set<string>();

  constructor(options: DialsOptions) {
    this.#options = options;
  }

  /** A person said yes, once, to what the agent asked before it dialled: the next connection there is that one. */
  expect(host: string): void {
    const resource = spellHostPort(host);
    if (resource !== null) this.#expected.add(resource);
  }

  /** Whether this one connection may be opened. `host`: `host:port` as the program spelled it. */
  async opens(host: string): Promise<boolean> {
    const resource = spellHostPort(host);
    if (resource === null || this.#refused.has(resource)) return false;
    const { policy, permissions } = this.#options;
    const action: Action = { class: 'network', resource };
    const { decision, rules } = policy.decide(action);
    if (decision !== 'ask') return decision === 'allow';
    if (this.#expected.delete(resource) || permissions.remembered([action]) !== null) return true;
    if (!policy.explain(action).some(({ verdict }) => verdict === 'ask')) return false;
    const asked = this.#asked.get(resource) ?? this.#ask(resource, rules);
    this.#asked.set(resource, asked);
    return await asked;
  }

  /** One question for all that wait for the same host; a no holds for the run, or every try would ask again. */
  async #ask(resource: string, rules: readonly string[]): Promise<boolean> {
    const wish: PermissionWish = {
      class: 'network',
      resource,
      title: `Connect to ${resource}`,
      detail: `A program of this run opens a connection, and waits. Asked because of: ${rules.join(', ')}.`,
      options,
      acceptsText: false,
    };
    try {
      const isAllowed = isYes(wish, await this.#options.ask(wish));
      if (!isAllowed) this.#refused.add(resource);
      return isAllowed;
    } finally {
      this.#asked.delete(resource);
    }
  }
}

const options: PermissionWish['options'] = [
  { id: 'open', label: 'Allow once', effect: 'allow_once' },
  { id: 'refuse', label: 'Deny', effect: 'deny' },
];

/** The answer is the agent's own "yes". */
export function isYes(wish: PermissionWish, answer: PermissionAnswer): boolean {
  const { allow } = ends(wish.options);
  return allow !== undefined && answer?.optionId === allow.id;
}
