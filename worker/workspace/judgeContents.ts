/** Judges changed paths by what stands in them, in their names and links: secrets, programs, and what a reader does not see. */
import path from 'node:path';
import { blobTexts, isPointer, programKind, startsAsProgram } from './blobs.ts';
import type { RawChange } from './diff.ts';
import type { GitOptions } from './git.ts';
import { hiddenText } from './hiddenText.ts';
import { uncovers } from './ignoreRules.ts';
import { absent, ordinary, stayedExecutable, type Verdict } from './judge.ts';
import type { FoundSecret, SecretFinder } from './secrets.ts';

/** Makes verdicts stricter; milder only for a file that keeps an executable bit without being a program. */
export async function judgeContents(
  changes: readonly RawChange[],
  verdicts: Map<string, Verdict>,
  sizes: ReadonlyMap<string, number>,
  git: GitOptions,
  secrets: SecretFinder,
): Promise<void> {
  const leaving = changes.filter((change) => verdicts.get(change.path)?.class !== 'control');
  const bytesOf = bytesBefore(git);
  for (const change of leaving) {
    // A name or a link's target is text that leaves, too.
    const found = change.newMode === absent ? null : secrets.find(nameText(change), change.oldMode === absent ? '' : change.path);
    if (found) verdicts.set(change.path, { class: 'control', reason: `its name holds ${found.what}` });
  }
  const read = leaving.filter((change) => change.newMode.startsWith('100') && verdicts.get(change.path)?.class !== 'control');
  const byId = Map.groupBy(read, (change) => change.newId);
  for await (const [id, bytes] of blobTexts([...byId.keys()], sizes, git)) {
    const text = bytes.toString('utf8');
    for (const change of byId.get(id) ?? []) {
      const verdict = verdicts.get(change.path) ?? ordinary;
      verdicts.set(change.path, await judgeOne({ change, verdict, bytes, text }, bytesOf, secrets));
    }
  }
  for (const change of leaving.filter((entry) => entry.newMode === absent && isIgnoreFile(entry.path))) {
    const reason = uncovers((await bytesOf(change)).toString('utf8'), '');
    if (reason !== null) verdicts.set(change.path, apart(verdicts.get(change.path) ?? ordinary, reason));
  }
}

const nameText = (change: RawChange): string => `${change.path}\n${change.linkTarget ?? ''}`;
const isIgnoreFile = (file: string): boolean => /^\..*ignore$/u.test(path.posix.basename(file));

interface Content {
  readonly change: RawChange;
  readonly verdict: Verdict;
  readonly bytes: Buffer;
  readonly text: string;
}

async function judgeOne(
  { change, verdict, bytes, text }: Content,
  bytesOf: (change: RawChange) => Promise<Buffer>,
  secrets: SecretFinder,
): Promise<Verdict> {
  const before = async (): Promise<string> => (await bytesOf(change)).toString('utf8');
  const found = await newSecret(text, before, secrets);
  if (found) return { class: 'control', reason: `holds ${found.what} (line ${found.line})` };
  const hides = text.includes('\0') || hiddenText(text, '') === null ? null : hiddenText(text, await before());
  const program = isPointer(text) ? 'a pointer to content kept elsewhere (Git LFS)' : programKind(bytes);
  const reasons = [
    program !== null && verdict.class === 'ordinary' ? program : null,
    isIgnoreFile(change.path) ? uncovers(await before(), text) : null,
    hides,
  ].filter((reason) => reason !== null);
  // Git keeps the bit of a source file that somebody once set, and no shell is asked to run "index.js".
  const kept = verdict === stayedExecutable && path.posix.extname(change.path) !== '';
  const milder = kept && !startsAsProgram(bytes) && !startsAsProgram(await bytesOf(change)) ? ordinary : verdict;
  return reasons.reduce(apart, milder);
}

/** Shown apart for one reason more. */
function apart(verdict: Verdict, reason: string): Verdict {
  return { class: 'host_executed', reason: verdict.reason === null ? reason : `${verdict.reason}; ${reason}` };
}

/** What stood in the file before is no news. */
async function newSecret(text: string, before: () => Promise<string>, secrets: SecretFinder): Promise<FoundSecret | null> {
  const plain = text.replaceAll('\0', '');
  for (const [now, of] of [[text, (old: string) => old] as const, [plain, (old: string) => old.replaceAll('\0', '')] as const]) {
    if (secrets.find(now) === null) continue;
    const found = secrets.find(now, of(await before()));
    if (found) return found;
  }
  return null;
}

/** Reads what a path held before, each once at a time: most changes never need it. */
function bytesBefore(git: GitOptions): (change: RawChange) => Promise<Buffer> {
  let last: { id: string; bytes: Buffer } | null = null;
  return async ({ oldMode, oldId }) => {
    if (!oldMode.startsWith('100')) return Buffer.alloc(0);
    if (last?.id === oldId) return last.bytes;
    let bytes = Buffer.alloc(0);
    for await (const [, found] of blobTexts([oldId], new Map(), git)) bytes = Buffer.from(found);
    last = { id: oldId, bytes };
    return bytes;
  };
}
