/** The list of what does not leave: never the value of a secret, never longer than can be sent and read, and always with its counts. */
import type { SecretFinder } from './secrets.ts';
import type { HeldBack } from './types.ts';

/** Of names said in full; of the rest each reason says how many there are. */
const most = { named: 500, bytes: 256 * 1024, reasons: 50 } as const;

export function tellHeldBack(all: readonly HeldBack[], secrets: SecretFinder): HeldBack[] {
  const told: HeldBack[] = [];
  let bytes = 0;
  for (const { path, reason } of all) {
    bytes += Buffer.byteLength(path) + reason.length;
    if (told.length >= most.named || bytes > most.bytes) break;
    told.push({ path: secrets.conceal(path), reason: secrets.conceal(reason) });
  }
  const counts = new Map<string, number>();
  for (const reason of all.slice(told.length).map((entry) => secrets.conceal(entry.reason)))
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const rest = [...counts].sort(([, a], [, b]) => b - a);
  const more = rest.slice(0, most.reasons).map(([reason, count]) => ({ path: `${count} more`, reason }));
  const others = rest.slice(most.reasons).reduce((sum, [, count]) => sum + count, 0);
  return [...told, ...more, ...(others > 0 ? [{ path: `${others} more`, reason: 'for other reasons' }] : [])];
}

/** How many paths a told list stands for. */
export function countHeldBack(told: readonly HeldBack[]): number {
  return told.reduce((sum, { path }) => sum + Number(/^(\d+) more$/u.exec(path)?.[1] ?? 1), 0);
}
