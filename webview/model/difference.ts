/** The difference of two texts by lines, whole: every line that one of them alone has, and enough around it to know the place. */

export interface DifferenceLine {
  readonly kind: 'same' | 'theirs' | 'mine' | 'gap';
  /** Of a gap: how many lines both have there. */
  readonly text: string;
}

/** Lines of both that stand around a difference. */
const around = 2;
/** Beyond that many pairs of lines the middle counts as replaced: a person waits for this. */
const mostPairs = 1_000_000;

export function differenceLines(theirs: string, mine: string): DifferenceLine[] {
  const a = theirs.split('\n');
  const b = mine.split('\n');
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const same = (lines: readonly string[]): DifferenceLine[] => lines.map((text) => ({ kind: 'same', text }));
  return folded([
    ...same(a.slice(0, start)),
    ...middle(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...same(a.slice(a.length - end)),
  ]);
}

/** By the longest run of lines that both have in the same order. */
function middle(a: readonly string[], b: readonly string[]): DifferenceLine[] {
  const only = (kind: 'theirs' | 'mine', lines: readonly string[]): DifferenceLine[] => lines.map((text) => ({ kind, text }));
  if (a.length * b.length > mostPairs) return [...only('theirs', a), ...only('mine', b)];
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number): number => longest[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1)
      longest[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const found: DifferenceLine[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      found.push({ kind: 'same', text: a[i] ?? '' });
      i += 1;
      j += 1;
    } else if (at(i + 1, j) >= at(i, j + 1)) found.push({ kind: 'theirs', text: a[i++] ?? '' });
    else found.push({ kind: 'mine', text: b[j++] ?? '' });
  }
  return [...found, ...only('theirs', a.slice(i)), ...only('mine', b.slice(j))];
}

/** Long runs of lines that both have become gaps. */
function folded(lines: readonly DifferenceLine[]): DifferenceLine[] {
  const isNear = lines.map(() => false);
  lines.forEach(({ kind }, index) => {
    if (kind !== 'same') isNear.fill(true, Math.max(0, index - around), index + around + 1);
  });
  const found: DifferenceLine[] = [];
  for (let index = 0; index < lines.length;) {
    const line = lines[index];
    if (isNear[index] && line) {
      found.push(line);
      index += 1;
      continue;
    }
    const from = index;
    while (index < lines.length && !isNear[index]) index += 1;
    found.push({ kind: 'gap', text: String(index - from) });
  }
  return found;
}
