/** Judges every path that differs between two trees, by name, mode and link as `judge.ts` says, by size, and by content. */
import { blobSizes } from './blobs.ts';
import type { ByCheckout } from './byCheckout.ts';
import { absent, lineCounts, linksOf, rawChanges, treeEntries, type LineCount, type RawChange } from './diff.ts';
import type { GitOptions } from './git.ts';
import { bareRepositoryParts, foldClashes, judge, stood, type Links, type Verdict } from './judge.ts';
import { judgeContents } from './judgeContents.ts';
import type { SecretFinder } from './secrets.ts';

export const gateLimits = {
  files: 5000,
  fileBytes: 20 * 1024 * 1024,
  totalBytes: 200 * 1024 * 1024,
  /** Of new files before anything is read. */
  readBytes: 2 * 1024 * 1024 * 1024,
  fileLines: 100_000,
  totalLines: 500_000,
  /** Of names: the list of files has to be sent. */
  nameBytes: 1024 * 1024,
} as const;

export interface JudgedTree {
  readonly changes: readonly RawChange[];
  readonly verdictOf: (change: RawChange) => Verdict;
}

export async function judgeTree(
  base: string,
  tree: string,
  git: GitOptions,
  secrets: SecretFinder,
  byCheckout: ByCheckout = { of: () => () => null },
): Promise<JudgedTree> {
  const changes = await rawChanges(base, tree, git);
  const all = await treeEntries(tree, git);
  const hasLinks = changes.some((change) => change.linkTarget !== null);
  const links: Links = hasLinks ? await linksOf([...(await treeEntries(base, git)), ...all], git) : new Map<string, string[]>();
  const lines = await lineCounts(base, tree, git, '--no-renames');
  const sizes = await blobSizes(changes, git);
  const tooMuch = overLimits(changes, sizes, lines);
  const names = all.map((entry) => entry.path);
  const paths = changes.filter((change) => change.newMode !== absent).map((change) => change.path);
  const clashes = foldClashes(
    changes.filter((change) => change.newMode !== absent && !stood(change)).map((change) => change.path),
    names,
  );
  const bare = bareRepositoryParts(paths, names);
  const inCheckout = byCheckout.of(paths);
  const verdicts = new Map<string, Verdict>();
  for (const change of changes) {
    const held = clashes.has(change.path)
      ? 'the same name as another file where case or Unicode is folded'
      : bare.has(change.path)
        ? 'part of a bare repository'
        : (tooMuch.get(change.path) ?? null);
    verdicts.set(change.path, held ? { class: 'control', reason: held } : stricter(judge(change, links), inCheckout(change.path)));
  }
  await judgeContents(changes, verdicts, sizes, git, secrets);
  return { changes, verdictOf: (change) => verdicts.get(change.path) ?? { class: 'control', reason: 'not judged' } };
}

function stricter(byName: Verdict, byCheckout: Verdict | null): Verdict {
  return byCheckout === null || byName.class === 'control' || (byName.class !== 'ordinary' && byCheckout.class !== 'control')
    ? byName
    : byCheckout;
}

function overLimits(
  changes: readonly RawChange[],
  sizes: ReadonlyMap<string, number>,
  lines: ReadonlyMap<string, LineCount>,
): Map<string, string> {
  const reasons = new Map<string, string>();
  let bytes = 0;
  let added = 0;
  let names = 0;
  changes.forEach(({ path, newId, newMode }, index) => {
    if (newMode === absent) return;
    const size = sizes.get(newId) ?? 0;
    const count = lines.get(path)?.added ?? 0;
    bytes += size;
    added += count;
    names += Buffer.byteLength(path);
    const { files, fileBytes, totalBytes, fileLines, totalLines, nameBytes } = gateLimits;
    if (size > fileBytes) reasons.set(path, `larger than ${fileBytes / 1024 / 1024} MB`);
    else if (count > fileLines) reasons.set(path, `more than ${fileLines} new lines`);
    else if (index >= files) reasons.set(path, `more than ${files} files`);
    else if (bytes > totalBytes) reasons.set(path, `more than ${totalBytes / 1024 / 1024} MB in all`);
    else if (names > nameBytes) reasons.set(path, `more than ${nameBytes / 1024 / 1024} MB of names`);
    else if (added > totalLines) reasons.set(path, `more than ${totalLines} new lines in all`);
  });
  return reasons;
}
