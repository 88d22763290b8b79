/** Tells the person what needs them: by the badge, the status bar item and, each once, by a notification in one window. */
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { PanelPage } from '../protocol/panelPages.ts';
import type { Announcements } from './announcements.ts';
import type { Need } from './items/needs.ts';
import type { WorkModel } from './items/workModel.ts';
import type { PanelView } from './panel/panelView.ts';
import { inMessage } from './base/plainWords.ts';
import { readSettings } from './base/settings.ts';
import { needYou } from './base/words.ts';

/** The window that the person is in tells first. */
const elsewhereMs = 700;
/** More at once are told in one sentence. */
const single = 3;

export class Attention implements vscode.Disposable {
  private readonly status = vscode.window.createStatusBarItem('belay.status', vscode.StatusBarAlignment.Left, 50);
  private readonly subscriptions: vscode.Disposable[];
  private known: Set<string> | undefined;
  private readonly model: Pick<WorkModel, 'needs' | 'sessions' | 'onChange'>;
  private readonly panel: Pick<PanelView, 'navigate' | 'onVisibility' | 'setBadge' | 'shows'>;
  private readonly announcements: Announcements;

  constructor(model: Attention['model'], panel: Attention['panel'], announcements: Announcements) {
    this.model = model;
    this.panel = panel;
    this.announcements = announcements;
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
    const needs = this.model.needs();
    const running = [...this.model.sessions.values()].filter((session) => session.claim !== null).length;
    this.panel.setBadge(needs.length);
    if (needs.length > 0) {
      this.status.text = `$(bell-dot) ${needYou(needs.length)}`;
      this.status.tooltip = needs
        .slice(0, 5)
        .map(({ session }) => nameOf(session))
        .join('\n');
    } else {
      this.status.text = running > 0 ? `$(sync~spin) ${vscode.l10n.t('{0} running', running)}` : '$(check) Belay';
      this.status.tooltip = vscode.l10n.t('Open Belay');
    }
    const first = needs[0];
    this.status.command = {
      command: 'belay.openPanel',
      title: 'Belay',
      arguments: first ? [{ page: 'session', id: first.session.id }] : [],
    };
    this.status.show();
    void this.tell(needs);
  }

  private async tell(needs: readonly Need[]): Promise<void> {
    const before = this.known;
    this.known = new Set([...(before ?? []), ...needs.flatMap(({ news }) => news)]);
    // What waited before this window opened is in the badge; only news is told.
    if (!before || !readSettings().notifications) return;
    const fresh = needs.filter(({ news }) => news.some((one) => !before.has(one)));
    // Who looks at it knows: then no window tells it.
    for (const need of fresh) if (this.isShown(need)) this.claim(need, before);
    if (fresh.length > 0 && !vscode.window.state.focused) await delay(elsewhereMs);
    const waiting = new Set(this.model.needs().flatMap(({ news }) => news));
    const mine = fresh.filter((need) => need.news.some((one) => waiting.has(one)) && this.claim(need, before));
    if (mine.length > single) await this.show(needYou(mine.length), { page: 'queue' });
    else await Promise.all(mine.map((need) => this.show(textOf(need), { page: 'session', id: need.session.id })));
  }

  private isShown({ session }: Need): boolean {
    return (
      this.panel.shows({ page: 'session', id: session.id }) ||
      (session.itemKey !== null && this.panel.shows({ page: 'item', key: session.itemKey }))
    );
  }

  private claim({ news }: Need, before: ReadonlySet<string>): boolean {
    return news.filter((one) => !before.has(one)).filter((one) => this.announcements.claim(one)).length > 0;
  }

  private async show(text: string, page: PanelPage): Promise<void> {
    const open = vscode.l10n.t('Open');
    if ((await vscode.window.showInformationMessage(inMessage(text), open)) === open) await this.panel.navigate(page);
  }
}

const nameOf = ({ itemKey, title }: Need['session']): string => `${itemKey ?? ''} ${title}`.trim();

function textOf({ kind, session }: Need): string {
  switch (kind) {
    case 'question':
      return vscode.l10n.t('{0} asks you something: {1}', session.agentName, nameOf(session));
    case 'failure':
      return vscode.l10n.t('{0} could not finish: {1}', session.agentName, nameOf(session));
    case 'result':
      return vscode.l10n.t('{0} is done: {1}', session.agentName, nameOf(session));
  }
}
