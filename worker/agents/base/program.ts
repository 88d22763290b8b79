/** An agent's program: started in the sandbox, its messages as JSON lines, its end as a promise. */
import type { ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { AgentFailure, type AgentExit, type DriverContext } from './driver.ts';
import { tail } from './lines.ts';

export interface AgentProgram {
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly ended: Promise<AgentExit>;
  /** Fulfils `work`, or throws when the program ends first or `withinMs` is over. */
  guard<T>(work: Promise<T>, what: string, withinMs?: number): Promise<T>;
}

export async function startProgram(
  context: DriverContext,
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<AgentProgram> {
  let child: ChildProcess;
  try {
    child = await context.launch(argv, env);
    // One that has a process was started, whether or not its event was already told.
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      if (child.pid === undefined) child.once('spawn', resolve);
      else resolve();
    });
  } catch (cause) {
    if (cause instanceof AgentFailure) throw cause;
    throw new AgentFailure(
      'agent_not_started',
      `The agent's program ${argv[0] ?? ''} could not be started: ${String(cause)}`,
      'Check that it is installed: run "belay doctor".',
    );
  }
  const { stdin, stdout, pid } = child;
  if (!stdin || !stdout || pid === undefined) throw new AgentFailure('agent_not_started', "The agent's program has no standard streams.");
  const errors = tail(child.stderr);
  // A program that ended cannot take what is written to it; its end is reported by itself.
  stdin.on('error', () => undefined);
  const ended = new Promise<AgentExit>((resolve) => {
    child.once('close', (code, signal) => {
      resolve({ code, signal, errors: errors() });
    });
  });
  return {
    pid,
    stdin,
    stdout,
    ended,
    async guard(work, what, withinMs) {
      let timer: NodeJS.Timeout | undefined;
      const tooLate = new Promise<never>((_, reject) => {
        if (withinMs === undefined) return;
        timer = setTimeout(() => {
          reject(
            new AgentFailure(
              'agent_no_answer',
              `The agent did not answer to "${what}" within ${Math.round(withinMs / 1000)} s.`,
              errors() || 'Start the agent by hand once and see whether it asks for something, such as a login.',
            ),
          );
        }, withinMs);
      });
      const gone = ended.then((exit): never => {
        throw exitFailure(exit, what);
      });
      gone.catch(() => undefined);
      try {
        return await Promise.race([work, gone, tooLate]);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/** An agent that ended when it should not have. */
export function exitFailure(exit: AgentExit, during: string): AgentFailure {
  const how = exit.signal ? `was ended by ${exit.signal}` : `ended with exit code ${exit.code ?? 'unknown'}`;
  return new AgentFailure(
    'agent_exited',
    `The agent ${how} during "${during}".${exit.errors ? ` It wrote: ${exit.errors.slice(-1500)}` : ''}`,
    'Start the agent by hand once to see whether it works and is signed in, then retry.',
  );
}
