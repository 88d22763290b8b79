/** What `main` loads when Belay is first used. */
import { setImmediate as turn } from 'node:timers/promises';
import type * as vscode from 'vscode';
import type { Belay } from './belay.ts';
import type { runCommand } from './commands.ts';

export interface Host {
  readonly belay: Belay;
  readonly runCommand: typeof runCommand;
}

/** Building the schemas takes tens of milliseconds in all: other extensions get their turn in between. */
const steps: readonly (() => Promise<unknown>)[] = [
  // First what all schemas are made with.
  () => import('../protocol/errors.ts'),
  () => import('../protocol/activities.ts'),
  () => import('../protocol/records.ts'),
  () => import('../protocol/exchange.ts'),
  () => import('../protocol/routes.ts'),
  () => import('../protocol/panel.ts'),
  () => import('../client/connect.ts'),
  () => import('../worker/agents/discovery.ts'),
  () => import('./belay.ts'),
  () => import('./commands.ts'),
];

export async function startHost(context: vscode.ExtensionContext): Promise<Host> {
  // To load this file was a step as well.
  for (const step of steps) {
    await turn();
    await step();
  }
  await turn();
  const [{ Belay }, { runCommand }] = await Promise.all([import('./belay.ts'), import('./commands.ts')]);
  return { belay: new Belay(context), runCommand };
}
