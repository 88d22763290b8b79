/**
 * Prompts on their way out, each shown in an ordinary editor first: sections can be switched off,
 * the text edited, its size is shown, and nothing leaves before the person says so.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { ItemBundle } from '../../protocol/exchange.ts';
import type { PromptSection, SessionMode } from '../../protocol/records.ts';
import type { Offer } from '../../worker/targets/available.ts';
import { renderPrompt } from '../../worker/workflow/prompt.ts';
import { WrittenPrompts } from './writtenPrompts.ts';

export interface Draft {
  readonly uri: vscode.Uri;
  readonly bundle: ItemBundle;
  readonly mode: SessionMode;
  readonly offer: Offer;
  /** The repository's folder; empty when none is open. */
  readonly folder: string;
  sections: PromptSection[];
  /** The text as it was rendered; what differs from it is the person's edit. */
  rendered: string;
}

const folderName = 'belay-prompts';

const tabsOf = (uri: vscode.Uri): vscode.Tab[] =>
  vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .filter((tab) => tab.input instanceof vscode.TabInputText && tab.input.uri.toString() === uri.toString());

export class PromptDrafts implements vscode.Disposable, vscode.CodeLensProvider {
  private readonly drafts = new Map<string, Draft>();
  private readonly lensesChanged = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.lensesChanged.event;
  private readonly subscriptions: vscode.Disposable[];
  private readonly folder: string;
  private readonly written: WrittenPrompts;

  constructor(storage: vscode.Uri, state: vscode.Memento) {
    this.folder = path.join(storage.fsPath, folderName);
    this.written = new WrittenPrompts(state);
    this.subscriptions = [
      vscode.languages.registerCodeLensProvider({ scheme: 'file', pattern: `**/${folderName}/*.md` }, this),
      vscode.workspace.onDidChangeTextDocument((event) => {
        if (this.drafts.has(event.document.uri.toString())) this.lensesChanged.fire();
      }),
      vscode.window.tabGroups.onDidChangeTabs((event) => {
        // One that was moved, or is open beside as well, is still there.
        for (const { input } of event.closed)
          if (input instanceof vscode.TabInputText && tabsOf(input.uri).length === 0) this.forget(input.uri);
      }),
    ];
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.lensesChanged.dispose();
  }

