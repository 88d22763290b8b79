/** What a person should know of a session that waits for a worker now. */
import type { Session } from '../../protocol/records.ts';
import type { BelayApi } from '../../protocol/typedClient.ts';
import { messageOf } from '../../protocol/errors.ts';
import { placeAt, placeLine } from './place.ts';
import { nobodyRuns } from './workers.ts';

/** `folderOf` throws where the session's repository has no folder on this machine. */
export async function queuedText(
  api: Pick<BelayApi, 'listWorkers'>,
  session: Session,
  folderOf: (session: Session) => Promise<string>,
  what = 'Queued',
): Promise<string> {
  const place = await folderOf(session).then(
    async (folder) => placeLine(await placeAt(folder)),
    (error: unknown) => messageOf(error),
  );
  const prospect = (await nobodyRuns(api, session, Date.now())) ?? 'It runs once a worker claims it.';
  return [`${what} ${session.id}.`, place, prospect].join('\n');
}
