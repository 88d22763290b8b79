/** Reads what stands after `belay`: the command, its arguments, and those options that the command knows. */
import { parseArgs } from 'node:util';
import { BelayError } from '../protocol/errors.ts';
import { quotedName } from '../protocol/shownText.ts';
import type { Command, Flags } from './command.ts';

const options = {
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  mode: { type: 'string' },
  agent: { type: 'string' },
  target: { type: 'string' },
  note: { type: 'string' },
  folder: { type: 'string' },
  base: { type: 'string' },
  kind: { type: 'string' },
  description: { type: 'string' },
  status: { type: 'string' },
  text: { type: 'string' },
  copy: { type: 'boolean' },
  yes: { type: 'boolean' },
  all: { type: 'boolean' },
  print: { type: 'boolean' },
  capacity: { type: 'string' },
  'host-executed': { type: 'boolean' },
  database: { type: 'string' },
  'token-file': { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  connections: { type: 'string' },
  pooled: { type: 'boolean' },
  'lease-profile': { type: 'string' },
  'limit-reads': { type: 'string' },
  'limit-writes': { type: 'string' },
  'limit-work': { type: 'string' },
  'limit-streams': { type: 'string' },
  'log-requests': { type: 'string' },
  'policy-file': { type: 'string' },
  offline: { type: 'boolean' },
  session: { type: 'string' },
  since: { type: 'string' },
  format: { type: 'string' },
  step: { type: 'string' },
  unattended: { type: 'boolean' },
  allow: { type: 'boolean' },
} as const;

type Parsed = ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>>;

/** Stands for a word that begins with "-" and is no option, which the parser would take for one. */
const placeholder = '\u0000';

/** Throws `bad_request` for an option that does not exist or misses its value. */
export function parseWords(argv: readonly string[]): Parsed {
  const words: string[] = [];
  const plain: string[] = [];
  const end = argv.indexOf('--');
  const read = end < 0 ? argv : argv.slice(0, end);
  for (let at = 0; at < read.length; at += 1) {
    const word = read[at] ?? '';
    const next = read[at + 1];
    const takesValue = /^--[a-z-]+$/u.test(word) && isTextOption(word.slice(2));
    if (takesValue && next?.startsWith('-') && !isOption(next)) {
      words.push(`${word}=${next}`);
      at += 1;
    } else if (takesValue && next !== undefined) {
      words.push(word, next);
      at += 1;
    } else if (word.startsWith('-') && word !== '-' && !/^--?[a-z]/iu.test(word)) {
      plain.push(word);
      words.push(`${placeholder}${plain.length - 1}`);
    } else words.push(word);
  }
  try {
    const parsed = parseArgs({ args: [...words, ...(end < 0 ? [] : argv.slice(end))], options, allowPositionals: true });
    const positionals = parsed.positionals.map((word) => (word.startsWith(placeholder) ? (plain[Number(word.slice(1))] ?? word) : word));
    return { ...parsed, positionals };
  } catch (cause) {
    throw new BelayError('bad_request', cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function isTextOption(name: string): boolean {
  return Object.hasOwn(options, name) && options[name as keyof typeof options].type === 'string';
}

/** A value that looks like one of the options is one: its own option misses its value. */
function isOption(word: string): boolean {
  return word === '-h' || (word.startsWith('--') && Object.hasOwn(options, /^--([^=]*)/u.exec(word)?.[1] ?? ''));
}

/** Options every command takes. */
const common = ['json', 'help'];

/** Refuses an option that the command does not name where it says how it is used: it would do nothing. */
export function checkOptions(name: string, command: Command, flags: Flags): void {
  const said = `${command.usage}\n${command.details ?? ''}`;
  const known = new Set([...common, ...[...said.matchAll(/--([a-z-]+)/gu)].map((match) => match[1])]);
  const unknown = Object.keys(flags).find((flag) => flags[flag] !== undefined && !known.has(flag));
  if (unknown !== undefined)
    throw new BelayError('bad_request', `"belay ${name}" has no option --${unknown}.`, { hint: `Usage: belay ${command.usage}` });
}

const withoutOptions = (usage: string): string => usage.replaceAll(/\[--[^\]]*\]|--\S+(?: [A-Z]+)?/gu, '');

/** How many arguments a usage names. */
const argumentsIn = (usage: string): number =>
  withoutOptions(usage)
    .split(' ')
    .slice(1)
    .filter((word) => /^\[?[A-Z]+\]?$/u.test(word)).length;

/** Refuses words beyond those that the usage names: what they ask for would not be done. One with choices looks at its words itself. */
export function checkWords(name: string, command: Command, args: readonly string[]): void {
  const extra = /[|…]/u.test(withoutOptions(command.usage)) ? undefined : args[argumentsIn(command.usage)];
  if (extra !== undefined)
    throw new BelayError('bad_request', `"belay ${name}" does not take ${quotedName(extra)} as well.`, {
      hint: `Usage: belay ${command.usage}`,
    });
}
