/** What time takes away, a little at each call: no step holds anything for long. */
import { oldest, type Retention } from '../../../domain/retention.ts';
import type { Duty, RetentionSummary } from '../../base/calls.ts';
import type { Tx } from '../../base/engine.ts';
import { count, integer, text } from '../../base/rows.ts';
import { baseSql } from '../../base/sql.ts';
import type { Row } from '../../base/values.ts';
import { fold } from '../sessions/history.ts';
import { sessionSql } from '../sessions/sql.ts';
import { retentionSql } from './sql.ts';

const perStep = { events: 2_000, activities: 500, sessions: 200 };
/** Late reports come from one lost claim or two; what goes beyond this stays where it is. */
const mostLate = 5_000;
/** About so much text goes into one chunk. */
const chunkChars = 1 << 20;
/** A mark that nothing was found up to is moved on this often at most: it is a row that others want as well. */
const markStepMs = 3_600_000;

/** One step of everything that is due in a workspace. What it did says whether there may be more. */
export async function retain(tx: Tx, duty: Duty, keep: Retention): Promise<RetentionSummary> {
  const { workspaceId } = duty;
  await tx.get(baseSql.alone, { name: `retention:${workspaceId}` });
  const marks = await tx.get(retentionSql.retained, { workspace: workspaceId });
  if (!marks) return { events: 0, folded: 0, forgotten: 0 };
  const cut = oldest(keep, duty.now);
  await tx.run(retentionSql.instancesForget, { workspace: workspaceId, before: cut.instance });
  const events = await forgetEvents(tx, workspaceId, integer(marks, 'event_floor'), cut.event);
  const { folded, to } = await foldOne(tx, workspaceId, integer(marks, 'folded_to'), cut.activity);
  // Only of sessions that are folded whole: what is folded after its time would stay.
  const before = cut.history === null ? 0 : Math.min(cut.history, to);
  const forgotten = before === 0 ? 0 : await forgetHistory(tx, workspaceId, integer(marks, 'forgotten_to'), before);
  return { events, folded, forgotten };
}

async function forgetEvents(tx: Tx, workspaceId: string, floor: number, before: number): Promise<number> {
  const upTo = count(await tx.get(retentionSql.oldEvents, { workspace: workspaceId, floor, limit: perStep.events, before }));
  if (upTo <= floor) return 0;
  const gone = await tx.run(retentionSql.eventsForget, { workspace: workspaceId, floor, upTo });
  await tx.run(retentionSql.eventFloor, { workspace: workspaceId, floor: upTo });
  return gone;
}

/** The first rows that together are about one chunk, at least one. */
function chunkOf(rows: readonly Row[]): readonly Row[] {
  let chars = 0;
  const end = rows.findIndex((row) => (chars += text(row, 'body').length) > chunkChars);
  return end < 0 ? rows : rows.slice(0, Math.max(1, end));
}

/** Folds a chunk of the oldest session that is not folded yet; the session itself is never written. All that ended before `to` are folded whole. */
async function foldOne(tx: Tx, workspaceId: string, from: number, before: number): Promise<{ folded: number; to: number }> {
  const session = await tx.get(retentionSql.foldDue, { workspace: workspaceId, from, before });
  if (!session) {
    const to = before - from >= markStepMs ? before : from;
    if (to > from) await tx.run(retentionSql.foldedTo, { workspace: workspaceId, to });
    return { folded: 0, to };
  }
  const id = text(session, 'id');
  const activities = chunkOf(await tx.all(sessionSql.activitiesAfter, { session: id, after: 0, limit: perStep.activities }));
  const [first, last] = [activities[0], activities.at(-1)];
  if (first && last) {
    await fold(tx, id, 'activity', integer(first, 'seq'), integer(last, 'seq'), activities);
    await tx.run(retentionSql.activitiesFolded, { session: id, upTo: integer(last, 'seq') });
    return { folded: 1, to: from };
  }
  const late = await tx.all(sessionSql.lateList, { session: id, after: 0, limit: mostLate });
  if (late.length > 0) await fold(tx, id, 'late', 1, late.length, late);
  const claims = await tx.all(retentionSql.claimList, { session: id });
  if (claims.length > 0) await fold(tx, id, 'claim', 1, claims.length, claims);
  const snapshot = await tx.get(sessionSql.sessionSnapshot, { session: id });
  await fold(tx, id, 'snapshot', 1, 1, snapshot ? [{ session_id: id, ...snapshot }] : []);
  if (late.length > 0) await tx.run(retentionSql.lateFolded, { session: id, upTo: late.length });
  await tx.run(retentionSql.claimsFolded, { session: id });
  await tx.run(retentionSql.snapshotFolded, { session: id });
  const to = integer(session, 'finished_at');
  await tx.run(retentionSql.foldedTo, { workspace: workspaceId, to });
  return { folded: 1, to };
}

async function forgetHistory(tx: Tx, workspaceId: string, from: number, before: number): Promise<number> {
  const sessions = await tx.all(retentionSql.forgetDue, { workspace: workspaceId, from, before, limit: perStep.sessions });
  const last = sessions.at(-1);
  if (!last) return 0;
  await tx.run(retentionSql.historyForget, { sessions: JSON.stringify(sessions.map((row) => text(row, 'id'))) });
  const more = sessions.length === perStep.sessions;
  await tx.run(retentionSql.forgottenTo, { workspace: workspaceId, to: more ? integer(last, 'finished_at') : before });
  return sessions.length;
}
