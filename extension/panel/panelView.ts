/** The Work view: shows the page, answers its calls, and tells it what changes on the page it shows. */
import * as vscode from 'vscode';
import type { PanelNotice, PanelNoticeOf, PanelWorkerStrip } from '../../protocol/panel.ts';
import type { PanelPage } from '../../protocol/panelPages.ts';
import { workViewId } from '../base/ids.ts';
import type { ModelChange, WorkModel } from '../items/workModel.ts';
import type { Log } from '../base/log.ts';
import type { PlatformLink } from '../base/platformLink.ts';
import { toProblem } from '../base/problem.ts';
import { sayProblem } from '../base/sayProblem.ts';
import { needYouText } from '../base/words.ts';
import { dispatch, type PanelHandlers } from './dispatch.ts';
import { panelHtml } from './html.ts';
import type { PageContext } from './pages/page.ts';
import { firstActivities } from './pages/session.ts';
import { ShownPage } from './shownPage.ts';

export interface PanelParts {
  readonly extensionUri: vscode.Uri;
  readonly version: string;
  readonly link: PlatformLink;
  readonly model: WorkModel;
  readonly log: Log;
  readonly workerStrip: () => PanelWorkerStrip;
  readonly pageContext: () => Promise<PageContext>;
  readonly limitedBy: () => PanelNoticeOf<'setup'>['limitedBy'];
  /** Everything the page may ask for beyond showing pages. */
  readonly actions: Omit<PanelHandlers, 'ready' | 'show' | 'refresh' | 'loadActivities'>;
}

export class PanelView implements vscode.WebviewViewProvider, vscode.Disposable {
  private view: vscode.WebviewView | undefined;
  private readonly shown: ShownPage;
  /** Where somebody wants the page to go. A page that is hidden or loads may miss it, so it is kept until the page says it is there. */
  private wish: PanelNoticeOf<'navigate'> | undefined;
  private badge = 0;
  /** How often the page was loaded: what failed for one that is gone is said by the editor. */
  private loads = 0;
  private readonly handlers: PanelHandlers;
  private readonly subscriptions: vscode.Disposable[] = [];
  private readonly visibility = new vscode.EventEmitter<void>();
  readonly onVisibility = this.visibility.event;
  private readonly parts: PanelParts;

  constructor(parts: PanelParts) {
    this.parts = parts;
    const { link, model, log, pageContext } = parts;
    this.shown = new ShownPage({
      ...{ link, model, log, pageContext },
      post: (notice) => {
        this.post(notice);
      },
      isVisible: () => this.view?.visible === true,
    });
    this.handlers = {
      ...parts.actions,
      ready: async ({ page }) => {
        this.shown.set(page);
        this.loads += 1;
        this.setup();
        if (this.wish) this.post(this.wish);
        await this.sendRows();
        // The person may have gone to another page meanwhile.
        await this.shown.show(this.shown.page);
        return {};
      },
      show: async ({ page }) => {
        if (this.wish && isSamePage(this.wish.page, page)) this.wish = undefined;
        await this.shown.show(page);
        return {};
      },
      refresh: async () => {
        await this.parts.model.reload();
        await this.shown.send();
        return {};
      },
      loadActivities: async ({ sessionId, before }) => {
        const { api } = await parts.link.connect();
        const after = Math.max(0, before - 1 - firstActivities);
        const { entries } = await api.listActivities({ params: { id: sessionId }, query: { after, limit: before - 1 - after || 1 } });
        return { entries: entries.filter((entry) => entry.seq < before) };
      },
    };
    this.subscriptions.push(
      parts.model.onChange((change) => {
        this.modelChanged(change);
      }),
      parts.link.onState((connection) => {
        this.post({ type: 'connection', connection });
      }),
    );
  }

  dispose(): void {
    this.shown.dispose();
    for (const subscription of this.subscriptions) subscription.dispose();
    this.visibility.dispose();
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.view = view;
    view.webview.options = {
      enableScripts: true,
      enableCommandUris: false,
      enableForms: false,
      localResourceRoots: [vscode.Uri.joinPath(this.parts.extensionUri, 'dist', 'webview')],
    };
    view.webview.onDidReceiveMessage((message: unknown) => {
      const asked = this.loads;
      return dispatch(
        message,
        this.handlers,
        (notice) => {
          const isGone = asked !== this.loads || !view.visible;
          if (isGone && notice.type === 'reply' && notice.problem) sayProblem(notice.problem);
          else this.post(notice);
        },
        (reason) => {
          this.parts.log.warn(`The panel sent ${reason}; it was ignored.`);
        },
      );
    });
    view.onDidChangeVisibility(() => {
      this.visibility.fire();
    });
    view.onDidDispose(() => {
      this.view = undefined;
      this.shown.leave();
      this.visibility.fire();
    });
    this.setBadge(this.badge);
    view.webview.html = panelHtml(view.webview, this.parts.extensionUri);
  }

  /** True while the person can see this session or its item. */
  shows(page: PanelPage): boolean {
    return this.view?.visible === true && isSamePage(page, this.shown.page);
  }

  /** Brings the view to the front and the page to `page`, also when the view is hidden now or was never opened. */
  async navigate(page: PanelPage, focus: PanelNoticeOf<'navigate'>['focus'] = 'none', preserveFocus = focus === 'none'): Promise<void> {
    this.wish = { type: 'navigate', page, focus };
    if (this.view) {
      this.view.show(preserveFocus);
      this.post(this.wish);
    } else await vscode.commands.executeCommand(`${workViewId}.focus`);
  }

  setBadge(count: number): void {
    this.badge = count;
    if (this.view) this.view.badge = count > 0 ? { value: count, tooltip: needYouText(count) } : undefined;
  }

  tellWorker(): void {
    this.post({ type: 'worker', worker: this.parts.workerStrip() });
  }

  /** Also what the page offers hangs on trust and folders. */
  tellSetup(): void {
    if (!this.view) return;
    this.setup();
    this.shown.sendSoon();
  }

  private post(notice: PanelNotice): void {
    void this.view?.webview.postMessage(notice);
  }

  private setup(): void {
    const { link, version } = this.parts;
    this.post({
      type: 'setup',
      version,
      locale: vscode.env.language,
      strings: translations(),
      machine: machineName(),
      limitedBy: this.parts.limitedBy(),
    });
    this.post({ type: 'connection', connection: link.state });
    this.tellWorker();
  }

  /** All rows, for a page that has none yet. */
  private async sendRows(): Promise<void> {
    try {
      await this.parts.model.ensureLoaded();
      this.post({ type: 'rows', rows: this.parts.model.allRows(), needs: this.needs() });
    } catch (error) {
      this.post({ type: 'connection', connection: { ...this.parts.link.state, problem: toProblem(error) } });
    }
  }

  private modelChanged(change: ModelChange): void {
    if (change.all) this.post({ type: 'rows', rows: [...change.rows], needs: this.needs() });
    else if (change.rows.length > 0 || change.sessions.size > 0)
      this.post({ type: 'rowsChanged', rows: [...change.rows], removed: [...change.removed], needs: this.needs() });
    this.shown.modelChanged(change);
  }

  private needs(): number {
    return this.parts.model.needs().length;
  }
}

function isSamePage(a: PanelPage, b: PanelPage): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The strings of the page are translated by the same bundle as the extension's own. */
function translations(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(vscode.l10n.bundle ?? {})
      .map(([text, translated]) => [text, typeof translated === 'string' ? translated : translated['message']])
      .filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function machineName(): string {
  return vscode.env.remoteName ? `${vscode.env.remoteName}` : '';
}