  /** A private file for the whole prompt of an item, in the extension's own storage. */
  async privateFile(name: string, text: string): Promise<string> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const file = this.fileOf(name);
    await writeFile(file, text, { mode: 0o600 });
    return file;
  }

  /** Shows a prompt. What the person wrote into it stays until it is sent or cancelled, also with its editor closed. */
  async open(parts: Omit<Draft, 'uri' | 'rendered'>): Promise<Draft> {
    const rendered = this.render(parts);
    const { key } = parts.bundle.item;
    const name = `${key}-${parts.mode}-${parts.offer.target.id}`;
    const uri = vscode.Uri.file(this.fileOf(name));
    if (await this.isEdited(uri))
      void vscode.window.setStatusBarMessage(vscode.l10n.t('This is your own text for {0}. Choosing sections writes it anew.', key), 8000);
    else await this.privateFile(name, rendered);
    await this.written.keep(uri.fsPath, rendered);
    const draft: Draft = { ...parts, uri, rendered };
    this.drafts.set(uri.toString(), draft);
    void vscode.commands.executeCommand('setContext', 'belay.promptOpen', true);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
    this.lensesChanged.fire();
    return draft;
  }

  isOpen(draft: Draft): boolean {
    return this.drafts.get(draft.uri.toString()) === draft;
  }

  /** The draft in the active editor, or the only one there is. */
  current(): Draft | undefined {
    const active = vscode.window.activeTextEditor?.document.uri.toString();
    return (
      (active !== undefined ? this.drafts.get(active) : undefined) ?? (this.drafts.size === 1 ? [...this.drafts.values()][0] : undefined)
    );
  }

  async textOf(draft: Draft): Promise<string> {
    return (await vscode.workspace.openTextDocument(draft.uri)).getText();
  }

  /** Lets the person switch sections; asks before their own edits of the text would be lost. */
  async chooseSections(draft: Draft): Promise<void> {
    const chosen = await vscode.window.showQuickPick(
      draft.sections.map((section) => ({
        label: section.title,
        description: vscode.l10n.t('{0} characters', section.text.length),
        picked: section.enabled,
        id: section.id,
      })),
      { canPickMany: true, title: vscode.l10n.t('What goes into the prompt of {0}', draft.bundle.item.key) },
    );
    if (!chosen) return;
    const document = await vscode.workspace.openTextDocument(draft.uri);
    if (document.getText() !== draft.rendered) {
      const replace = vscode.l10n.t('Replace My Text');
      const answer = await vscode.window.showWarningMessage(
        vscode.l10n.t('You edited the prompt. Choosing sections writes it anew.'),
        { modal: true },
        replace,
      );
      if (answer !== replace) return;
    }
    const on = new Set(chosen.map((entry) => entry.id));
    draft.sections = draft.sections.map((section) => ({ ...section, enabled: on.has(section.id) }));
    draft.rendered = this.render(draft);
    const edit = new vscode.WorkspaceEdit();
    edit.replace(draft.uri, new vscode.Range(0, 0, document.lineCount, 0), draft.rendered);
    await vscode.workspace.applyEdit(edit);
    await document.save();
    await this.written.keep(draft.uri.fsPath, draft.rendered);
    this.lensesChanged.fire();
  }

  /** Closes the editor; the file goes too unless a target still reads it. */
  async close(draft: Draft, keepFile: boolean): Promise<void> {
    await vscode.workspace.save(draft.uri);
    await vscode.window.tabGroups.close(tabsOf(draft.uri));
    this.forget(draft.uri);
    await this.written.forget(draft.uri.fsPath);
    if (!keepFile) await rm(draft.uri.fsPath, { force: true });
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const draft = this.drafts.get(document.uri.toString());
    if (!draft) return [];
    const top = new vscode.Range(0, 0, 0, 0);
    const size = document.getText().length;
    const fits = draft.offer.way.fits(document.getText(), {
      prompt: document.getText(),
      mode: draft.mode,
      itemKey: draft.bundle.item.key,
      folder: '',
      promptFile: draft.uri.fsPath,
    });
    const on = draft.sections.filter((section) => section.enabled).length;
    const under =
      draft.offer.target.rules === 'belay'
        ? vscode.l10n.t('runs in its own clone under your policy')
        : vscode.l10n.t("runs under that tool's own rules");
    return [
      new vscode.CodeLens(top, {
        command: 'belay.promptGo',
        title: vscode.l10n.t('$(send) Send to {0}', draft.offer.target.name),
        arguments: [],
      }),
      new vscode.CodeLens(top, {
        command: 'belay.promptSections',
        title: vscode.l10n.t('$(list-selection) {0} of {1} sections', on, draft.sections.length),
        arguments: [],
      }),
      new vscode.CodeLens(top, {
        command: '',
        title: `${draft.folder === '' ? draft.offer.way.label : path.basename(draft.folder)} · ${under} · ${fits ? vscode.l10n.t('{0} characters, fits', size) : vscode.l10n.t('{0} characters, goes by a private file', size)}`,
      }),
    ];
  }

  private async isEdited(uri: vscode.Uri): Promise<boolean> {
    const unsaved = vscode.workspace.textDocuments.find((document) => document.isDirty && document.uri.toString() === uri.toString());
    const text = unsaved?.getText() ?? (await readFile(uri.fsPath, 'utf8').catch(() => null));
    return text !== null && this.written.isEdited(uri.fsPath, text);
  }

  private fileOf(name: string): string {
    return path.join(this.folder, `${name.replaceAll(/[^\w.-]/gu, '_')}.md`);
  }

  private render(draft: Pick<Draft, 'mode' | 'sections' | 'offer'>): string {
    return renderPrompt({
      mode: draft.mode,
      sections: draft.sections,
      place: draft.offer.target.rules === 'belay' ? 'private_clone' : 'external',
    }).text;
  }

  private forget(uri: vscode.Uri): void {
    if (!this.drafts.delete(uri.toString())) return;
    if (this.drafts.size === 0) void vscode.commands.executeCommand('setContext', 'belay.promptOpen', false);
  }
}
