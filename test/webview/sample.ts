import type { Data } from './fakeHost.ts';
import { auditPage, donePage, errorPage, itemPage, question, queuePage, runningPage, sampleActivities, sampleRows } from './fixtures.ts';

/** A small workspace: something asks, something runs, something waits for review, something failed. */
export function sampleData(now: number): Data {
  return {
    rows: sampleRows(now),
    items: { 'BUG-12': itemPage(now) },
    sessions: { 'session-run': runningPage(now, [question(now)]), 'session-done': donePage(now), 'session-error': errorPage(now) },
    activities: { 'session-run': sampleActivities(now, 'session-run'), 'session-done': sampleActivities(now, 'session-done') },
    queue: queuePage(now),
    audit: auditPage(now),
  };
}
