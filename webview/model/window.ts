/** Which part of a long list is on the screen. Lengths are CSS pixels. */

/** Start of each entry, and after them the end of the last. */
export function entryOffsets(count: number, heightOf: (index: number) => number): Float64Array<ArrayBuffer> {
  const offsets = new Float64Array(count + 1);
  for (let i = 0; i < count; i += 1) offsets[i + 1] = (offsets[i] ?? 0) + heightOf(i);
  return offsets;
}

/** The entry at `y`; the first or last one when `y` is outside. -1 for an empty list. */
export function entryAt(offsets: Float64Array, y: number): number {
  let low = 0;
  let high = offsets.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((offsets[middle] ?? 0) <= y) low = middle;
    else high = middle - 1;
  }
  return Math.min(low, offsets.length - 2);
}

export interface Span {
  readonly start: number;
  /** One past the last. */
  readonly end: number;
}

/** The entries that touch [top, top + height], with `spare` more on each side. */
export function visibleSpan(offsets: Float64Array, top: number, height: number, spare: number): Span {
  const count = offsets.length - 1;
  if (count === 0) return { start: 0, end: 0 };
  const start = entryAt(offsets, top);
  const end = entryAt(offsets, top + Math.max(0, height)) + 1;
  return { start: Math.max(0, start - spare), end: Math.min(count, end + spare) };
}
