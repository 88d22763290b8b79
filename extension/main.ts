import * as vscode from 'vscode';
import type { Belay } from './belay.ts';
import type { Host } from './host.ts';
import { taskType, workViewId } from './base/ids.ts';
import { WorkflowLanguage } from './language/workflowLanguage.ts';

/** Set once somebody used Belay on this machine: from then on a new window goes on with queued work by itself. */
const usedKey = 'belay.used';

let running: Belay | undefined;

/** Registers what the manifest promises. Everything behind it is loaded when the first of it is used. */
export function activate(context: vscode.ExtensionContext): void {
  let loading: Promise<Host> | undefined;
  const load = async (): Promise<Host> => {
    const { startHost } = await import('./host.ts');
    const host = await startHost(context);
    running = host.belay;
    void context.globalState.update(usedKey, true);
    return host;
  };
  const loaded = () =>
    (loading ??= load().catch((error: unknown) => {
      // The next use tries again.
      loading = undefined;
      void vscode.window.showErrorMessage(
        vscode.l10n.t('Belay did not start: {0}', error instanceof Error ? error.message : String(error)),
      );
      throw error;
    }));
  const { contributes } = context.extension.packageJSON as { contributes: { commands: { command: string }[] } };
  for (const { command } of contributes.commands) {
    context.subscriptions.push(
      vscode.commands.registerCommand(command, async (...args: unknown[]) => {
        const { belay, runCommand } = await loaded();
        return runCommand(command.replace('belay.', ''), belay, args);
      }),
    );
  }
  context.subscriptions.push(
    new WorkflowLanguage(context.extensionPath),
    vscode.window.registerUriHandler({ handleUri: async (uri) => (await loaded()).belay.links.open(uri) }),
    vscode.window.registerWebviewViewProvider(workViewId, {
      resolveWebviewView: async (view) => {
        (await loaded()).belay.panel.resolveWebviewView(view);
      },
    }),
    vscode.tasks.registerTaskProvider(taskType, {
      // Every item could be a task, so none is listed: they are started from the panel or written in tasks.json.
      provideTasks: () => [],
      resolveTask: async (task) => (await loaded()).belay.tasks.resolveTask(task),
    }),
  );
  // Not now: the window is still starting.
  if (context.globalState.get<boolean>(usedKey)) setImmediate(() => void loaded().catch(() => undefined));
}

/** The editor waits some seconds for this, and no longer. */
export async function deactivate(): Promise<void> {
  await running?.shutDown();
}
