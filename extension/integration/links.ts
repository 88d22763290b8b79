/** Links into Belay come from anywhere: they only ever show something, and never start it. */
import type * as vscode from 'vscode';
import type { PanelView } from '../panel/panelView.ts';

export class LinkHandler {
  private readonly panel: PanelView;
  constructor(panel: PanelView) {
    this.panel = panel;
  }

  /** `…/item/BUG-12` or `…/session/<id>`; anything else is ignored. */
  async open(uri: vscode.Uri): Promise<void> {
    const [, kind, name] = /^\/(item|session)\/([A-Za-z0-9_-]{1,80})$/u.exec(uri.path) ?? [];
    if (!kind || !name) return;
    await this.panel.navigate(kind === 'item' ? { page: 'item', key: name } : { page: 'session', id: name });
  }
}
