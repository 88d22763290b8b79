/** Gives the workflow file a last word before a clone is removed. Whatever comes of it, it does not keep the clone. */
import { spawn } from 'node:child_process';
import { messageOf } from '../../protocol/errors.ts';
import { keptBeforeRemove, Removal } from '../run/keptHook.ts';
import { hostEnvironment, hostFlags } from '../run/launch.ts';
import { endTree } from '../run/processes.ts';
import type { RunSpec } from '../run/spec.ts';

/** How hooks are run at a removal. */
export interface HookHost {
  /** The run host's bundle or source file. */
  readonly program: string;
  /** The Node to run it with, or this one. */
  readonly runtime?: string;
  /** The person's PATH, as their login shell has it. */
  readonly path: () => Promise<string>;
  /** Hears what came of each hook. */
  readonly say: (text: string) => void;
}

/** For what the hook's own limit does not cover: beginning and ending the sandbox. */
const aroundMs = 30_000;
const wordsChars = 100_000;

/** Returns false when the folder is in use, by a run or by this very hook in another window. Never throws. */
export async function beforeRemove(host: HookHost, lineDir: string): Promise<boolean> {
  const kept = keptBeforeRemove(lineDir);
  if (!kept) return true;
  const { end, text } = await run(host, lineDir, kept).catch((error: unknown): Removal => ({ end: 'not_run', text: messageOf(error) }));
  const words = { ran: 'ran', failed: 'failed', not_run: 'was not run', busy: 'was not run' };
  host.say(`The hook before_remove of WORKFLOW.md ${words[end]} for ${kept.grant.session.itemKey ?? kept.grant.session.title}: ${text}`);
  return end !== 'busy';
}

async function run(host: HookHost, lineDir: string, kept: RunSpec): Promise<Removal> {
  const child = spawn(host.runtime ?? process.execPath, [...hostFlags, host.program, '--before-remove', lineDir], {
    env: hostEnvironment({ path: await host.path(), spec: kept }),
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
    windowsHide: true,
  });
  let words = '';
  child.stdout.on('data', (chunk: Buffer) => (words = `${words}${chunk.toString('utf8')}`.slice(-wordsChars)));
  let over = false;
  const limit = setTimeout(
    () => {
      over = true;
      if (child.pid !== undefined) void endTree(child.pid, 500);
    },
    (kept.workflow?.config.hooks.timeout_ms ?? 0) + aroundMs,
  );
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (over) return { end: 'failed', text: 'its process did not end in time.' };
    if (words === '') return { end: 'not_run', text: `its process ended with code ${code ?? 'none'}` };
    return Removal.parse(JSON.parse(words));
  } finally {
    clearTimeout(limit);
  }
}
