/** When a session that lost its worker is queued again. */
const base = 10_000;
const ceiling = 5 * 60_000;
const jitterShare = 0.2;

/**
 * Milliseconds to wait after the `lost`-th attempt ended without a result: the first is repeated at
 * once, later ones back off. `chance` in [0, 1) spreads sessions that were lost together.
 */
export function retryDelay(lost: number, chance: number): number {
  if (lost <= 1) return 0;
  const delay = Math.min(base * 2 ** (lost - 2), ceiling);
  return Math.round(delay * (1 + jitterShare * chance));
}
