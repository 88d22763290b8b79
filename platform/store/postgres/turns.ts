/** Places that workspaces take in turn: one with a thousand requests waiting does not keep out another with one. */

interface Waiting {
  readonly begin: () => void;
}

export class Turns {
  private free: number;
  /** In the order of their next turn; nobody without a request waits. */
  private readonly waiting = new Map<string, Waiting[]>();

  constructor(places: number) {
    this.free = places;
  }

  /** Resolves with what gives the place back; rejects with `tooLate` after `withinMs`. */
  take(key: string, withinMs: number, tooLate: () => Error): Promise<() => void> {
    if (this.free > 0) {
      this.free -= 1;
      return Promise.resolve(this.place());
    }
    return new Promise((resolve, reject) => {
      const one: Waiting = {
        begin: () => {
          clearTimeout(timer);
          resolve(this.place());
        },
      };
      const timer = setTimeout(() => {
        this.leave(key, one);
        reject(tooLate());
      }, withinMs);
      const queue = this.waiting.get(key);
      if (queue) queue.push(one);
      else this.waiting.set(key, [one]);
    });
  }

  private place(): () => void {
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.next();
    };
  }

  private next(): void {
    const [turn] = this.waiting;
    if (!turn) {
      this.free += 1;
      return;
    }
    const [key, queue] = turn;
    const [one, ...rest] = queue;
    this.waiting.delete(key);
    if (rest.length > 0) this.waiting.set(key, rest);
    one?.begin();
  }

  private leave(key: string, one: Waiting): void {
    const rest = (this.waiting.get(key) ?? []).filter((other) => other !== one);
    if (rest.length > 0) this.waiting.set(key, rest);
    else this.waiting.delete(key);
  }
}
