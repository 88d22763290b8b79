import * as vscode from 'vscode';
import type { PanelProblem } from '../../protocol/panel.ts';
import { withoutLinks } from './plainWords.ts';
import { toProblem } from './problem.ts';

/** Says by the editor's own means what happened, then what to do. */
export function sayProblem({ message, hint }: Pick<PanelProblem, 'message' | 'hint'>): void {
  void vscode.window.showErrorMessage(withoutLinks(hint === null ? message : `${message} ${hint}`));
}

/** The same of anything thrown. */
export function showError(error: unknown): void {
  sayProblem(toProblem(error));
}
