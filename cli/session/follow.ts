/** Follows a session in the terminal to its end. */
import { activityLines, plainStyle } from '../../client/activityLines.ts';
import type { Connection } from '../../client/connection.ts';
import type { Activity } from '../../protocol/activities.ts';
import { messageOf } from '../../protocol/errors.ts';
import type { Input, Session } from '../../protocol/records.ts';
import { isFinal } from '../../protocol/states.ts';
import { terminalLine } from '../../worker/base/encode.ts';
import { questionLines, type Reply } from '../../worker/targets/question.ts';
import type { Output } from '../base/output.ts';
import { Questions } from './questions.ts';

export interface Following {
  /** The first answer that allows is taken to each question. */
  readonly yes: boolean;
  readonly output: Output;
  /** What Ctrl+C does: cancels the session, or leaves it to whoever runs it. */
  readonly onInterrupt: 'cancel' | 'leave';
  /** The session as it is now, each time something about it changed. What it rejects with ends the following. */
  readonly onSession?: (session: Session) => Promise<void>;
}

/** Tells every activity; resolves with the session once it is final, or as it is when `leave` is aborted. */
async function followSession(
  connection: Connection,
  sessionId: string,
  onActivity: (activity: Activity) => void,
  onSession: (session: Session) => Promise<void>,
  leave: AbortSignal,
): Promise<Session> {
  const stop = new AbortController();
  const read = () => connection.api.getSession({ params: { id: sessionId } });
  try {
    return await new Promise<Session>((resolve, reject) => {
      const look = () => {
        read()
          .then(async (session) => {
            if (leave.aborted || isFinal(session.state)) resolve(session);
            else await onSession(session);
          })
          .catch(reject);
      };
      leave.addEventListener('abort', look);
      connection
        .subscribeWorkspace((event) => {
          if (event.sessionId === sessionId) look();
        }, stop.signal)
        .then(() => connection.subscribeSession(sessionId, 0, onActivity, stop.signal))
        .then(look, reject);
    });
  } finally {
    stop.abort();
  }
}

/** Prints activities and asks the person each question, until the session is final or the person leaves. */
export async function follow(connection: Connection, sessionId: string, following: Following): Promise<Session> {
  const { yes, output, onInterrupt, onSession = () => Promise.resolve() } = following;
  const leave = new AbortController();
  const questions: Questions = new Questions({ input: process.stdin, output: process.stderr }, () => {
    interrupt();
  });
  const say = (text: string): void => {
    questions.aside(() => {
      output.progress(text);
    });
  };
  // Once only: a second Ctrl+C leaves this program, and the run ends by itself.
  const interrupt = (): void => {
    process.off('SIGINT', interrupt);
    if (onInterrupt === 'leave') {
      leave.abort();
      return;
    }
    connection.api.cancelSession({ params: { id: sessionId }, body: {} }).then(
      () => {
        say('Stopping.');
      },
      (error: unknown) => {
        say(`The run was not stopped: ${messageOf(error)} Ctrl+C again leaves it running.`);
      },
    );
  };
  const linesOf = activityLines(plainStyle);
  const asked = new Set<string>();
  // An agent may ask without an activity that says so: what is open counts, however it was heard of.
  const ask = async (): Promise<void> => {
    const { entries } = await connection.api.listInputs({ query: { session: sessionId, state: ['open'] } });
    for (const id of asked) if (!entries.some((input) => input.id === id)) questions.withdraw(id);
    for (const input of entries.filter(({ id }) => !asked.has(id))) {
      asked.add(input.id);
      answer(connection, input, yes ? null : questions, output).catch((error: unknown) => {
        say(`The answer was not taken: ${messageOf(error)}`);
      });
    }
  };
  const onActivity = (activity: Activity): void => {
    for (const line of linesOf(activity)) say(line);
    if (activity.kind !== 'progress') return;
    if (activity.body.type === 'input_answered') questions.withdraw(activity.body.inputId);
    if (activity.body.type === 'input_asked')
      ask().catch((error: unknown) => {
        say(`The question could not be read: ${messageOf(error)}`);
      });
  };
  const onChange = async (session: Session): Promise<void> => {
    if (session.openInputs > 0 || asked.size > 0) await ask();
    await onSession(session);
  };
  process.on('SIGINT', interrupt);
  try {
    return await followSession(connection, sessionId, onActivity, onChange, leave.signal);
  } finally {
    process.off('SIGINT', interrupt);
    questions.withdrawAll();
  }
}

/** Without `questions` the first answer that allows is taken. */
async function answer(connection: Connection, input: Input, questions: Questions | null, output: Output): Promise<void> {
  const reply = questions ? (process.stdin.isTTY ? await questions.ask(input) : 'left') : allowing(input);
  if (reply === 'withdrawn') return;
  if (reply === 'left') {
    const why = questions ? ', or run with --yes' : ': it has no answer that allows';
    output.progress(
      [
        `Waiting: answer "${terminalLine(input.title)}" in the panel or with "belay answer ${input.id} …"${why}.`,
        ...questionLines(input),
      ].join('\n'),
    );
  } else await connection.api.answerInput({ params: { id: input.id }, body: { ...reply, actionHash: input.actionHash } });
}

function allowing(input: Input): Reply | 'left' {
  const option = input.options.find((candidate) => candidate.effect !== 'deny');
  return option ? { optionId: option.id, text: null } : 'left';
}
