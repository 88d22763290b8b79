/** What the window does for workflow files: the language server starts when the first is opened, and not before. */
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { RunningServer } from './client.ts';
import { isWorkflowPath, workflowSelector } from './selector.ts';

export class WorkflowLanguage implements vscode.Disposable, vscode.CodeLensProvider {
  private readonly extensionPath: string;
  private readonly subscriptions: vscode.Disposable[];
  private starting: Promise<RunningServer> | undefined;

  constructor(extensionPath: string) {
    this.extensionPath = extensionPath;
    this.subscriptions = [
      vscode.workspace.onDidOpenTextDocument((document) => {
        this.opened(document);
      }),
      vscode.languages.registerCodeLensProvider([...workflowSelector], this),
    ];
    for (const document of vscode.workspace.textDocuments) this.opened(document);
  }

  dispose(): void {
    void this.starting?.then((server) => server.stop()).catch(() => undefined);
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    if (path.basename(document.fileName) !== 'WORKFLOW.md') return [];
    const top = new vscode.Range(0, 0, 0, 0);
    return [
      new vscode.CodeLens(top, { command: 'belay.previewWorkflowPrompt', title: vscode.l10n.t('$(open-preview) Preview prompt') }),
      new vscode.CodeLens(top, { command: 'belay.approveWorkflow', title: vscode.l10n.t('$(shield) Approve for this machine…') }),
    ];
  }

  private opened(document: vscode.TextDocument): void {
    if (document.uri.scheme !== 'file' || !isWorkflowPath(document.fileName)) return;
    this.starting ??= import('./client.ts')
      .then(({ startLanguageServer }) => startLanguageServer(this.extensionPath))
      .catch((error: unknown) => {
        // The next such file tries again.
        this.starting = undefined;
        void vscode.window.showErrorMessage(
          vscode.l10n.t("Belay's language server did not start: {0}", error instanceof Error ? error.message : String(error)),
        );
        throw error;
      });
    this.starting.catch(() => undefined);
  }
}
