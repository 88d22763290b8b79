/** Programs of the workflow file around the agent's work: in the working folder, inside the sandbox, within their time. */
import type { ChildProcess } from 'node:child_process';
import { AgentFailure } from '../agents/driver.ts';
import type { HookName, WorkflowHead } from '../workflow/file/schema.ts';
import { endTree } from './processes.ts';
import { cut, type ActivitySink } from './sink.ts';

export interface HookParts {
  readonly hooks: WorkflowHead['hooks'];
  readonly sink: Pick<ActivitySink, 'write' | 'touch'>;
  /** Ends the hook with the run. */
  readonly signal: AbortSignal;
  /** Starts a program where the agent works. */
  readonly launch: (argv: readonly string[]) => Promise<ChildProcess>;
}
const mostOutput = 16_000;
const fatal: Record<HookName, boolean> = { after_create: true, before_run: true, after_run: false };

export function hookArgv(
  hooks: WorkflowHead['hooks'],
  name: HookName,
  platform: NodeJS.Platform = process.platform,
): readonly string[] | null {
  const hook = hooks[name];
  if (hook === undefined) return null;
  const own =
    typeof hook === 'string' || Array.isArray(hook)
      ? hook
      : hook[platform === 'darwin' ? 'macos' : platform === 'win32' ? 'windows' : 'linux'];
  if (own === undefined) return null;
  return typeof own === 'string' ? ['/bin/sh', '-euc', own] : own;
}

/** Runs a hook if there is one. Throws an AgentFailure when one fails that the run cannot go on without. */
export async function runHook(parts: HookParts, name: HookName): Promise<void> {
  const argv = hookArgv(parts.hooks, name);
  if (argv === null) return;
  const callId = `hook-${name}`;
  const command = `${name}: ${argv.at(-1) ?? ''}`;
  const tell = (
    status: 'running' | 'done' | 'failed',
    rest: { exitCode: number | null; output: string | null; ms: number | null },
  ): void => {
    parts.sink.write({ kind: 'progress', body: { type: 'command', callId, command: cut(command, 8000), status, ...rest } });
  };
  tell('running', { exitCode: null, output: null, ms: null });
  const started = performance.now();
  const { code, output, late } = await run(parts, argv);
  const ms = Math.round(performance.now() - started);
  tell(code === 0 ? 'done' : 'failed', { exitCode: code, output: output === '' ? null : cut(output, mostOutput), ms });
  if (code === 0 || !fatal[name]) return;
  const why = late ? `did not end within ${parts.hooks.timeout_ms} ms` : `ended with ${code ?? 'a signal'}`;
  throw new AgentFailure(
    'hook_failed',
    `The hook "${name}" ${why}.`,
    'Its output is in the activity. Mend WORKFLOW.md, or what it calls, then retry.',
  );
}

async function run(
  { hooks, launch, sink, signal }: HookParts,
  argv: readonly string[],
): Promise<{ code: number | null; output: string; late: boolean }> {
  const child = await launch(argv);
  child.stdin?.end();
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      sink.touch();
      if (output.length < mostOutput) output += chunk;
    });
  let late = false;
  const end = (): void => {
    if (child.pid !== undefined) void endTree(child.pid, 500);
  };
  signal.addEventListener('abort', end);
  const timer = setTimeout(() => {
    late = true;
    end();
  }, hooks.timeout_ms);
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => {
      resolve(null);
    });
    child.once('close', (exit) => {
      resolve(exit);
    });
  });
  clearTimeout(timer);
  signal.removeEventListener('abort', end);
  return { code, output, late };
}
