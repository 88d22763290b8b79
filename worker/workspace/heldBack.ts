/** The list of what does not leave: never the value of a secret, never longer than can be sent and read, and always with its counts. */
import type { SecretFinder } from './secrets.ts';
import type { HeldBack } from './types.ts';

/** Names said in full; of the rest each reason says how many there are. */
const mostNamed = 500;
const mostReasons = 50;

export function tellHeldBack(all: readonly HeldBack[], secrets: SecretFinder): HeldBack[] {
  // A reason may name another path, or say an agent's words.
  const told = all.slice(0, mostNamed).map(({ path, reason }) => ({ path: secrets.conceal(path), reason: secrets.conceal(reason) }));
  const counts = new Map<string, number>();
  for (const entry of all.slice(mostNamed)) {
    const reason = secrets.conceal(entry.reason);
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const rest = [...counts].sort(([, a], [, b]) => b - a);
  const more = rest.slice(0, mostReasons).map(([reason, count]) => ({ path: `${count} more`, reason }));
  const others = rest.slice(mostReasons).reduce((sum, [, count]) => sum + count, 0);
  return [...told, ...more, ...(others > 0 ? [{ path: `${others} more`, reason: 'for other reasons' }] : [])];
}

/** How many paths a told list stands for. */
export function countHeldBack(told: readonly HeldBack[]): number {
  return told.reduce((sum, { path }) => sum + Number(/^(\d+) more$/u.exec(path)?.[1] ?? 1), 0);
}
