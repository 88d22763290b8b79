/** Takes working folders away that were settled long ago. The sessions, their results and Undo stay. */
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { ReviewDecision } from '../../protocol/records.ts';
import { isFinal } from '../../protocol/states.ts';
import type { BelayApi } from '../../protocol/typedClient.ts';
import { removeLine } from '../workspace/removal.ts';

/** Decisions after which nobody needs the folder of a result. */
const settled: readonly ReviewDecision[] = ['accepted', 'closed', 'discarded'];
/** How long it stays after one of them. */
export const keepMs = 14 * 24 * 60 * 60 * 1000;

/** Removes the folders of lines that may go. One that cannot be told about stays and is given to `problem`. */
export async function sweepLines(
  api: BelayApi,
  linesDir: string,
  now: number,
  problem: (error: unknown) => void,
  /** Called of each before it goes; false keeps it for another time. */
  before: (lineDir: string) => Promise<boolean> = () => Promise.resolve(true),
): Promise<void> {
  for (const entry of await readdir(linesDir, { withFileTypes: true }).catch(() => [])) {
    if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
    try {
      // Saves asking about young folders: nothing in one was settled before the folder was made.
      const lineDir = path.join(linesDir, entry.name);
      const made = (await lstat(lineDir)).mtimeMs;
      if (now - made > keepMs && (await mayGo(api, entry.name, now)) && (await before(lineDir))) await removeLine(linesDir, entry.name);
    } catch (error) {
      problem(error);
    }
  }
}

/** Nothing works in it, and its newest result was settled long enough ago. */
async function mayGo(api: BelayApi, lineId: string, now: number): Promise<boolean> {
  const { entries } = await api.listSessions({ query: { line: lineId, limit: 100 } });
  const newest = entries.toSorted((a, b) => b.createdAt - a.createdAt)[0];
  if (!newest || entries.some((session) => !isFinal(session.state))) return false;
  if (newest.review === null || !settled.includes(newest.review)) return false;
  const reviews = await api.listReviews({ params: { id: newest.id } });
  return reviews.entries.every((review) => now - review.at > keepMs);
}
