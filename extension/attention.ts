/** Tells the person what needs them: by the badge, the status bar item and, each once, by a notification in one window. */
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { PanelPage } from '../protocol/panelPages.ts';
import type { Announcements } from './announcements.ts';
import type { Need } from './items/needs.ts';
import { sessionLabel, News } from './items/news.ts';
import type { WorkModel } from './items/workModel.ts';
import type { PanelView } from './panel/panelView.ts';
import { withoutLinks } from './base/plainWords.ts';
import { readSettings } from './base/settings.ts';
import { needYouText } from './base/words.ts';

/** The window that the person is in tells first. */
const elsewhereMs = 700;
export class Attention implements vscode.Disposable {
  private readonly status = vscode.window.createStatusBarItem('belay.status', vscode.StatusBarAlignment.Left, 50);
  private readonly subscriptions: vscode.Disposable[];
  private readonly news: News;
  private readonly model: Pick<WorkModel, 'needs' | 'sessions' | 'onChange'>;
  private readonly panel: Pick<PanelView, 'navigate' | 'onVisibility' | 'setBadge' | 'shows'>;

  constructor(model: Attention['model'], panel: Attention['panel'], announcements: Announcements) {
    this.model = model;
    this.panel = panel;
    this.news = new News({
      claim: (news) => announcements.claim(news),
      isShown: (page) => panel.shows(page),
      needs: () => model.needs(),
      letOthers: async () => {
        if (!vscode.window.state.focused) await delay(elsewhereMs);
      },
    });
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
      this.status.text = `$(bell-dot) ${needYouText(needs.length)}`;
      this.status.tooltip = needs
        .slice(0, 5)
        .map(({ session }) => sessionLabel(session))
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
    const told = await this.news.take(needs, !readSettings().notifications);
    await Promise.all(told.map(({ text, page }) => this.show(text, page)));
  }

  private async show(text: string, page: PanelPage): Promise<void> {
    const open = vscode.l10n.t('Open');
    if ((await vscode.window.showInformationMessage(withoutLinks(text), open)) === open) await this.panel.navigate(page);
  }
}
