/** Drives any program: the prompt on its standard input, plain text or JSON lines on its output, its exit code as the end. */
import * as z from 'zod';
import { ProgressBody } from '../../../protocol/activities.ts';
import { PlanStep } from '../../../protocol/activities.ts';
import { AgentFailure, type AgentDriver, type AgentExit, type DriverContext, type TurnEnd, type TurnInput } from '../base/driver.ts';
import { lineLimits, rawLines } from '../base/lines.ts';
import { exitFailure, startProgram, type AgentProgram } from '../base/program.ts';
import { MessageGatherer } from '../base/text.ts';

export interface CommandOptions {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A line of JSON such a program may print; any other line is its message. */
const ReportLine = z.union([z.object({ progress: ProgressBody }), z.object({ plan: z.array(PlanStep).max(200) })]);

export class CommandDriver implements AgentDriver {
  readonly #context: DriverContext;
  readonly #options: CommandOptions;
  readonly #texts: MessageGatherer;
  #program: AgentProgram | null = null;
  #cancelled = false;

  constructor(context: DriverContext, options: CommandOptions) {
    this.#context = context;
    this.#options = options;
    this.#texts = new MessageGatherer(context.emit);
  }

  get pid(): number | null {
    return this.#program?.pid ?? null;
  }
  get ended(): Promise<AgentExit> {
    return this.#program?.ended ?? new Promise(() => undefined);
  }

  start(): Promise<boolean> {
    // Each turn is a run of the program; there is nothing to open, and nothing to go on with.
    return Promise.resolve(false);
  }

  async prompt(turn: TurnInput): Promise<TurnEnd> {
    const program = await startProgram(this.#context, this.#options.argv, this.#options.env);
    this.#program = program;
    program.stdin.end(turn.kind === 'task' ? turn.prompt.text : turn.text);
    for await (const line of rawLines(program.stdout, lineLimits.lineBytes)) this.#line(line);
    const exit = await program.ended;
    const final = this.#texts.takeLast();
    if (this.#cancelled) return { stop: 'cancelled', final };
    if (exit.code !== 0) throw exitFailure(exit, 'run');
    return { stop: 'done', final };
  }

  steer(): Promise<boolean> {
    return Promise.resolve(false);
  }

  cancel(): Promise<void> {
    this.#cancelled = true;
    const pid = this.#program?.pid;
    if (pid !== undefined) {
      try {
        process.kill(-pid, 'SIGINT');
      } catch (cause) {
        throw new AgentFailure('agent_error', `The program could not be asked to stop: ${String(cause)}`);
      }
    }
    return Promise.resolve();
  }

  #line(line: string): void {
    const report = line.startsWith('{') ? ReportLine.safeParse(parse(line)).data : undefined;
    if (report === undefined) this.#texts.add('message', `${line}\n`);
    else if ('plan' in report) this.#context.emit({ kind: 'plan', steps: report.plan });
    else this.#context.emit({ kind: 'progress', body: report.progress });
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
