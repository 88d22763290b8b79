/** After an Accept: the person commits with the editor's own Git, which obeys their settings and hooks. */
import * as vscode from 'vscode';
import { BelayError } from '../../protocol/errors.ts';

/** What is used of the interface of the editor's Git extension. */
interface GitRepository {
  readonly inputBox: { value: string };
}
interface GitExtension {
  getAPI(version: 1): {
    getRepository(uri: vscode.Uri): GitRepository | null;
    openRepository?(root: vscode.Uri): Promise<GitRepository | null>;
  };
}

/** Opens source control with `message` in its box; what the person wrote there stays. */
export async function prepareCommit(folder: string, message: string): Promise<void> {
  const repository = await repositoryOf(vscode.Uri.file(folder));
  if (repository.inputBox.value.trim() === '') repository.inputBox.value = message;
  await showSourceControl();
}

export async function showSourceControl(): Promise<void> {
  await vscode.commands.executeCommand('workbench.view.scm');
}

async function repositoryOf(folder: vscode.Uri): Promise<GitRepository> {
  const off = (cause?: unknown) =>
    new BelayError('not_found', vscode.l10n.t('The Git support of this editor does not know {0}.', folder.fsPath), {
      hint: vscode.l10n.t('Open that folder here and see that "git.enabled" is on, or commit in a terminal.'),
      cause,
    });
  try {
    const git = (await vscode.extensions.getExtension<GitExtension>('vscode.git')?.activate())?.getAPI(1);
    const repository = git?.getRepository(folder) ?? (await git?.openRepository?.(folder));
    if (repository) return repository;
  } catch (cause) {
    throw off(cause);
  }
  throw off();
}
