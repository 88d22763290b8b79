/**
 * Which command lines cannot be run here, by rules that look at their text and at what is installed: never at what a sandbox
 * says of them. It reads shell in its own rough way, so that a mistake of Belay's reader cannot hide itself. Pure.
 */

export interface Known {
  readonly scripts: Readonly<Record<string, string>>;
  /** Programs that the package's own dependencies bring. */
  readonly bins: ReadonlySet<string>;
  readonly files: ReadonlySet<string>;
  /** What `make TARGET` would run; null where it is not known. */
  readonly recipe: (target: string) => string | null;
}

const system = new Set(
  `awk basename bash cat chmod cp cut date diff dirname echo env exit export expr false find grep gzip head id ls make mkdir mktemp mv
  node printf pwd rm rmdir sed set sh sort tail tar tee test touch tr true type uname uniq unset wc which xargs [ cd : command`.split(
    /\s+/u,
  ),
);
const keywords = new Set(['if', 'then', 'else', 'elif', 'do', 'while', 'until', '!', '{', '(', 'time']);
const closing = new Set(['fi', 'done', '}', ')', 'for', 'case', 'esac']);
/** Browsers, services, and what speaks with a registry or a forge. */
const needNetwork = new Set(
  `airtap zuul karma testling coveralls codecov aud audit-ci safe-publish-latest publish np semantic-release standard-version release-it
  gh-pages docsify http-server live-server nodemon husky pre-commit open travis-check-changes lock-verify hallmark snyk auto-changelog
  lint-staged bench-cmp yarn pnpm`.split(/\s+/u),
);
const localGit = new Set([
  'status',
  'diff',
  'log',
  'ls-files',
  'rev-parse',
  'show',
  'describe',
  'branch',
  'add',
  'config',
  'commit',
  'tag',
]);
const localNpm = new Set(['run', 'run-script', 'test', 't', 'tst', 'start', 'ls', 'prefix', 'root', 'bin']);

/** The simple commands of a shell text, roughly: each as its words, without quotes. */
export function roughly(text: string): string[][] {
  const parts: string[][] = [];
  let words: string[] = [];
  const pattern = /'[^']*'|"(?:\\.|[^"])*"|\$\([^)]*\)|\\.|&&|\|\||[;&|\n]|\d?>&\d|[ \t\r]+|[^\s;&|'"\\]+/gu;
  let word = '';
  const endWord = (): void => {
    if (word !== '') words.push(word);
    word = '';
  };
  for (const [token] of text.matchAll(pattern)) {
    if (/^[ \t\r]/u.test(token)) endWord();
    else if (/^(?:&&|\|\||[;&|\n])$/u.test(token)) {
      endWord();
      parts.push(words);
      words = [];
    } else word += token.replace(/^(['"])([\s\S]*)\1$/u, '$2');
  }
  endWord();
  parts.push(words);
  const inner = [...text.matchAll(/\$\(([^()]*)\)/gu)].flatMap(([, inside = '']) => roughly(inside));
  return [...parts.filter((part) => part.length > 0), ...inner];
}

/** Why it is left out; null: it can be run. */
export function reasonAgainst(command: string, known: Known, depth = 0): string | null {
  if (depth > 6) return 'its scripts call each other';
  if (command.includes('${{')) return 'filled in by the CI service';
  if (/--watch\b|--inspect-brk|(?:^|\s)--live\b/u.test(command)) return 'does not end';
  if (/https?:\/\/(?!localhost|127\.)/u.test(command) && !/^\s*echo\b/u.test(command)) return 'needs the network';
  for (const part of roughly(command)) {
    const why = reasonAgainstOne(part, known, depth);
    if (why !== null) return why;
  }
  return null;
}

function reasonAgainstOne(part: readonly string[], known: Known, depth: number): string | null {
  const words = [...part];
  while (words[0] !== undefined && (keywords.has(words[0]) || /^[A-Za-z_]\w*=/u.test(words[0]) || words[0] === 'cross-env')) words.shift();
  const [first, ...rest] = words;
  if (first === undefined || closing.has(first)) return null;
  const program = first.replace(/^\(+/u, '');
  const name = program.replace(/^.*node_modules\/\.bin\//u, '');
  if (needNetwork.has(name)) return `"${name}" needs the network or a browser`;
  if (name === 'npm') return reasonAgainstNpm(rest, known, depth);
  if (name === 'npx')
    return reasonAgainstOne(
      rest.filter((word) => !/^-/u.test(word)),
      known,
      depth,
    );
  if (name === 'git') return localGit.has(rest[0] ?? '') ? null : `"git ${rest[0] ?? ''}" is not work on files`;
  if (name === 'env' || name === 'command' || name === 'exec') return reasonAgainstOne(rest, known, depth);
  if (name === 'make') {
    const target = rest.find((word) => !/[-=]/u.test(word)) ?? '';
    const recipe = known.recipe(target);
    return recipe === null ? `"make ${target}" makes nothing known` : reasonAgainst(recipe, { ...known, recipe: () => null }, depth + 1);
  }
  if (name === 'xargs') {
    const inner = rest.findIndex((word) => !word.startsWith('-'));
    return inner < 0 ? null : reasonAgainstOne(rest.slice(inner), known, depth);
  }
  if (name === 'node' || name === 'sh' || name === 'bash') {
    const script = rest.find((word) => /\.(?:[cm]?js|sh)$/u.test(word) && !/[*$]/u.test(word) && !rest.includes('-e'));
    const file = script?.replace(/^\.\//u, '');
    if (file !== undefined && !known.files.has(file) && !file.startsWith('node_modules/')) return `${file} is not in the package`;
  }
  if (known.bins.has(name) || system.has(name)) return null;
  if (known.files.has(program.replace(/^\.\//u, ''))) return null;
  return `"${program.slice(0, 40)}" is not installed by the package's own dependencies`;
}

function reasonAgainstNpm(rest: readonly string[], known: Known, depth: number): string | null {
  const words = rest.filter((word) => !word.startsWith('-'));
  const [verb = '', named = ''] = words;
  if (!localNpm.has(verb)) return `"npm ${verb}" needs the network or publishes`;
  if (['ls', 'prefix', 'root', 'bin'].includes(verb)) return null;
  const script = verb.startsWith('run') ? named : verb === 'start' ? 'start' : 'test';
  if (known.scripts[script] === undefined) return `there is no script "${script}"`;
  for (const name of [`pre${script}`, script, `post${script}`]) {
    const text = known.scripts[name];
    const why = text === undefined ? null : reasonAgainst(text, known, depth + 1);
    if (why !== null) return why;
  }
  return null;
}
