/** How long what is kept. Items, sessions with their results, and reviews stay. */

const day = 86_400_000;

/** In ms. */
export interface Retention {
  /** Events of a workspace's stream: a reader that comes back later looks at everything again. */
  readonly eventMs: number;
  /** After its end, until what a session did is folded into compressed history. */
  readonly activityMs: number;
  /** After its end, until that history goes too; null: never. */
  readonly historyMs: number | null;
}

export const retentions = {
  embedded: { eventMs: 14 * day, activityMs: 90 * day, historyMs: null },
  team: { eventMs: 14 * day, activityMs: 30 * day, historyMs: 400 * day },
} as const satisfies Record<string, Retention>;

/** A process that was not seen for so long does not come back under its name. */
const instanceMs = 30 * day;

/** The times before which things go; history never before it was folded. */
export function oldest(keep: Retention, now: number): { event: number; activity: number; history: number | null; instance: number } {
  const activity = now - keep.activityMs;
  return {
    event: now - keep.eventMs,
    activity,
    history: keep.historyMs === null ? null : Math.min(activity, now - keep.historyMs),
    instance: now - instanceMs,
  };
}
