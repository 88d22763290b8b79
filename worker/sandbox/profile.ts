/** What of a policy the sandbox itself enforces, for every process inside and not only for what an agent asks. */
import type { Rule } from '../../protocol/policy.ts';
import type { Policy } from '../policy/decide.ts';
import { isLoopback, parseHostPort, spellHostPort } from '../policy/hosts.ts';
import { absolute, type Situation } from '../policy/situation.ts';

export interface PolicyProfile {
  /** Hosts of the agent and the person, and those that rules of the person allow by name, without the ones a rule is against. */
  readonly hosts: readonly string[];
  /** Those of them on this machine's loopback, and those there that a rule asks for by name. */
  readonly services: readonly string[];
  /** Folders and files that rules forbid to read, or to write. */
  readonly unreadable: readonly string[];
  readonly unwritable: readonly string[];
}

/** `hosts`: what the agent's driver and the person's settings name. */
export function profileOf(policy: Policy, hosts: readonly string[]): PolicyProfile {
  const named = (decision: 'allow' | 'ask'): string[] =>
    policy.rules.flatMap(({ layer, rule }) =>
      rule.class === 'network' && rule.decision === decision && (layer === 'worker' || layer === 'granted')
        ? (rule.match ?? []).filter((pattern) => spellHostPort(pattern) !== null)
        : [],
    );
  const against = (host: string): boolean =>
    policy.explain({ class: 'network', resource: host }).some(({ verdict }) => verdict === 'deny' || verdict === 'ask');
  const closed = (policyClass: 'read' | 'write'): string[] =>
    policy.rules.flatMap(({ layer, rule }) =>
      layer !== 'built_in' && rule.class === policyClass && rule.decision === 'deny' ? placesOf(rule, policy.situation) : [],
    );
  const open = [...new Set([...hosts, ...named('allow')])].filter((host) => !against(host));
  return {
    hosts: open,
    services: [...new Set([...open, ...named('ask')])].filter((host) => isLoopback(parseHostPort(host).host)),
    unreadable: closed('read'),
    unwritable: closed('write'),
  };
}

/** The patterns that name one place. One with a wildcard inside binds what is asked for only: the kernel knows no patterns. */
function placesOf({ match }: Rule, situation: Situation): string[] {
  return (match ?? []).flatMap((pattern) => {
    const place = pattern.replace(/\/\*\*$/u, '');
    const full = /[*?]/u.test(place) ? null : absolute(place, situation.clone, situation);
    return full === null ? [] : [full];
  });
}
