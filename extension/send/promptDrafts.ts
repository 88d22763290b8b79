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
import { renderPrompt } from '../../prompt/render.ts';
import { pickSome } from '../base/plainWords.ts';
import { KeptPrompts, type KeptPrompt } from './keptPrompts.ts';

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
  /** The hand-off of a launch that was not seen to arrive: the prompt stays until the person says whether it did. */
  handoff: string | null;
}
/** What a prompt is made of. */
export type DraftParts = Omit<Draft, 'uri' | 'rendered' | 'handoff'>;

const folderName = 'belay-prompts';

const textOfTab = ({ input }: vscode.Tab): vscode.Uri | null => (input instanceof vscode.TabInputText ? input.uri : null);
const openTabs = (): vscode.Tab[] => vscode.window.tabGroups.all.flatMap((group) => group.tabs);
const tabsOf = (uri: vscode.Uri): vscode.Tab[] => openTabs().filter((tab) => textOfTab(tab)?.toString() === uri.toString());

export class PromptDrafts implements vscode.Disposable, vscode.CodeLensProvider {
  private readonly drafts = new Map<string, Draft>();
  private readonly lensesChanged = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.lensesChanged.event;
  private readonly subscriptions: vscode.Disposable[];
  private readonly folder: string;
  private readonly kept: KeptPrompts;
  private restore: ((prompt: KeptPrompt) => Promise<DraftParts | null>) | null = null;

  constructor(storage: vscode.Uri, state: vscode.Memento) {
    this.folder = path.join(storage.fsPath, folderName);
    this.kept = new KeptPrompts(state);
    this.subscriptions = [
      vscode.languages.registerCodeLensProvider({ scheme: 'file', pattern: `**/${folderName}/*.md` }, this),
      vscode.workspace.onDidChangeTextDocument((event) => {
        if (this.drafts.has(event.document.uri.toString())) this.lensesChanged.fire();
      }),
      vscode.window.tabGroups.onDidChangeTabs((event) => {
        // One that was moved, or is open beside as well, is still there.
        for (const tab of event.closed) {
          const uri = textOfTab(tab);
          if (uri && tabsOf(uri).length === 0) this.forget(uri);
        }
        void this.findAgain(event.opened);
      }),
    ];
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.lensesChanged.dispose();
  }

  /** From now on a prompt that is open, or is opened, without being known here is found again: `restore` gives what it is made of. */
  async restoreWith(restore: (prompt: KeptPrompt) => Promise<DraftParts | null>): Promise<void> {
    this.restore = restore;
    await this.findAgain(openTabs());
  }

