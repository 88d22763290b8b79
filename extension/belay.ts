/** Everything behind the panel, built on first use and wired in one place. */
import { writeFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { stateDir as stateFolder } from '../client/stateDir.ts';
import { boundFolder } from '../worker/loop/boundFolder.ts';
import { bindRepository, openMachine } from '../worker/base/machine.ts';
import type { ReviewContext } from '../worker/review/review.ts';
import { Announcements } from './announcements.ts';
import { Attention } from './attention.ts';
import { WorkModel } from './items/workModel.ts';
import { LinkHandler } from './integration/links.ts';
import { Doctor } from './localWorker/doctor.ts';
import { Secrets } from './localWorker/secrets.ts';
import { LocalWorker } from './localWorker/localWorker.ts';
import { ApproveWorkflow } from './language/approveWorkflow.ts';
import { ItemKeys } from './language/itemKeys.ts';
import { PromptPreview } from './language/promptPreview.ts';
import { UnapprovedWorkflow } from './language/unapprovedWorkflow.ts';
import { translateWith } from './base/l10n.ts';
import { createLog, type Log } from './base/log.ts';
import { panelActions } from './panel/actions.ts';
import type { PageContext } from './panel/pages/page.ts';
import { PanelView } from './panel/panelView.ts';
import { withoutLinks } from './base/plainWords.ts';
import { PlatformLink } from './base/platformLink.ts';
import { ChangesEditor } from './review/changesEditor.ts';
import { RecordResult } from './review/recordResult.ts';
import { resultScheme, ResultDocuments } from './review/resultDocuments.ts';
import { ReviewFlow } from './review/reviewFlow.ts';
import { PromptDrafts } from './send/promptDrafts.ts';
import { bindChosenFolder } from './send/repository.ts';
import { SendFlow } from './send/sendFlow.ts';
import { requireTrust } from './base/trust.ts';
import { confirmTask } from './tasks/confirmTask.ts';
import { BelayTasks } from './tasks/taskProvider.ts';

export class Belay implements vscode.Disposable {
  readonly log: Log;
  readonly link: PlatformLink;
  readonly model: WorkModel;
  readonly worker: LocalWorker;
  readonly panel: PanelView;
  readonly drafts: PromptDrafts;
  readonly send: SendFlow;
  readonly changes = new ChangesEditor();
  readonly review: ReviewFlow;
  readonly tasks: BelayTasks;
  readonly doctor: Doctor;
  readonly secrets: Secrets;
  readonly links: LinkHandler;
  readonly promptPreview = new PromptPreview();
  readonly approveWorkflow: ApproveWorkflow;
  private readonly results: RecordResult;
  private readonly subscriptions: vscode.Disposable[];

  constructor(context: vscode.ExtensionContext) {
    translateWith((english, ...args) => vscode.l10n.t(english, ...args));
    const log = createLog();
    const stateDir = stateFolder();
    const version = String((context.extension.packageJSON as { version?: unknown }).version ?? '0.0.0');
    this.log = log;
    this.link = new PlatformLink(stateDir, context.extensionPath, version, log);
    this.model = new WorkModel(this.link, log);
    this.secrets = new Secrets(context.secrets, context.globalState);
    this.worker = new LocalWorker(this.link, this.secrets, context.globalState, log);
    this.drafts = new PromptDrafts(context.globalStorageUri, context.globalState);
    this.review = new ReviewFlow(() => this.reviewContext(), this.changes);
    this.results = new RecordResult(this.link, this.model, stateDir, this.changes);
    const bind = async (repositoryId: string, folder: string): Promise<void> => {
      bindRepository(stateDir, repositoryId, folder);
      await Promise.resolve();
    };
    this.approveWorkflow = new ApproveWorkflow(stateDir, bind);
    this.tasks = new BelayTasks({
      connect: () => this.link.connect(),
      confirmAndCreate: (definition) => confirmTask(definition, { link: this.link, worker: this.worker, stateDir, bind }),
      claim: (session) => this.worker.claim(session),
    });
    this.send = new SendFlow({
      link: this.link,
      drafts: this.drafts,
      state: context.globalState,
      situation: { searchPath: () => this.worker.pathOfShell(), localAgents: () => this.worker.usableAgents() },
      stateDir,
      bind,
      worker: () => this.worker.ready(),
      runTask: (session, item) => this.tasks.run(session, item),
      showSession: (session) => this.panel.navigate({ page: 'session', id: session.id }, 'none', false),
    });
    this.panel = new PanelView({
      extensionUri: context.extensionUri,
      version,
      link: this.link,
      model: this.model,
      log,
      workerStrip: () => this.worker.strip(),
      pageContext: () => this.pageContext(),
      limitedBy: () => limitedBy(),
      actions: panelActions(this),
    });
    this.links = new LinkHandler(this.panel);
    this.doctor = new Doctor(this.link, this.worker);
    const announcements = new Announcements(stateDir);
    announcements.prune(Date.now());
    const attention = new Attention(this.model, this.panel, announcements);
    const unapproved = new UnapprovedWorkflow({ review: (waiting) => this.approveWorkflow.review(waiting) });
    const resultDocuments = new ResultDocuments();
    this.subscriptions = [
      attention,
      this.doctor,
      new ItemKeys(this.model),
      this.promptPreview,
      this.approveWorkflow,
      this.panel,
      this.drafts,
      this.changes,
      resultDocuments,
      vscode.workspace.registerTextDocumentContentProvider(resultScheme, resultDocuments),
      this.worker.onChange(() => {
        this.panel.tellWorker();
      }),
      this.worker.onWaitingWorkflow((waiting) => void unapproved.meet(waiting)),
      vscode.workspace.onDidGrantWorkspaceTrust(() => {
        this.panel.tellSetup();
        void this.worker.startIfAllowed();
      }),
      vscode.workspace.onDidChangeWorkspaceFolders(() => {
        this.panel.tellSetup();
        void this.worker.startIfAllowed();
      }),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('belay')) void this.worker.settingsChanged();
      }),
      this.worker,
      this.model,
      this.link,
      log,
    ];
    void this.start();
  }

  /** Also with the view hidden the person is told what needs them. The list first: the worker starts a shell and looks for agents. */
  private async start(): Promise<void> {
    await this.model.ensureLoaded().catch(() => undefined);
    await this.drafts.restoreWith((prompt) => this.send.restore(prompt));
    await this.worker.startIfAllowed();
  }

  /** Lets the worker go as the person chose, then everything else. */
  async shutDown(): Promise<void> {
    await this.worker.shutDown();
    this.dispose();
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  async reviewContext(): Promise<ReviewContext> {
    const { api } = await this.link.connect();
    const { stateDir } = this.link;
    return {
      api,
      stateDir,
      folderOf: (session) => Promise.resolve().then(() => boundFolder(stateDir, session)),
      hooks: this.worker.hooks(),
    };
  }

  async recordResult(handoffId: string | null): Promise<void> {
    await this.results.record(handoffId);
  }

  async reviewRecorded(handoffId: string): Promise<void> {
    await this.results.review(handoffId);
  }

  async bindRepository(): Promise<void> {
    requireTrust();
    const { api } = await this.link.connect();
    const bound = await bindChosenFolder(api, async (id, folder) => {
      bindRepository(this.link.stateDir, id, folder);
      await Promise.resolve();
    });
    if (bound)
      void vscode.window.showInformationMessage(withoutLinks(vscode.l10n.t('{0} is bound to {1}.', bound.name, bound.checkout.path)));
  }

  async exportData(): Promise<void> {
    const { api } = await this.link.connect();
    const target = await vscode.window.showSaveDialog({
      filters: { JSON: ['json'] },
      title: vscode.l10n.t('Export all data of this machine'),
    });
    if (!target) return;
    await writeFile(target.fsPath, `${JSON.stringify(await api.exportAll({}), null, 1)}\n`, { mode: 0o600 });
  }

  /** Opens the working folder of a session's line in a terminal, to look at. */
  async openTerminal(sessionId: string): Promise<void> {
    const { openSessionTerminal } = await import('./review/sessionFolder.ts');
    const { api } = await this.link.connect();
    await openSessionTerminal(this.link.stateDir, await api.getSession({ params: { id: sessionId } }));
  }

  private async pageContext(): Promise<PageContext> {
    const connection = await this.link.connect();
    return {
      api: connection.api,
      model: this.model,
      memberId: connection.about.memberId,
      memberName: connection.about.memberName,
      stateDir: this.link.stateDir,
      machine: openMachine(this.link.stateDir).name,
      holdsSession: (id) => this.worker.holds(id),
      sendTarget: async () => {
        const offer = await this.send.lastOffer();
        return offer && { id: offer.target.id, name: offer.target.name };
      },
      queueAgent: () => this.worker.usableAgents()[0]?.name ?? null,
      isTrusted: vscode.workspace.isTrusted,
      acceptBlocked: (session) => this.review.acceptBlocked(session),
    };
  }
}

function limitedBy(): 'no_folder' | 'untrusted' | 'virtual' | null {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length === 0) return 'no_folder';
  if (!folders.some((folder) => folder.uri.scheme === 'file')) return 'virtual';
  return vscode.workspace.isTrusted ? null : 'untrusted';
}
