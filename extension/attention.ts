/** One "needs me" state: it drives the badge, the status bar item and at most one notification at a time. */
import * as vscode from 'vscode';
import type { Session } from '../protocol/records.ts';
import { needsPerson } from './items/rows.ts';
import type { WorkModel } from './items/workModel.ts';
import type { PanelView } from './panel/panelView.ts';
import { inMessage } from './plainWords.ts';
import { readSettings } from './settings.ts';
import { needYou } from './words.ts';

export class Attention implements vscode.Disposable {
  private readonly status = vscode.window.createStatusBarItem('belay.status', vscode.StatusBarAlignment.Left, 50);
  private readonly subscriptions: vscode.Disposable[];
  private known: Set<string> | undefined;
  private showing = false;
  private readonly model: WorkModel;
  private readonly panel: PanelView;

  constructor(model: WorkModel, panel: PanelView) {
    this.model = model;
    this.panel = panel;
    this.status.name = 'Belay';
    this.subscriptions = [
      this.status,
      model.onChange(() => {
        this.update();
      }),
      panel.onVisibility(() => {
        this.update();
      }),
    ];
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private update(): void {
    const sessions = [...this.model.sessions.values()];
    const waiting = sessions.filter(needsPerson);
    const running = sessions.filter((session) => session.claim !== null).length;
    this.panel.setBadge(waiting.length);
    if (waiting.length > 0) {
      this.status.text = `$(bell-dot) ${needYou(waiting.length)}`;
      this.status.tooltip = waiting
        .slice(0, 5)
        .map((session) => `${session.itemKey ?? ''} ${session.title}`)
        .join('\n');
    } else {
      this.status.text = running > 0 ? `$(sync~spin) ${vscode.l10n.t('{0} running', running)}` : '$(check) Belay';
      this.status.tooltip = vscode.l10n.t('Open Belay');
    }
    const first = waiting[0];
    this.status.command = { command: 'belay.openPanel', title: 'Belay', arguments: first ? [{ page: 'session', id: first.id }] : [] };
    this.status.show();
    this.notify(waiting);
  }

  private notify(waiting: readonly Session[]): void {
    // What waited before this window opened is in the badge; only news is announced.
    const before = this.known;
    this.known = new Set(waiting.map((session) => `${session.id}:${session.openInputs}:${session.state}`));
    if (!before || this.showing || !readSettings().notifications) return;
    const news = waiting.find((session) => !before.has(`${session.id}:${session.openInputs}:${session.state}`));
    if (
      !news ||
      this.panel.shows({ page: 'session', id: news.id }) ||
      (news.itemKey && this.panel.shows({ page: 'item', key: news.itemKey }))
    )
      return;
    this.showing = true;
    const open = vscode.l10n.t('Open');
    const name = `${news.itemKey ?? ''} ${news.title}`.trim();
    const text =
      news.openInputs > 0
        ? vscode.l10n.t('{0} asks you something: {1}', news.agentName, name)
        : news.state === 'error'
          ? vscode.l10n.t('{0} could not finish: {1}', news.agentName, name)
          : vscode.l10n.t('{0} is done: {1}', news.agentName, name);
    void vscode.window.showInformationMessage(inMessage(text), open).then((answer) => {
      this.showing = false;
      if (answer === open) void this.panel.navigate({ page: 'session', id: news.id });
    });
  }
}
