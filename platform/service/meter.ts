/** What the platform counts about itself: plain numbers, which cost nothing until somebody asks for them. */
import type { ReapSummary } from '../store/base/calls.ts';

export type Ending = 'complete' | 'fail' | 'release' | 'park' | 'cancelled';

export class Meter {
  pollsHeld = 0;
  streamsOpen = 0;
  claims = 0;
  /** Writes of holders that had lost their claim, or whose session had ended. */
  staleRefused = 0;
  /** Activities that came after the claim was lost and were kept aside. */
  lateKept = 0;
  reaperTicks = 0;
  reaperFailures = 0;
  readonly endings: Record<Ending, number> = { complete: 0, fail: 0, release: 0, park: 0, cancelled: 0 };
  readonly reaped: Record<keyof ReapSummary, number> = { extended: 0, lost: 0, requeued: 0, ended: 0, readied: 0, expiredInputs: 0 };
  /** Set by whoever keeps the durations of requests. */
  onRequest: ((method: string, route: string, status: number, ms: number) => void) | undefined;

  reap(done: ReapSummary): void {
    this.reaperTicks += 1;
    for (const [name, count] of Object.entries(done) as [keyof ReapSummary, number][]) this.reaped[name] += count;
  }
}
