/** The person's yes to a version of the workflow file: what changed in a diff, then whole or not at all. */
import * as path from 'node:path';
import * as vscode from 'vscode';
import { BelayError } from '../../protocol/errors.ts';
import type { BelayApi } from '../../protocol/typedClient.ts';
import type { WaitingWorkflow } from '../../worker/loop/worker.ts';
import type { WorkflowStanding } from '../../worker/workflowFile/pending.ts';
import { bindFolder } from '../../worker/queue/queueSession.ts';
import { openCheckout } from '../../worker/workspace/repository.ts';
import { chooseFolder } from '../send/repository.ts';
import { withoutLinks, pickSome } from '../base/plainWords.ts';
import { requireTrust } from '../base/trust.ts';

const scheme = 'belay-workflow-version';
const workflowFile = 'WORKFLOW.md';
/** With the readers of YAML and Liquid: not needed before somebody approves a file. */
const reading = () => import('../../worker/workflowFile/pending.ts');

export class ApproveWorkflow implements vscode.Disposable, vscode.TextDocumentContentProvider {
  private readonly texts = new Map<string, string>();
  private readonly subscription = vscode.workspace.registerTextDocumentContentProvider(scheme, this);
  private readonly stateDir: string;
  private readonly bind: (repositoryId: string, folder: string) => Promise<void>;

  constructor(stateDir: string, bind: (repositoryId: string, folder: string) => Promise<void>) {
    this.stateDir = stateDir;
    this.bind = bind;
  }

  dispose(): void {
    this.subscription.dispose();
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.path) ?? '';
  }

  async run(api: BelayApi): Promise<void> {
    requireTrust();
    const folder = await chooseFolder();
    if (folder === null) return;
    const { id, name, checkout } = await bindFolder(api, folder, this.bind);
    await this.settle(await (await reading()).workflowStanding(this.stateDir, id, checkout), name);
  }

  /** The same of the version that a run went on without. */
  async review({ repositoryId, folder, commit }: WaitingWorkflow): Promise<void> {
    requireTrust();
    const checkout = await openCheckout(folder);
    await this.settle(await (await reading()).workflowStanding(this.stateDir, repositoryId, checkout, commit), path.basename(folder));
  }

  private async settle(standing: WorkflowStanding | null, name: string): Promise<void> {
    if (!standing)
      throw new BelayError('not_found', vscode.l10n.t('The last commit has no {0}.', workflowFile), {
        hint: vscode.l10n.t('Only what is committed counts.'),
      });
    if (!standing.usable)
      throw new BelayError('bad_request', vscode.l10n.t('{0} of the last commit has mistakes.', workflowFile), {
        hint: vscode.l10n.t('Mend them and commit; until then the version approved last is used.'),
      });
    if (standing.approved)
      void vscode.window.showInformationMessage(vscode.l10n.t('This version of {0} is approved already.', workflowFile));
    else await this.ask(standing, name);
    await this.askSecrets(standing);
  }

  private async ask(standing: WorkflowStanding, name: string): Promise<void> {
    const { source, last, requests, approvals } = standing;
    const { wholeText } = await reading();
    await vscode.commands.executeCommand(
      'vscode.diff',
      this.version(last?.hash ?? 'none', wholeText(last)),
      this.version(source.hash, wholeText(source)),
      vscode.l10n.t('{0} of {1}: approved ↔ new', workflowFile, name),
      { preview: true },
    );
    const yes = vscode.l10n.t('Approve');
    const withRequests = vscode.l10n.t('Approve, and Allow What It Asks');
    const asks = requests.length === 0 ? '' : `\n\n${vscode.l10n.t('It asks to be allowed: {0}', requests.join(', ').slice(0, 600))}`;
    // Not modal: the diff must be readable while it is asked.
    const answer = await vscode.window.showInformationMessage(
      withoutLinks(`${vscode.l10n.t('Use this version of {0} for agents of this machine?', workflowFile)}${asks}`),
      yes,
      ...(requests.length > 0 ? [withRequests] : []),
      vscode.l10n.t('Not Now'),
    );
    if (answer === yes || answer === withRequests) approvals.approve(source, answer === withRequests, Date.now());
  }

  private async askSecrets({ parsed, approvals, source }: WorkflowStanding): Promise<void> {
    const names = parsed.workflow?.config.secrets ?? [];
    if (names.length === 0 || !approvals.approved(source.hash)) return;
    const choices = approvals.secretChoices();
    const picked = await pickSome(
      names.map((name) => {
        const choice = choices[name];
        const masked = typeof choice === 'object' ? vscode.l10n.t('masked, for {0}', choice.masked.join(', ')) : '';
        return { label: name, description: masked, picked: choice === 'environment' };
      }),
      {
        title: vscode.l10n.t('Which variables may agents and hooks of this repository read?'),
        placeHolder: vscode.l10n.t('Their values are bound with "Belay: Bind a Secret for Agents"'),
      },
    );
    if (!picked) return;
    for (const name of names) {
      const on = picked.some((entry) => entry.label === name);
      if (on || choices[name] === 'environment') approvals.chooseSecret(name, on ? 'environment' : null);
    }
  }

  private version(hash: string, text: string): vscode.Uri {
    const uri = vscode.Uri.from({ scheme, path: `/${hash.slice(0, 12)}/${workflowFile}` });
    this.texts.set(uri.path, text);
    return uri;
  }
}
