/** Keeps the session of `belay run` with its worker: nobody else may be there to claim it after its run was released. */
import type { Activity } from '../../protocol/activities.ts';
import { BelayError } from '../../protocol/errors.ts';
import type { BelayApi } from '../../protocol/typedClient.ts';
import type { Session } from '../../protocol/records.ts';
import type { Worker } from '../../worker/loop/worker.ts';
import { terminalLine } from '../../worker/base/encode.ts';

type Released = Extract<Activity, { kind: 'release' }>['body'];

/** So often in a row a run may be given back that did not ask anybody anything. */
const mostReleases = 3;

/**
 * Returns what is to be called with the session whenever it changed: one that is queued again is claimed again. It rejects
 * with the reason when that has no prospect.
 */
export function claimAgain(
  api: Pick<BelayApi, 'listActivities' | 'getSession'>,
  worker: Pick<Worker, 'claimNow'>,
): (session: Session) => Promise<void> {
  let claiming: Promise<void> | null = null;
  let releases = 0;
  /** How far its activities were read. */
  let after = 0;

  const claim = async (session: Session): Promise<void> => {
    let released: Released | undefined;
    for (let more = true; more;) {
      const { entries, lastSeq } = await api.listActivities({ params: { id: session.id }, query: { limit: 1000, after } });
      after += entries.length;
      more = entries.length > 0 && after < lastSeq;
      released = entries.findLast((entry) => entry.kind === 'release')?.body ?? released;
    }
    // Where a time is named something passes that is waited for, and a run that was parked had something to ask.
    if (released?.notBefore === null) releases += 1;
    else releases = 0;
    if (releases > mostReleases)
      throw new BelayError('conflict', `The run was given back ${releases} times: ${terminalLine(released?.reason ?? '')}`, {
        hint: `The session waits in the queue: "belay worker" takes it up, "belay stop ${session.id}" cancels it.`,
      });
    try {
      await worker.claimNow(session.id);
    } catch (error) {
      // A worker beside this one may have been quicker.
      if ((await api.getSession({ params: { id: session.id } })).state === 'queued') throw error;
    }
  };

  return async (session) => {
    if (session.state !== 'queued') return;
    claiming ??= claim(session).finally(() => {
      claiming = null;
    });
    await claiming;
  };
}
