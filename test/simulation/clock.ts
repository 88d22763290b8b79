/** Virtual time: events run one after the other, in order of time, ties in an order drawn from the seed. */
import type { Random } from '../support/random.ts';

interface Entry {
  readonly at: number;
  readonly tie: number;
  readonly run: () => Promise<void> | void;
}

export class Clock {
  now = 0;
  ran = 0;
  private readonly heap: Entry[] = [];
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  after(delay: number, run: () => Promise<void> | void): void {
    const entry = { at: this.now + Math.max(0, Math.round(delay)), tie: this.random.next(), run };
    const heap = this.heap;
    let i = heap.length;
    heap.push(entry);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!before(entry, heap[parent]!)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = entry;
  }

  /** Runs the next event. False when there is none. */
  async step(): Promise<boolean> {
    const first = this.pop();
    if (!first) return false;
    this.now = first.at;
    this.ran += 1;
    await first.run();
    return true;
  }

  private pop(): Entry | undefined {
    const heap = this.heap;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
      if (!before(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
    return first;
  }
}

const before = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.tie < b.tie);
