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

/** One activity as a line; null for what a terminal leaves out. */
export function activityLine(activity: Activity): string | null {
  switch (activity.kind) {
    case 'progress': {
      const { body } = activity;
      switch (body.type) {
        case 'phase':
          return `· ${body.phase}${body.detail ? `: ${body.detail}` : ''}`;
        case 'message':
          return body.text;
        case 'command':
          return body.status === 'running' ? null : `$ ${body.command}${body.exitCode === 0 ? '' : ` (${body.exitCode ?? '?'})`}`;
        case 'tool_call':
          return body.status === 'running' ? `› ${body.title}` : null;
        case 'file_change':
          return `${body.change === 'added' ? '+' : body.change === 'deleted' ? '-' : '~'} ${body.path}`;
        case 'commit':
          return `commit ${body.commit.slice(0, 8)} ${body.subject}`;
        case 'blocker':
          return `! ${body.text}`;
        case 'input_asked':
          return `? ${body.title}`;
        case 'input_answered':
          return `  ${body.answer}`;
        case 'message_delivered':
          return `> ${body.text}`;
        case 'thought':
        case 'usage':
          return null;
      }
      return null;
    }
    case 'plan':
      return activity.body.steps
        .map((step) => `${step.status === 'completed' ? '✓' : step.status === 'in_progress' ? '▸' : '○'} ${step.title}`)
        .join('\n');
    case 'policy':
      return `${activity.body.decision}: ${activity.body.class} ${activity.body.resource}`;
    case 'url':
      return `${activity.body.title}: ${activity.body.url}`;
    case 'release':
      return `released: ${activity.body.reason}`;
    case 'completion':
    case 'failure':
    case 'cancellation':
      return null;
  }
}
