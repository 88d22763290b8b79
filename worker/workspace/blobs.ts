/** Reads file contents out of git's objects, a bounded part at a time, and tells what kind they are. */
import { safeGit, type GitOptions } from './git.ts';

/** Read together at most; one larger blob goes alone. */
const batchBytes = 8 * 1024 * 1024;

/** Of what became a file, by object name. */
export async function blobSizes(
  changes: readonly { readonly newMode: string; readonly newId: string }[],
  git: GitOptions,
): Promise<Map<string, number>> {
  const ids = [...new Set(changes.filter((change) => change.newMode.startsWith('100')).map((change) => change.newId))];
  if (ids.length === 0) return new Map();
  const reply = await safeGit(['cat-file', '--batch-check=%(objectname) %(objectsize)'], { ...git, input: `${ids.join('\n')}\n` });
  return new Map(
    reply.text.split('\n').map((line) => {
      const [id = '', size = '0'] = line.split(' ');
      return [id, Number(size)];
    }),
  );
}

/** Each blob once, by object name. */
export async function* blobTexts(
  ids: readonly string[],
  sizes: ReadonlyMap<string, number>,
  git: GitOptions,
): AsyncGenerator<[string, Buffer]> {
  for (let from = 0; from < ids.length;) {
    let bytes = 0;
    let to = from;
    while (to < ids.length && (to === from || bytes + (sizes.get(ids[to] ?? '') ?? 0) <= batchBytes)) {
      bytes += sizes.get(ids[to] ?? '') ?? 0;
      to += 1;
    }
    yield* parted(
      (await safeGit(['cat-file', '--batch=%(objectname) %(objectsize)'], { ...git, input: `${ids.slice(from, to).join('\n')}\n` })).stdout,
    );
    from = to;
  }
}

/** Takes git's batch output apart: a line with name and size, the bytes, a line end. */
export function* parted(output: Buffer): Generator<[string, Buffer]> {
  for (let at = 0; at < output.length;) {
    const end = output.indexOf(10, at);
    const [id = '', size = '0'] = output.subarray(at, end).toString('utf8').split(' ');
    // A partial clone has not everything.
    if (size === 'missing') {
      at = end + 1;
      continue;
    }
    const bytes = Number(size);
    yield [id, output.subarray(end + 1, end + 1 + bytes)];
    at = end + 1 + bytes + 1;
  }
}

/** A Git LFS pointer names content that nobody has reviewed. */
export const isPointer = (text: string): boolean =>
  text.length < 1024 && /^version https:\/\/(?:git-lfs\.github\.com|hawser\.github\.com)\/spec\//u.test(text);

const magics: readonly (readonly [number[], string])[] = [
  [[0x7f, 0x45, 0x4c, 0x46], 'a compiled program or library'],
  [[0x4d, 0x5a, 0x90, 0x00], 'a compiled program or library'],
  [[0xcf, 0xfa, 0xed, 0xfe], 'a compiled program or library'],
  [[0xce, 0xfa, 0xed, 0xfe], 'a compiled program or library'],
  [[0xca, 0xfe, 0xba, 0xbe], 'a compiled program or library'],
  [[0x00, 0x61, 0x73, 0x6d], 'a compiled program or library'],
];

/** Whether the system would start a file that has the executable bit as what it is, rather than a shell as a script of its own. */
export const startsAsProgram = (bytes: Buffer): boolean => bytes.subarray(0, 2).toString('latin1') === '#!' || programKind(bytes) !== null;

/** Why a file's first bytes say that a machine runs it, or null. */
export function programKind(bytes: Buffer): string | null {
  return magics.find(([magic]) => magic.every((byte, at) => bytes[at] === byte))?.[1] ?? null;
}
