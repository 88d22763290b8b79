/** Follows a session in the terminal to its end. */
import { createInterface } from 'node:readline/promises';
import { activityLines, plainStyle } from '../client/activityLines.ts';
import type { Connection } from '../client/connection.ts';
import type { Activity } from '../protocol/activities.ts';
import type { Session } from '../protocol/records.ts';
import { isFinal } from '../protocol/states.ts';
import type { Output } from './output.ts';

/** Resolves with the session once it is final, or at once when `signal` ends. `onInput` is told of each open question. */
async function followSession(
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

/** Prints activities; asks the person each question, or takes the first allowing answer with `--yes`. */
export async function follow(connection: Connection, sessionId: string, yes: boolean, output: Output): Promise<Session> {
  const stop = () => {
    void connection.api.cancelSession({ params: { id: sessionId }, body: {} });
  };
  const linesOf = activityLines(plainStyle);
  process.on('SIGINT', stop);
  try {
    return await followSession(connection, sessionId, {
      activity: (activity) => {
        for (const line of linesOf(activity)) output.progress(line);
      },
      input: (inputId) => {
        void answer(connection, sessionId, inputId, yes, output).catch((error: unknown) => {
          output.failure(error);
        });
      },
    });
  } finally {
    process.off('SIGINT', stop);
  }
}

async function answer(connection: Connection, sessionId: string, inputId: string, yes: boolean, output: Output): Promise<void> {
  const { entries } = await connection.api.listInputs({ query: { session: sessionId, state: ['open'] } });
  const input = entries.find((entry) => entry.id === inputId);
  if (!input) return;
  let optionId: string | null = null;
  let words: string | null = null;
  if (yes) optionId = input.options.find((option) => option.effect !== 'deny')?.id ?? null;
  else if (process.stdin.isTTY) {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    const shown = input.options.map((option, index) => `  ${index + 1} ${option.label}`).join('\n');
    const typed = await lines.question(`${input.title}\n${input.detail}\n${shown}\n> `).finally(() => {
      lines.close();
    });
    const picked = input.options[Number(typed) - 1];
    optionId = picked?.id ?? null;
    words = picked || !input.acceptsText ? null : typed;
  }
  if (optionId === null && words === null) {
    output.progress(`Waiting: answer "${input.title}" in the panel, or run with --yes.`);
    return;
  }
  await connection.api.answerInput({ params: { id: inputId }, body: { optionId, text: words, actionHash: input.actionHash } });
}

export function outcomeText(session: Session): string {
  const result = session.result;
  if (session.state !== 'complete')
    return session.error
      ? `${session.error.message}${session.error.hint ? `\n${session.error.hint}` : ''}`
      : `The session is ${session.state}.`;
  if (!result?.headCommit) return result?.summary ?? 'Finished without changes.';
  const files = result.files.map(
    (file) =>
      `  ${file.path} +${file.added ?? 0} -${file.deleted ?? 0}${file.class === 'host_executed' ? ` (runs on your machine: ${file.reason ?? ''})` : ''}`,
  );
  const held = result.heldBack.map((file) => `  ${file.path} held back: ${file.reason}`);
  return [
    result.summary,
    `${result.files.length} files, +${result.added} -${result.deleted}`,
    ...files,
    ...held,
    `Review: belay accept ${session.id}`,
  ].join('\n');
}
