/** What was read a moment ago, for what may be that old. */
const mostKept = 20_000;

export class Memory {
  private readonly ageMs: number;
  private readonly kept = new Map<string, { readonly at: number; readonly value: unknown }>();

  /** 0: nothing is kept. */
  constructor(ageMs: number) {
    this.ageMs = ageMs;
  }

  /** `now` is of a clock that never jumps. What `load` throws is not kept. */
  async recall<T>(key: string, now: number, load: () => Promise<T>): Promise<T> {
    const known = this.kept.get(key);
    if (known && now - known.at < this.ageMs) return known.value as T;
    const value = await load();
    if (this.kept.size >= mostKept) this.kept.clear();
    if (this.ageMs > 0) this.kept.set(key, { at: now, value });
    return value;
  }

  forget(key: string): void {
    this.kept.delete(key);
  }
}
