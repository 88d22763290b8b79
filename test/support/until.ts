/** Waits where there is nothing to be told by. */
import { setTimeout as delay } from 'node:timers/promises';

const patienceMs = 50_000;

/** What `look` finds first that is not null; fails with `what` when nothing comes. */
export async function until<T>(what: string, look: () => Promise<T | null> | T | null): Promise<T> {
  for (const end = Date.now() + patienceMs; ;) {
    const found = await look();
    if (found !== null) return found;
    if (Date.now() > end) throw new Error(`${what} did not come`);
    await delay(50);
  }
}
