/** The words after `belay` before they are parsed: which of them are options, and which only look so. */

/** Stands before a word that begins with "-" and is no option, which the parser would take for one. */
const mark = '\u0000';

const looksLikeOption = (word: string): boolean => /^--?[a-z][a-z-]*(?:=|$)/iu.test(word);

/** Marks words such as `- [ ] test it`. What follows `--` is plain by itself. */
export function markPlain(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  return argv.map((word, at) =>
    word.startsWith('-') && word.length > 1 && (end < 0 || at < end) && !looksLikeOption(word) ? mark + word : word,
  );
}

export const unmark = (word: string): string => (word.startsWith(mark) ? word.slice(mark.length) : word);

/** `belay help X` is `belay X --help`, and `belay --json X` is `belay X --json`. */
export function inOrder(argv: readonly string[]): string[] {
  const [first, ...rest] = argv;
  if (first === 'help') return [...rest.filter((word) => !word.startsWith('-')), '--help'];
  if (first !== '--json') return [...argv];
  const names = rest.findIndex((word) => word.startsWith('-'));
  return names < 0 ? [...rest, '--json'] : [...rest.slice(0, names), '--json', ...rest.slice(names)];
}
