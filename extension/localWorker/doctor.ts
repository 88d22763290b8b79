/** The doctor's report, shown as a rendered page. */
import * as path from 'node:path';
import * as vscode from 'vscode';
import { messageOf } from '../../protocol/errors.ts';
import { diagnose, diagnosisText } from '../../worker/agents/diagnosis.ts';
import type { PlatformLink } from '../base/platformLink.ts';
import type { LocalWorker } from './localWorker.ts';

const scheme = 'belay-report';

export class Doctor implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly link: PlatformLink;
  private readonly worker: LocalWorker;
  private readonly registration: vscode.Disposable;
  private readonly changes = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changes.event;

  constructor(link: PlatformLink, worker: LocalWorker) {
    this.link = link;
    this.worker = worker;
    this.registration = vscode.workspace.registerTextDocumentContentProvider(scheme, this);
  }

  dispose(): void {
    this.registration.dispose();
    this.changes.dispose();
  }

  async show(): Promise<void> {
    const uri = vscode.Uri.from({ scheme, path: '/Belay Doctor.md' });
    this.changes.fire(uri);
    await vscode.commands.executeCommand('markdown.showPreview', uri);
  }

  /** What was found on this machine and what to do about the rest, as Markdown. */
  async provideTextDocumentContent(): Promise<string> {
    const diagnosis = await diagnose({
      path: await this.worker.pathOfShell(),
      practiceAgentBundle: path.join(this.link.dist, 'practiceAgent.mjs'),
    });
    const platform = await this.link.connect().then(
      ({ about }) => vscode.l10n.t('Platform {0}, process {1}, data in {2}.', about.version, about.pid, this.link.stateDir),
      (error: unknown) => vscode.l10n.t('No platform: {0}', messageOf(error)),
    );
    return `# Belay: Doctor\n\n${platform}\n\n${diagnosisText(diagnosis)}`;
  }
}