  /** Shows a prompt. What the person wrote into it stays until it is sent or cancelled, also with its editor closed. */
  async open(parts: DraftParts): Promise<Draft> {
    const rendered = this.render(parts);
    const { key } = parts.bundle.item;
    const name = `${key}-${parts.mode}-${parts.offer.target.id}`;
    const uri = vscode.Uri.file(this.fileOf(name));
    if (await this.isEdited(uri))
      void vscode.window.setStatusBarMessage(vscode.l10n.t('This is your own text for {0}. Choosing sections writes it anew.', key), 8000);
    else await this.write(uri, rendered);
    const draft: Draft = { ...parts, uri, rendered, handoff: this.kept.get(uri.fsPath)?.handoff ?? null };
    await this.keep(draft);
    this.add(draft);
    // As a preview it would be gone with the next file that is looked at.
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: false });
    return draft;
  }

  /** Notes the hand-off that was made of a prompt, or that there is none. */
  async setHandoff(draft: Draft, handoff: string | null): Promise<void> {
    draft.handoff = handoff;
    await this.keep(draft);
    this.lensesChanged.fire();
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
    const chosen = await pickSome(
      draft.sections.map((section) => ({
        label: section.title,
        description: vscode.l10n.t('{0} characters', section.text.length),
        picked: section.enabled,
        id: section.id,
      })),
      { title: vscode.l10n.t('What goes into the prompt of {0}', draft.bundle.item.key) },
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
    await this.replace(draft.uri, draft.rendered);
    await document.save();
    await this.keep(draft);
    this.lensesChanged.fire();
  }

  /** Lets the file hold what the editor shows, for a target that reads it. */
  async save(draft: Draft): Promise<void> {
    await (await vscode.workspace.openTextDocument(draft.uri)).save();
  }

  /**
   * Closes the editor and leaves the keyboard where it is. `sent` is what a target still reads in the file, whatever was typed since;
   * null removes the file.
   */
  async close(draft: Draft, sent: string | null): Promise<void> {
    if (sent !== null && sent !== (await this.textOf(draft))) await this.replace(draft.uri, sent);
    await this.save(draft);
    await vscode.window.tabGroups.close(tabsOf(draft.uri), true);
    this.forget(draft.uri);
    await this.kept.forget(draft.uri.fsPath);
    if (sent === null) await rm(draft.uri.fsPath, { force: true });
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const draft = this.drafts.get(document.uri.toString());
    if (!draft) return [];
    const top = new vscode.Range(0, 0, 0, 0);
    const size = document.getText().length;
    const fits = this.fits(draft, document.getText());
    const on = draft.sections.filter((section) => section.enabled).length;
    const under =
      draft.offer.target.rules === 'belay'
        ? vscode.l10n.t('runs in its own clone under your policy')
        : vscode.l10n.t("runs under that tool's own rules");
    const { name } = draft.offer.target;
    return [
      ...(draft.handoff === null
        ? []
        : [new vscode.CodeLens(top, { command: 'belay.promptTaken', title: vscode.l10n.t('$(check) {0} has it', name), arguments: [] })]),
      new vscode.CodeLens(top, {
        command: 'belay.promptGo',
        title: draft.handoff === null ? vscode.l10n.t('$(send) Send to {0}', name) : vscode.l10n.t('$(send) Send to {0} again', name),
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

  /** Whether the text goes as it is, and not by the private file. */
  fits(draft: Draft, text: string): boolean {
    return draft.offer.way.fits(text, {
      prompt: text,
      mode: draft.mode,
      itemKey: draft.bundle.item.key,
      folder: '',
      promptFile: draft.uri.fsPath,
    });
  }

  private async isEdited(uri: vscode.Uri): Promise<boolean> {
    const unsaved = vscode.workspace.textDocuments.find((document) => document.isDirty && document.uri.toString() === uri.toString());
    const text = unsaved?.getText() ?? (await readFile(uri.fsPath, 'utf8').catch(() => null));
    return text !== null && this.kept.isEdited(uri.fsPath, text);
  }

  private async write(uri: vscode.Uri, text: string): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await writeFile(uri.fsPath, text, { mode: 0o600 });
  }

  private async replace(uri: vscode.Uri, text: string): Promise<void> {
    const { lineCount } = await vscode.workspace.openTextDocument(uri);
    const edit = new vscode.WorkspaceEdit();
    edit.replace(uri, new vscode.Range(0, 0, lineCount, 0), text);
    await vscode.workspace.applyEdit(edit);
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

  private async keep({ uri, rendered, bundle, mode, offer, folder, sections, handoff }: Draft): Promise<void> {
    await this.kept.keep(uri.fsPath, rendered, {
      key: bundle.item.key,
      mode,
      target: offer.target.id,
      way: offer.way.id,
      folder,
      off: sections.filter(({ enabled }) => !enabled).map(({ id }) => id),
      handoff,
    });
  }

  private add(draft: Draft): void {
    this.drafts.set(draft.uri.toString(), draft);
    void vscode.commands.executeCommand('setContext', 'belay.promptOpen', true);
    this.lensesChanged.fire();
  }

  private async findAgain(tabs: readonly vscode.Tab[]): Promise<void> {
    for (const uri of tabs.flatMap((tab) => textOfTab(tab) ?? [])) {
      const isKnown = () => this.drafts.has(uri.toString());
      if (isKnown() || path.dirname(uri.fsPath) !== this.folder) continue;
      const kept = this.kept.get(uri.fsPath);
      // The item may be gone, or the platform away: then there is a text and nothing to send.
      const parts = kept && (await this.restore?.(kept).catch(() => null));
      if (!parts || isKnown() || tabsOf(uri).length === 0) continue;
      const off = new Set(kept.off);
      const sections = parts.sections.map((section) => ({ ...section, enabled: section.enabled && !off.has(section.id) }));
      this.add({ ...parts, uri, sections, rendered: this.render({ ...parts, sections }), handoff: kept.handoff });
    }
  }

  private forget(uri: vscode.Uri): void {
    if (!this.drafts.delete(uri.toString())) return;
    if (this.drafts.size === 0) void vscode.commands.executeCommand('setContext', 'belay.promptOpen', false);
  }
}
