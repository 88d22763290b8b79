/** Work that is not handed over because git ignores it, by a rule the agent wrote: said, so that it is not lost in silence. */
import path from 'node:path';
import { absent, type RawChange } from './diff.ts';
import { fields, safeGit, type GitOptions } from './git.ts';
import type { HeldBack } from './types.ts';

const mostNamed = 50;

export async function hiddenByNewRules(changes: readonly RawChange[], git: GitOptions & { workTree: string }): Promise<HeldBack[]> {
  const rules = changes.filter((change) => path.posix.basename(change.path) === '.gitignore' && change.newMode !== absent);
  if (rules.length === 0) return [];
  const at = { ...git, okCodes: [0, 1, 128] };
  const ignored = await safeGit(['ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--directory'], at);
  const names = fields(ignored.stdout)
    .filter((name) => name !== '')
    .slice(0, 1000);
  if (names.length === 0) return [];
  const told = fields(
    (await safeGit(['check-ignore', '-z', '-v', '--no-index', '--stdin'], { ...at, input: names.map((name) => `${name}\0`).join('') }))
      .stdout,
  );
  const old = new Map<string, Set<string>>();
  for (const { path: file, oldId, oldMode } of rules) {
    const before = oldMode === absent ? '' : (await safeGit(['cat-file', 'blob', oldId], at)).text;
    old.set(file, new Set(before.split('\n').map((line) => line.trim())));
  }
  const held: HeldBack[] = [];
  // source, line, pattern, path
  for (let index = 0; index + 3 < told.length && held.length < mostNamed; index += 4) {
    const [source = '', , pattern = '', name = ''] = told.slice(index, index + 4);
    const before = old.get(source);
    if (before && !before.has(pattern)) held.push({ path: name.replace(/\/$/u, ''), reason: `ignored by a rule that is new in ${source}` });
  }
  return held;
}
