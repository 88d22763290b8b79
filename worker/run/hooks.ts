/** Commands of the workflow file at fixed points of a run: inside its sandbox, with a limit of time, each told as an activity. */
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import * as z from 'zod';
import { BelayError, messageOf } from '../../protocol/errors.ts';
import type { Policy } from '../policy/decide.ts';
import type { Command, HookName } from '../workflowFile/schema.ts';
import { readPrivate, writePrivate } from '../base/privateFiles.ts';
import { endTree } from './processes.ts';
import { truncate, type ActivitySink } from './sink.ts';
import type { RunWorkflow } from './spec.ts';

export interface HooksOptions {
  readonly workflow: RunWorkflow | null;
  readonly lineDir: string;
  readonly policy: Policy;
  readonly launch: (argv: readonly string[]) => Promise<ChildProcess>;
  readonly sink: Pick<ActivitySink, 'write' | 'touch'>;
  /** The run was interrupted. */
  readonly signal: AbortSignal;
  readonly log: (text: string) => void;
}

/** Characters of output that are kept: its end, which tells how it went. */
const outputChars = 16_000;
const Made = z.object({ hash: z.string() });

export class Hooks {
  readonly #options: HooksOptions;
  #after = false;

  constructor(options: HooksOptions) {
    this.#options = options;
  }

  /** `after_create` if it has not succeeded in this clone yet, then `before_run`. Throws when one fails. */
  async before(): Promise<void> {
    const { workflow, lineDir } = this.#options;
    if (workflow === null) return;
    // Kept beside the clone, where no agent writes.
    const made = path.join(lineDir, 'after-create.json');
    if (readPrivate(made, Made) === null) {
      await this.#run('after_create');
      writePrivate(made, { hash: workflow.hash });
    }
    await this.#run('before_run');
    this.#after = true;
  }

  /** `after_run`, once, if the run came so far. A failure is told and nothing more. */
  async after(): Promise<void> {
    if (!this.#after || this.#options.signal.aborted) return;
    this.#after = false;
    await this.#run('after_run').catch((error: unknown) => {
      this.#options.log(messageOf(error));
    });
  }

  async #run(name: HookName): Promise<void> {
    const { workflow, policy, sink } = this.#options;
    const { step } = policy.situation;
    const command = workflow && commandOf(workflow.config.hooks[name]);
    if (!command) return;
    const shown = typeof command === 'string' ? command.trim() : command.join(' ');
    if (step !== 'ours' && step !== 'none')
      throw failed(
        name,
        "hooks need Belay's own sandbox, and this run has none",
        'Set up the sandbox ("belay doctor"), or take the hook out.',
      );
    if (policy.decide({ class: 'run', resource: command }).decision === 'deny')
      throw failed(name, 'the policy forbids its command', '"belay policy check run" says which rule.');
    const tell = (status: 'running' | 'done' | 'failed', exitCode: number | null, output: string | null, ms: number | null) => {
      const callId = `hook-${name}`;
      sink.write({
        kind: 'progress',
        body: { type: 'command', callId, command: truncate(`${name}: ${shown}`, 8000), status, exitCode, output, ms },
      });
      sink.touch();
    };
    tell('running', null, null, null);
    const started = performance.now();
    const timeoutMs = workflow.config.hooks.timeout_ms;
    const outcome = await runCommand(await this.#options.launch(argvOf(command)), timeoutMs, this.#options.signal);
    const why = whyFailed(outcome, timeoutMs);
    const { code, output } = outcome;
    tell(why === null ? 'done' : 'failed', code, output === '' ? null : output, Math.round(performance.now() - started));
    if (why === null) return;
    throw failed(name, why, 'Its output is among the activities. Mend the hook in WORKFLOW.md, then retry.');
  }
}

export interface HookOutcome {
  readonly code: number | null;
  readonly output: string;
  /** It was ended because it took too long. */
  readonly over: boolean;
}

/** Lets a hook that was started run to its end, with everything it started, and keeps the end of its output. */
export async function runCommand(child: ChildProcess, timeoutMs: number, signal?: AbortSignal): Promise<HookOutcome> {
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      output = `${output}${chunk.toString('utf8')}`.slice(-outputChars);
    });
  child.stdin?.on('error', () => undefined);
  child.stdin?.end();
  let over = false;
  const end = () => {
    if (child.pid !== undefined) void endTree(child.pid, 500);
  };
  const timer = setTimeout(() => {
    over = true;
    end();
  }, timeoutMs);
  signal?.addEventListener('abort', end, { once: true });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      // Not "close": what a hook left running in the background may hold its output open.
      child.once('exit', resolve);
    });
    if (child.pid !== undefined) await endTree(child.pid, 0);
    return { code, output, over };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
  }
}

/** Null when it went well. */
export function whyFailed({ code, over }: HookOutcome, timeoutMs: number): string | null {
  if (over) return `it took longer than ${timeoutMs} ms`;
  return code === 0 ? null : `it ended with code ${code ?? 'none'}`;
}

function failed(name: HookName, why: string, hint: string): BelayError {
  return new BelayError('conflict', `The hook ${name} of WORKFLOW.md failed: ${why}.`, { hint });
}

/** The command for this system; null when there is none. */
export function commandOf(hook: RunWorkflow['config']['hooks'][HookName]): Command | null {
  if (hook === undefined || typeof hook === 'string' || Array.isArray(hook)) return hook ?? null;
  return (process.platform === 'win32' ? hook.windows : hook.posix) ?? null;
}

export function argvOf(command: Command): readonly string[] {
  if (typeof command !== 'string') return command;
  return process.platform === 'win32'
    ? ['powershell.exe', '-NoProfile', '-NonInteractive', '-Command', command]
    : ['/bin/sh', '-ec', command];
}
