/**
 * Changed files in the editor's multi-file diff, a part at a time: the editor loads both sides of everything it is
 * given before it shows the first file, and keeps them.
 */
import * as vscode from 'vscode';
import type { ResultFile } from '../../protocol/records.ts';
import { partOfChanges, nextPartStart, type Changes } from './changeParts.ts';
import { resultUri } from './resultDocuments.ts';

interface Part {
  readonly changes: Changes;
  readonly from: number;
  readonly title: string;
}

export class ChangesEditor implements vscode.Disposable {
  /** The part of a review that was opened last. */
  #part: Part | null = null;
  readonly #tabs: vscode.Disposable;

  constructor() {
    this.#tabs = vscode.window.tabGroups.onDidChangeTabs(() => {
      this.#offer();
    });
  }

  dispose(): void {
    this.#tabs.dispose();
  }

  /** The files from `from` on, in one editor. The part that was shown before goes: it would stay in the editor's memory. */
  async show(changes: Changes, from = 0): Promise<void> {
    const { files, title } = partOfChanges(changes, from);
    const last = this.#part;
    this.#part = { changes, from, title };
    await vscode.commands.executeCommand(
      'vscode.changes',
      title,
      files.map((file) => {
        const [before, after] = diffSidesOf(changes, file);
        return [after, file.status === 'added' ? undefined : before, file.status === 'deleted' ? undefined : after];
      }),
    );
    if (last && last.title !== title && last.changes.title === changes.title) await vscode.window.tabGroups.close(tabsOf(last.title));
    this.#offer();
  }

  /** Goes on to the part after the one that is shown, or with -1 back to the one before. */
  async step(by: 1 | -1): Promise<void> {
    const part = this.#part;
    const from = part && nextPartStart(part.changes, part.from, by);
    if (part && from !== null) await this.show(part.changes, from);
  }

  /** The buttons for the other parts are there while a part is looked at. */
  #offer(): void {
    const part = this.#part;
    const isShown = part !== null && tabsOf(part.title).some(({ isActive }) => isActive);
    const set = (name: string, value: boolean) => void vscode.commands.executeCommand('setContext', `belay.review.${name}`, value);
    set('hasNext', isShown && nextPartStart(part.changes, part.from, 1) !== null);
    set('hasPrevious', isShown && nextPartStart(part.changes, part.from, -1) !== null);
  }
}

function tabsOf(title: string): vscode.Tab[] {
  return vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).filter(({ label }) => label.startsWith(title));
}

/** Both sides of a file, as documents. */
export function diffSidesOf({ result, objects }: Changes, file: ResultFile): [before: vscode.Uri, after: vscode.Uri] {
  return [
    resultUri({ commit: result.baseCommit ?? '', objects }, file.oldPath ?? file.path),
    resultUri({ commit: result.headCommit ?? '', objects }, file.path),
  ];
}
