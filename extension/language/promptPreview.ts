/** The prompt of a run as the open workflow file makes it: read-only, nothing is sent. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { BelayError } from '../../protocol/errors.ts';
import type { ItemBundle } from '../../protocol/exchange.ts';

const scheme = 'belay-workflow-prompt';
const workflowFile = 'WORKFLOW.md';
const sectionFolder = '.belay/sections';

export class PromptPreview implements vscode.Disposable, vscode.TextDocumentContentProvider {
  private readonly texts = new Map<string, string>();
  private readonly changes = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changes.event;
  private readonly subscription = vscode.workspace.registerTextDocumentContentProvider(scheme, this);

  dispose(): void {
    this.subscription.dispose();
    this.changes.dispose();
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.path) ?? '';
  }

  async show(bundle: ItemBundle): Promise<void> {
    const { workflowPreview } = await import('./previewText.ts');
    const file = await workflowDocument();
    const uri = vscode.Uri.from({ scheme, path: `/${bundle.item.key}.md` });
    this.texts.set(
      uri.path,
      workflowPreview(file.getText(), sectionsBeside(path.dirname(file.fileName)), bundle, path.basename(path.dirname(file.fileName))),
    );
    this.changes.fire(uri);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), {
      preview: true,
      viewColumn: vscode.ViewColumn.Beside,
    });
  }
}

/** The workflow file in the active editor, else that of the workspace. */
async function workflowDocument(): Promise<vscode.TextDocument> {
  const active = vscode.window.activeTextEditor?.document;
  if (active?.uri.scheme === 'file' && path.basename(active.fileName) === workflowFile) return active;
  for (const folder of vscode.workspace.workspaceFolders ?? []) {
    const file = path.join(folder.uri.fsPath, workflowFile);
    if (folder.uri.scheme === 'file' && existsSync(file)) return await vscode.workspace.openTextDocument(file);
  }
  throw new BelayError('not_found', vscode.l10n.t('There is no {0} here.', workflowFile), {
    hint: vscode.l10n.t('Begin one in a terminal: belay workflow init'),
  });
}

function sectionsBeside(folder: string): Record<string, string> {
  const at = path.join(folder, sectionFolder);
  if (!existsSync(at)) return {};
  const names = readdirSync(at).filter((name) => name.endsWith('.md'));
  return Object.fromEntries(
    names.map((name) => {
      const file = path.join(at, name);
      const open = vscode.workspace.textDocuments.find((document) => document.fileName === file);
      return [name.slice(0, -3), open?.getText() ?? readFileSync(file, 'utf8')];
    }),
  );
}
