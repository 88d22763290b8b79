/** A run went on without the workflow file of its repository: the person is told once, and asked nothing that counts as a yes. */
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { WaitingWorkflow } from '../../worker/loop/worker.ts';
import { showError } from '../base/sayProblem.ts';
import { readSettings } from '../base/settings.ts';

export interface UnapprovedParts {
  /** Opens the question whether the version is approved, with what changed. */
  readonly review: (waiting: WaitingWorkflow) => Promise<void>;
  readonly trusted?: () => boolean;
  readonly show?: (text: string, ...buttons: string[]) => Thenable<string | undefined>;
}

export class UnapprovedWorkflow {
  /** Hashes this window told of. */
  private readonly told = new Set<string>();
  private readonly parts: UnapprovedParts;

  constructor(parts: UnapprovedParts) {
    this.parts = parts;
  }

  async meet(waiting: WaitingWorkflow): Promise<void> {
    const { review, trusted = () => vscode.workspace.isTrusted, show = vscode.window.showInformationMessage } = this.parts;
    if (!trusted() || !readSettings().notifications || this.told.has(waiting.hash)) return;
    this.told.add(waiting.hash);
    const look = vscode.l10n.t('Review');
    const text = vscode.l10n.t("This repository's {0} is not approved on this machine: {1}", 'WORKFLOW.md', path.basename(waiting.folder));
    if ((await show(text, look, vscode.l10n.t('Not now'))) === look) await review(waiting).catch(showError);
  }
}
