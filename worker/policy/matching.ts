/** Reads the patterns of rules, and says what each speaks of. A pattern that cannot be read is an error, never "no match". */
import { BelayError } from '../../protocol/errors.ts';
import { programName, type RunFact } from './commands.ts';
import { foldPath } from './fold.ts';
import { hostName, parseHostPort, type HostPort } from './hosts.ts';
import type { PolicyClass, Rule } from '../../protocol/policy.ts';
import type { Word } from './shell.ts';
import { absolute, type Situation } from './situation.ts';

/** One thing a decision is about. */
export type Fact =
  | { readonly class: 'read' | 'write'; readonly names: readonly string[] }
  | ({ readonly class: 'run' } & RunFact)
  | ({ readonly class: 'network' } & HostPort)
  | { readonly class: 'effect'; readonly name: string };
type Speaks = (fact: Fact) => boolean;

/** Of the built-in layer, which only forbids: `except` names folders that stay as other rules have them. */
export type LayerRule = Rule & { readonly except?: readonly string[] };

/** A rule that forbids looks through spellings and wrappers; one that allows takes what it names and nothing else. */
export function compile(rule: LayerRule, situation: Situation): Speaks {
  const strict = rule.decision === 'allow';
  if (rule.match === undefined) return (fact) => fact.class === rule.class;
  const tests = rule.match.map((pattern) => readers[rule.class](pattern, strict, situation));
  const { except = [] } = rule;
  const speaks: Speaks = (fact) => fact.class === rule.class && tests.some((test) => test(fact));
  return except.length === 0 || strict ? speaks : (fact) => speaks(besides(fact, except, situation));
}

/** The same without names of files in these folders. */
function besides(fact: Fact, folders: readonly string[], { machine }: Situation): Fact {
  if (fact.class !== 'read' && fact.class !== 'write') return fact;
  return { ...fact, names: fact.names.filter((name) => !folders.some((folder) => machine.within(name, folder))) };
}

const readers: Record<PolicyClass, (pattern: string, strict: boolean, situation: Situation) => Speaks> = {
  read: pathPattern,
  write: pathPattern,
  run: runPattern,
  network: hostPattern,
  effect: effectPattern,
};

const unreadable = (pattern: string, hint: string): BelayError =>
  new BelayError('bad_request', `The pattern "${pattern}" cannot be read.`, { hint });

/** `src/**`, `~/x`, `/etc/hosts`, `**` before a name: the path and all below it. Relative ones begin in the working folder. */
function pathPattern(pattern: string, strict: boolean, situation: Situation): Speaks {
  const anywhere = pattern.startsWith('**/');
  const full = anywhere ? `/${pattern}` : absolute(pattern, situation.clone, situation);
  if (full === null || full.split('/').includes('..'))
    throw unreadable(pattern, 'Write a path without "..", as in "src/**", "~/notes" or "**/.env".');
  const exact = strict && !situation.machine.foldsCase;
  const spell = (name: string): string => (exact ? name.normalize('NFC') : foldPath(name));
  const forms = new Set([full, anywhere ? full : throughLinks(pattern, full, strict, situation)]);
  const tests = [...forms].map((form) => {
    const body = spell(tidy(form)).split('/').filter(Boolean).map(segment).join('');
    return new RegExp(`^${body}(?:/.*)?$`, 'su');
  });
  return (fact) => {
    if (fact.class !== 'read' && fact.class !== 'write') return false;
    const named = fact.names.map((name) => tests.some((test) => test.test(spell(name))));
    return strict ? named.every(Boolean) : named.some(Boolean);
  };
}

/**
 * The pattern as it stands where the folders it begins in really lie: a home may be reached through a link. What allows follows
 * the links of the working folder's and the home's own place only, since those below may be the agent's.
 */
function throughLinks(pattern: string, full: string, strict: boolean, { clone, home, machine }: Situation): string {
  const { resolve } = machine;
  if (strict) return absolute(pattern, resolve(clone) ?? clone, { home: resolve(home) ?? home, machine }) ?? full;
  const parts = tidy(full).split('/');
  const open = parts.findIndex((part) => /[*?]/u.test(part));
  const fixed = open < 0 ? parts : parts.slice(0, open);
  const real = resolve(fixed.join('/') || '/');
  return real === null ? full : [real, ...parts.slice(fixed.length)].join('/');
}

