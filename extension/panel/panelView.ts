/** The Work view: shows the page, answers its calls, and tells it what changes on the page it shows. */
import * as vscode from 'vscode';
import { isBelayError } from '../../protocol/errors.ts';
import type { AuditPage, PanelNotice, PanelNoticeOf, PanelPage, PanelWorkerStrip } from '../../protocol/panel.ts';
import { workViewId } from '../base/ids.ts';
import type { ModelChange, WorkModel } from '../items/workModel.ts';
import type { Log } from '../base/log.ts';
import type { PlatformLink } from '../base/platformLink.ts';
import { sayProblem, toProblem } from '../base/problem.ts';
import { needYou } from '../base/words.ts';
import type { AuditPages } from './auditPage.ts';
import { dispatch, type PanelHandlers } from './dispatch.ts';
import { panelHtml } from './html.ts';
import { itemPage, queuePage, sessionPage, type PageContext } from './pages.ts';

const firstActivities = 500;
const settleMs = 80;

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
  private page: PanelPage = { page: 'work' };
  /** Where somebody wants the page to go. A page that is hidden or loads may miss it, so it is kept until the page says it is there. */
  private wish: PanelNoticeOf<'navigate'> | undefined;
  private sessionStream: AbortController | undefined;
  private timer: NodeJS.Timeout | undefined;
  private audits: AuditPages | undefined;
  private badge = 0;
  /** Grows with each page shown: what was fetched for an earlier one is dropped. */
  private generation = 0;
  /** How often the page was loaded: what failed for one that is gone is said by the editor. */
  private loads = 0;
  private readonly handlers: PanelHandlers;
  private readonly subscriptions: vscode.Disposable[] = [];
  private readonly visibility = new vscode.EventEmitter<void>();
  readonly onVisibility = this.visibility.event;
  private readonly parts: PanelParts;

  constructor(parts: PanelParts) {
    this.parts = parts;
    this.handlers = {
      ...parts.actions,
      ready: async ({ page }) => {
        this.page = page;
        this.loads += 1;
        this.setup();
        if (this.wish) this.post(this.wish);
        await this.sendRows();
        // The person may have gone to another page meanwhile.
        await this.show(this.page);
        return {};
      },
      show: async ({ page }) => {
        if (this.wish && isSamePage(this.wish.page, page)) this.wish = undefined;
        await this.show(page);
        return {};
      },
      refresh: async () => {
        await this.parts.model.reload();
        await this.sendPage();
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
    clearTimeout(this.timer);
    this.sessionStream?.abort();
    this.audits?.dispose();
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
      this.sessionStream?.abort();
      this.visibility.fire();
    });
    this.setBadge(this.badge);
    view.webview.html = panelHtml(view.webview, this.parts.extensionUri);
  }

  /** True while the person can see this session or its item. */
  shows(page: PanelPage): boolean {
    return this.view?.visible === true && isSamePage(page, this.page);
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
    if (this.view) this.view.badge = count > 0 ? { value: count, tooltip: needYou(count) } : undefined;
  }

  tellWorker(): void {
    this.post({ type: 'worker', worker: this.parts.workerStrip() });
  }

  /** Also what the page offers hangs on trust and folders. */
  tellSetup(): void {
    if (!this.view) return;
    this.setup();
    this.sendPageSoon();
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

  private async show(page: PanelPage): Promise<void> {
    this.page = page;
    this.generation += 1;
    this.sessionStream?.abort();
    await this.sendPage();
    if (page.page === 'session') await this.followActivities(page.id);
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

  private async sendPage(): Promise<void> {
    const { page } = this;
    const generation = (this.generation += 1);
    if (page.page === 'work') return;
    const notice = await this.pageNotice(page);
    if (generation === this.generation) this.post(notice);
  }

  private async pageNotice(page: Exclude<PanelPage, { page: 'work' }>): Promise<PanelNotice> {
    try {
      const context = await this.parts.pageContext();
      if (page.page === 'item') return { type: 'item', key: page.key, page: await itemPage(page.key, context), problem: null };
      if (page.page === 'session') return { type: 'session', id: page.id, page: await sessionPage(page.id, context), problem: null };
      if (page.page === 'queue') return { type: 'queue', page: await queuePage(context), problem: null };
      return { type: 'audit', page: await this.auditPage(context), problem: null };
    } catch (error) {
      if (!isBelayError(error)) this.parts.log.error('Could not build a page', error);
      const problem = toProblem(error);
      if (page.page === 'item') return { type: 'item', key: page.key, page: null, problem };
      if (page.page === 'session') return { type: 'session', id: page.id, page: null, problem };
      return { type: page.page, page: null, problem };
    }
  }

  private async auditPage(context: PageContext): Promise<AuditPage> {
    const { AuditPages } = await import('./auditPage.ts');
    this.audits ??= new AuditPages(this.parts.link.stateDir, () => {
      if (this.page.page === 'audit' && this.view?.visible) this.sendPageSoon();
    });
    return await this.audits.page(context);
  }

  private async followActivities(sessionId: string): Promise<void> {
    // Somebody may have gone on to another page while this one was fetched, and that has a stream of its own.
    if (this.page.page !== 'session' || this.page.id !== sessionId) return;
    this.sessionStream?.abort();
    const stream = new AbortController();
    this.sessionStream = stream;
    const connection = await this.parts.link.connect().catch(() => null);
    if (!connection || stream.signal.aborted) return;
    const known = this.parts.model.sessions.get(sessionId)?.lastSeq ?? 0;
    const after = Math.max(0, known - firstActivities);
    this.post({ type: 'activities', sessionId, reset: true, entries: [] });
    let batch: PanelNoticeOf<'activities'>['entries'] = [];
    let timer: NodeJS.Timeout | undefined;
    await connection.subscribeSession(
      sessionId,
      after,
      (activity) => {
        batch.push(activity);
        // Many in a burst travel together, so that the page paints once.
        timer ??= setTimeout(() => {
          timer = undefined;
          const entries = batch;
          batch = [];
          if (!stream.signal.aborted) this.post({ type: 'activities', sessionId, reset: false, entries });
        }, 30);
      },
      stream.signal,
    );
  }

  private modelChanged(change: ModelChange): void {
    if (change.all) this.post({ type: 'rows', rows: [...change.rows], needs: this.needs() });
    else if (change.rows.length > 0 || change.sessions.size > 0)
      this.post({ type: 'rowsChanged', rows: [...change.rows], removed: [...change.removed], needs: this.needs() });
    if (!this.concerns(change)) return;
    this.sendPageSoon();
  }

  private needs(): number {
    return this.parts.model.needs().length;
  }

  private sendPageSoon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.sendPage();
    }, settleMs);
  }

  private concerns(change: ModelChange): boolean {
    const page = this.page;
    if (change.all) return page.page !== 'work';
    if (page.page === 'queue') return change.sessions.size > 0 || change.workers;
    if (page.page === 'audit') return change.sessions.size > 0;
    if (page.page === 'session')
      return (
        change.sessions.has(page.id) ||
        [...change.sessions].some((id) => this.parts.model.sessions.get(id)?.lineId === this.parts.model.sessions.get(page.id)?.lineId)
      );
    if (page.page === 'item') {
      const item = this.parts.model.itemByKey(page.key);
      return (
        item === undefined ||
        change.items.has(item.id) ||
        [...change.items].some((id) => this.parts.model.items.get(id)?.parentId === item.id)
      );
    }
    return false;
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
