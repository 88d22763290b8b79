import * as vscode from 'vscode';
import { BelayError } from '../../protocol/errors.ts';

/** What reads or changes the repository waits for the person's trust in it: git itself obeys a repository's settings. */
export function requireTrust(): void {
  if (vscode.workspace.isTrusted) return;
  throw new BelayError('forbidden', vscode.l10n.t('This workspace is not trusted.'), {
    hint: vscode.l10n.t('Trust it first: "Workspaces: Manage Workspace Trust".'),
  });
}