/** A pattern without `..` in its shortest spelling. */
const tidy = (pattern: string): string => pattern.replaceAll(/\/(?:\.?(?:\/|$))+/gu, '/');

function segment(text: string): string {
  return text === '**' ? '(?:/[^/]+)*' : `/${glob(text, '[^/]')}`;
}

/** `*` is any number of `any`, `?` is one. */
function glob(text: string, any: string): string {
  return text
    .replace(/[.+^${}()|[\]\\]/gu, '\\$&')
    .replaceAll('*', `${any}*`)
    .replaceAll('?', any);
}

/** `git push *`: words one by one; `*` alone is one word, at the end any words. */
function runPattern(pattern: string, strict: boolean): Speaks {
  const parts = pattern.trim().split(/\s+/u);
  const open = parts.at(-1) === '*';
  const wanted = open ? parts.slice(0, -1) : parts;
  const [program, ...rest] = wanted;
  if (program === undefined || (strict && /[*?]/u.test(program)))
    throw unreadable(
      pattern,
      strict
        ? 'An allowed command begins with the name of its program, as in "npm test *".'
        : 'Write "git push *", or leave "match" out for all commands.',
    );
  const first = new RegExp(`^${glob(strict ? program : program.toLowerCase(), '.')}$`, 'su');
  const tests = rest.map((part) => new RegExp(`^${glob(part, '.')}$`, 'su'));
  const plain = (fact: RunFact): boolean => fact.assignments.length === 0 && fact.words.every((word) => !word.dynamic);
  return (fact) => {
    if (fact.class !== 'run') return false;
    const [name, ...words] = fact.words;
    if (name === undefined) return false;
    if (strict) return plain(fact) && first.test(name.text) && inOrder(tests, words, open, false);
    const names = program.includes('/') ? [name.text.toLowerCase()] : [programName(name.text)];
    return (name.dynamic || names.some((entry) => first.test(entry))) && inOrder(tests, words, open, true);
  };
}

/**
 * `loose`: options, each with one value, may stand between, and what is only known when it runs may be any word. Keeps for each
 * word how many tests may have been met before it, so that its time grows with the words and not with the ways to read them.
 */
function inOrder(tests: readonly RegExp[], words: readonly Word[], open: boolean, loose: boolean): boolean {
  let [here, next, afterNext] = [new Set([0]), new Set<number>(), new Set<number>()];
  for (const [place, word] of words.entries()) {
    const isOption = loose && (word.text.startsWith('-') || word.dynamic);
    for (const met of here) {
      const test = tests[met];
      if (test === undefined) {
        if (open || loose) return true;
        continue;
      }
      if ((loose && word.dynamic) || test.test(word.text)) next.add(met + 1);
      if (!isOption) continue;
      next.add(met);
      if (place + 1 < words.length) afterNext.add(met);
    }
    [here, next, afterNext] = [next, afterNext, new Set()];
  }
  return here.has(tests.length);
}

/** `api.example.com:443`, `*.example.com:443` (not the domain itself), `example.com:*`. */
function hostPattern(pattern: string, strict: boolean): Speaks {
  const match = /^(\*\.)?(\[[0-9a-fA-F:.]+\]|[^:[\]*]+|\*)(?::(\d{1,5}|\*))?$/u.exec(pattern.trim());
  if (!match || (strict && match[3] === undefined))
    throw unreadable(pattern, 'Write a host with its port, as in "api.example.com:443" or "*.example.com:443".');
  const [, below, name = '', port = '*'] = match;
  const host = name === '*' && below === undefined ? null : parsedHost(name, pattern);
  const wantedPort = port === '*' ? null : parseHostPort(`a:${port}`).port;
  return (fact) => {
    if (fact.class !== 'network' || (wantedPort !== null && fact.port !== wantedPort)) return false;
    return host === null || (below === undefined ? fact.host === host : fact.host.endsWith(`.${host}`));
  };
}

function parsedHost(name: string, pattern: string): string {
  const host = name.startsWith('[') ? parseHostPort(`${name}:1`).host : hostName(name);
  if (host === null) throw unreadable(pattern, 'A host is a name of letters, digits and hyphens, or an address.');
  return host;
}

/** `push:origin/*`, `mcp:weather/forecast`: `*` is any text. */
function effectPattern(pattern: string, strict: boolean): Speaks {
  const test = new RegExp(`^${glob(pattern, '.')}$`, strict ? 'su' : 'isu');
  return (fact) => fact.class === 'effect' && test.test(fact.name);
}
