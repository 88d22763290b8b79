/**
 * Patterns of names, as data. A pattern is matched against a folded path: `name` is a file of that name in any folder,
 * `name/` a folder of that name with all that is in it, `a/b` both in a row, and one that begins with `/` counts from
 * the top. `*` is anything but a slash, `{a,b}` one of several, `<code>` and `<data>` the endings below.
 */

/** A reason for people, and the patterns it holds for. */
export type NameRule = readonly [reason: string, patterns: string];

const endings: Readonly<Record<string, string>> = {
  '<code>': '[cm]?[jt]sx?',
  '<data>': '(?:json[c5]?|ya?ml|toml)',
};

function source(pattern: string): string {
  const text = pattern
    .replaceAll(/[.+?^$()|[\]\\]/gu, String.raw`\$&`)
    .replaceAll('*', '[^/]*')
    .replaceAll(/\{([^{}]*)\}/gu, (_, choices: string) => `(?:${choices.split(',').join('|')})`)
    .replaceAll(/<code>|<data>/gu, (ending) => endings[ending] ?? ending);
  // A folder's name may also stand for a link or file in its place.
  const end = text.endsWith('/') ? `${text.slice(0, -1)}(?:/|$)` : `${text}$`;
  return text.startsWith('/') ? `^${end.slice(1)}` : `(?:^|/)${end}`;
}

/** Finds the reason of the first rule that a folded path fits, or null. */
export function matcher(rules: readonly NameRule[]): (path: string) => string | null {
  const compiled = rules.map(
    ([reason, patterns]) => [reason, new RegExp(patterns.trim().split(/\s+/u).map(source).join('|'), 'u')] as const,
  );
  return (path) => compiled.find(([, fits]) => fits.test(path))?.[0] ?? null;
}
