/** "Record result": brings what another tool did back onto the item. */
import * as vscode from 'vscode';
import { BelayError } from '../../protocol/errors.ts';
import type { Handoff, SessionResult } from '../../protocol/records.ts';
import { boundFolder } from '../../worker/loop/boundFolder.ts';
import { recordHandoffResult, resultCandidates, type ResultCandidate } from '../../worker/review/handoffResult.ts';
import { openCheckout } from '../../worker/workspace/repository.ts';
import type { WorkModel } from '../items/workModel.ts';
import type { PlatformLink } from '../base/platformLink.ts';
import { pickOne, type PickEntry } from '../base/plainWords.ts';
import { requireTrust } from '../base/trust.ts';
import { fileCount } from '../base/words.ts';
import type { ChangesEditor } from './changesEditor.ts';
import { objectsOf } from './resultDocuments.ts';

export class RecordResult {
  private readonly link: PlatformLink;
  private readonly model: WorkModel;
  private readonly stateDir: string;
  private readonly editor: ChangesEditor;

  constructor(link: PlatformLink, model: WorkModel, stateDir: string, editor: ChangesEditor) {
    this.link = link;
    this.model = model;
    this.stateDir = stateDir;
    this.editor = editor;
  }

  async record(handoffId: string | null): Promise<void> {
    requireTrust();
    await this.model.ensureLoaded();
    const handoff = handoffId === null ? await this.pickHandoff() : this.model.handoff(handoffId);
    if (!handoff) return;
    const { api } = await this.link.connect();
    const item = await api.getItem({ params: { id: handoff.itemId } });
    const folder = boundFolder(this.stateDir, handoff);
    const checkout = await openCheckout(folder);
    const candidates = await resultCandidates(checkout, handoff, item.key);
    const picked = await pickOne(
      [
        ...candidates.map((candidate) => ({ ...describe(candidate), candidate })),
        {
          label: vscode.l10n.t('Nothing came of it'),
          icon: 'circle-slash',
          description: vscode.l10n.t('close the hand-off'),
          candidate: null,
        },
      ],
      { title: vscode.l10n.t('What did {0} do for {1}?', handoff.targetName, item.key) },
    );
    if (!picked) return;
    if (picked.candidate === null) {
      await api.closeHandoff({ params: { id: handoff.id }, body: { result: null } });
      return;
    }
    await this.show(handoff, item.key, await recordHandoffResult(api, this.stateDir, checkout, handoff, picked.candidate));
  }

  /** Shows once more what was recorded. */
  async review(handoffId: string): Promise<void> {
    await this.model.ensureLoaded();
    const handoff = this.model.handoff(handoffId);
    if (!handoff?.result?.headCommit) throw new BelayError('not_found', vscode.l10n.t('Nothing is recorded of this hand-off.'));
    const { api } = await this.link.connect();
    const item = await api.getItem({ params: { id: handoff.itemId } });
    await this.show(handoff, item.key, handoff.result);
  }

  private async show(handoff: Handoff, key: string, result: SessionResult): Promise<void> {
    const objects = await objectsOf(this.stateDir, boundFolder(this.stateDir, handoff), handoff.id);
    const title = vscode.l10n.t('{0}: {1} by {2}', key, fileCount(result.files.length), handoff.targetName);
    await this.editor.show({ title, result, objects });
  }

  private async pickHandoff(): Promise<Handoff | undefined> {
    const open = [...this.model.items.values()].flatMap((item) =>
      this.model
        .handoffsOf(item.id)
        .filter((handoff) => handoff.state === 'open')
        .map((handoff) => ({ label: item.key, description: `${handoff.targetName}: ${item.title}`, handoff })),
    );
    if (open.length === 0) throw new BelayError('not_found', vscode.l10n.t('No hand-off is open.'));
    return (await pickOne(open, { title: vscode.l10n.t('Record the result of which hand-off?') }))?.handoff;
  }
}

function describe(candidate: ResultCandidate): PickEntry {
  if (candidate.kind === 'uncommitted')
    return { label: vscode.l10n.t('Uncommitted changes'), icon: 'files', description: vscode.l10n.t('everything in the working tree') };
  const names = candidate.namesItem ? vscode.l10n.t(', names the item') : '';
  const description = vscode.l10n.t('{0} since the hand-off', candidate.commits) + names;
  return candidate.kind === 'head'
    ? { label: vscode.l10n.t('Commits on this branch'), icon: 'git-commit', description }
    : { label: candidate.name, icon: 'git-branch', description };
}
