import * as vscode from 'vscode';
import { stateDir } from '../client/stateDir.ts';
import type { Belay } from './belay.ts';
import { registerCommands } from './commands.ts';
import { taskType, workViewId } from './ids.ts';
import { registerLinks } from './integration/links.ts';
import { createLog } from './log.ts';

let running: Belay | undefined;

/** Registers what the manifest promises. Everything behind it is built when the first of it is used. */
export function activate(context: vscode.ExtensionContext): void {
  const log = createLog();
  let building: Promise<Belay> | undefined;
  const belay = (): Promise<Belay> =>
    (building ??= import('./belay.ts').then(({ Belay }) => {
      running = new Belay(context, stateDir(), log);
      return running;
    }));
  context.subscriptions.push(
    log,
    registerCommands(belay),
    registerLinks(belay),
    vscode.window.registerWebviewViewProvider(workViewId, {
      resolveWebviewView: async (view) => {
        (await belay()).panel.resolveWebviewView(view);
      },
    }),
    vscode.tasks.registerTaskProvider(taskType, {
      provideTasks: () => [],
      resolveTask: async (task) => (await belay()).tasks.resolveTask(task),
    }),
  );
}

export function deactivate(): void {
  running?.dispose();
}
