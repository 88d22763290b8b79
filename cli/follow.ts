/** Follows a session in the terminal to its end. */
import type { Connection } from '../client/connection.ts';
import type { Activity } from '../protocol/activities.ts';
import type { Session } from '../protocol/records.ts';
import { isFinal } from '../protocol/states.ts';

/** Resolves with the session once it is final, or at once when `signal` ends. `onInput` is told of each open question. */
export async function followSession(
  connection: Connection,
  sessionId: string,
  on: { activity: (activity: Activity) => void; input?: (inputId: string) => void },
  signal?: AbortSignal,
): Promise<Session> {
  const stop = new AbortController();
  const all = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const read = () => connection.api.getSession({ params: { id: sessionId } });
  try {
    return await new Promise<Session>((resolve, reject) => {
      const look = () => {
        read().then((session) => {
          if (isFinal(session.state) || all.aborted) resolve(session);
        }, reject);
      };
      all.addEventListener('abort', look);
      connection
        .subscribeWorkspace((event) => {
          if (event.sessionId === sessionId) look();
        }, all)
        .then(() =>
          connection.subscribeSession(
            sessionId,
            0,
            (activity) => {
              on.activity(activity);
              if (activity.kind === 'progress' && activity.body.type === 'input_asked') on.input?.(activity.body.inputId);
            },
            all,
          ),
        )
        .then(look, reject);
    });
  } finally {
    stop.abort();
  }
}
