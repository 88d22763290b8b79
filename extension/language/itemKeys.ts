/** Keys of items in any file: a card on hover, a link into the panel, completion. From what the window knows; nothing is asked for. */
import * as vscode from 'vscode';
import type { WorkItem } from '../../protocol/records.ts';
import { oneLine } from '../../prompt/sections.ts';
import type { WorkModel } from '../items/workModel.ts';

const anyFile: vscode.DocumentSelector = [{ scheme: 'file' }, { scheme: 'untitled' }, { scheme: 'vscode-scm' }];
const keyForm = /(?<![\w-])[A-Z][A-Z0-9]{1,9}-\d{1,9}(?![\w-])/gu;
/** Characters of a file that are searched for keys: beyond that links are not worth the wait. */
const searched = 500_000;

export class ItemKeys implements vscode.Disposable, vscode.HoverProvider, vscode.DocumentLinkProvider, vscode.CompletionItemProvider {
  private readonly model: WorkModel;
  private readonly subscriptions: vscode.Disposable[];

  constructor(model: WorkModel) {
    this.model = model;
    this.subscriptions = [
      vscode.languages.registerHoverProvider(anyFile, this),
      vscode.languages.registerDocumentLinkProvider(anyFile, this),
      vscode.languages.registerCompletionItemProvider(anyFile, this, '-'),
    ];
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
    const range = document.getWordRangeAtPosition(position, keyForm);
    const item = range && this.model.itemByKey(document.getText(range));
    return item && new vscode.Hover(card(item), range);
  }

  provideDocumentLinks(document: vscode.TextDocument): vscode.DocumentLink[] {
    const text = document.getText().slice(0, searched);
    const links: vscode.DocumentLink[] = [];
    for (const match of text.matchAll(keyForm)) {
      const item = this.model.itemByKey(match[0]);
      if (!item) continue;
      const range = new vscode.Range(document.positionAt(match.index), document.positionAt(match.index + match[0].length));
      const link = new vscode.DocumentLink(range, openItem(item));
      link.tooltip = vscode.l10n.t('Open {0} in Belay', item.key);
      links.push(link);
    }
    return links;
  }

  /** After a prefix and its dash, as in `BUG-`. */
  provideCompletionItems(document: vscode.TextDocument, position: vscode.Position): vscode.CompletionItem[] {
    const before = document.lineAt(position).text.slice(0, position.character);
    const typed = /(?<![\w-])[A-Z][A-Z0-9]{1,9}-\d*$/u.exec(before)?.[0];
    if (typed === undefined) return [];
    const range = new vscode.Range(position.translate(0, -typed.length), position);
    const prefix = typed.slice(0, typed.indexOf('-') + 1);
    return [...this.model.items.values()]
      .filter((item) => item.key.startsWith(prefix))
      .map((item) => {
        const entry = new vscode.CompletionItem(
          { label: item.key, description: oneLine(item.title).slice(0, 120) },
          vscode.CompletionItemKind.Reference,
        );
        entry.range = range;
        entry.filterText = item.key;
        entry.documentation = card(item);
        return entry;
      });
  }
}

function openItem(item: WorkItem): vscode.Uri {
  return vscode.Uri.parse(`command:belay.openItem?${encodeURIComponent(JSON.stringify([item.key]))}`);
}

/** Words of items are shown as text: no Markdown of theirs counts, and only Belay's own command is a link. */
function card(item: WorkItem): vscode.MarkdownString {
  const text = new vscode.MarkdownString(undefined, true);
  text.isTrusted = { enabledCommands: ['belay.openItem'] };
  text.appendMarkdown(`**${item.key}** · `);
  text.appendText(oneLine(item.title).slice(0, 300));
  text.appendMarkdown('\n\n');
  text.appendText(`${item.kind} · ${item.status.replaceAll('_', ' ')} · ${String(item.priority)}`);
  text.appendMarkdown(`\n\n[$(list-tree) ${vscode.l10n.t('Open in Belay')}](${openItem(item).toString()})`);
  return text;
}
