/** Send to app: pick target and mode, see and edit the prompt, go, and keep the hand-off on the item. */
import * as vscode from 'vscode';
import { BelayError, messageOf } from '../../protocol/errors.ts';
import { sessionModes, type Session, type SessionMode, type WorkItem } from '../../protocol/records.ts';
import type { PromptWish } from '../../protocol/routes.ts';
import type { BelayApi } from '../../protocol/typedClient.ts';
import {
  available,
  handoffDetail,
  needsPromptFile,
  offerOf,
  prepareLaunch,
  showsTaken,
  type Offer,
} from '../../worker/targets/available.ts';
import type { Installed } from '../../worker/targets/types.ts';
import { bindFolder, queueSession, type BoundRepository } from '../../worker/queue/queueSession.ts';
import { showError } from '../base/sayProblem.ts';
import { usualMode } from '../../prompt/usualMode.ts';
import { promptSections } from '../../prompt/sections.ts';
import { headCommit } from '../../worker/workspace/repository.ts';
import type { PlatformLink } from '../base/platformLink.ts';
import { withoutLinks, pickOne } from '../base/plainWords.ts';
import { readSettings } from '../base/settings.ts';
import { outcomeOf, promptSent, withFirst } from './choices.ts';
import { launchTarget } from './launch.ts';
import type { KeptPrompt } from './keptPrompts.ts';
import type { Draft, DraftParts, PromptDrafts } from './promptDrafts.ts';
import { requireTrust } from '../base/trust.ts';
import { chooseBase, chooseFolder } from './repository.ts';
import { currentApplication, currentEnvironment, installedTools, type SituationSources } from './situation.ts';

export interface SendParts {
  readonly link: PlatformLink;
  readonly drafts: PromptDrafts;
  readonly state: vscode.Memento;
  readonly situation: SituationSources;
  readonly stateDir: string;
  readonly bind: (repositoryId: string, folder: string) => Promise<void>;
  /** This machine's worker and the agent that new sessions go to. Throws when there is none. */
  readonly worker: () => Promise<{
    workerId: string;
    agentIdOf: (slug: string) => string | null;
    defaultAgent: () => { id: string; slug: string; name: string };
  }>;
  readonly runTask: (session: Session, item: WorkItem) => Promise<void>;
  /** Shows a session that was just queued. */
  readonly showSession: (session: Session) => Promise<void>;
}

/** Nothing was opened, and the prompt is where it was. */
interface FailedLaunch {
  readonly text: string;
  readonly offer: Offer;
  readonly why: string;
}

const lastTarget = 'belay.lastTarget';

export class SendFlow {
  private readonly parts: SendParts;
  private readonly going = new Set<Draft>();
  constructor(parts: SendParts) {
    this.parts = parts;
  }

  async offers(): Promise<{ offers: Offer[]; tools: Installed }> {
    const tools = await installedTools(this.parts.situation);
    const here = currentEnvironment();
    return { offers: available(here, here.system, currentApplication(), tools, readSettings().targets), tools };
  }

  /** The target that "again" means: the last one used, while it is still offered. */
  async lastOffer(): Promise<Offer | null> {
    const { offers } = await this.offers();
    return offers.find((offer) => offer.target.id === this.parts.state.get<string>(lastTarget)) ?? offers[0] ?? null;
  }

  /** Opens the prompt of an item for one target. Nothing is sent yet. */
  async begin(key: string, again: boolean): Promise<void> {
    const { api } = await this.parts.link.connect();
    const bundle = await api.getItemBundle({ params: { id: key } });
    const offer = again ? await this.lastOffer() : await this.pickTarget(bundle.item);
    if (!offer) {
      if (again) throw nothingToSendTo();
      return;
    }
    const mode = await this.pickMode(bundle.item, offer);
    if (!mode) return;
    const folder = currentEnvironment().folder ? await chooseFolder() : '';
    if (folder === null) return;
    await this.parts.drafts.open({
      bundle,
      mode,
      offer,
      folder,
      sections: promptSections(bundle),
    });
  }

  /** What a prompt of before the window was loaded is made of; null when its item or target is gone. */
  async restore(kept: KeptPrompt): Promise<DraftParts | null> {
    const offer = offerOf(kept.target, kept.way, readSettings().targets);
    if (!offer) return null;
    const { api } = await this.parts.link.connect();
    const bundle = await api.getItemBundle({ params: { id: kept.key } });
    return { bundle, mode: kept.mode, offer, folder: kept.folder, sections: promptSections(bundle) };
  }

  /** Sends the prompt that is being looked at, once however often it is clicked. */
  async sendCurrent(): Promise<void> {
    const draft = this.parts.drafts.current();
    if (draft) await this.send(draft);
  }

  private async send(draft: Draft): Promise<void> {
    if (this.going.has(draft)) return;
    this.going.add(draft);
    const failure = await this.sendDraft(draft).finally(() => this.going.delete(draft));
    if (failure) await this.offerElse(draft, failure);
  }

  /** What kept a launch from happening, if anything did. */
  private async sendDraft(draft: Draft): Promise<FailedLaunch | null> {
    const text = await this.parts.drafts.textOf(draft);
    // What was offered minutes ago may be gone by now.
    const { offers, tools } = await this.offers();
    const offer = offers.find((candidate) => candidate.target.id === draft.offer.target.id);
    if (!offer)
      throw new BelayError('not_found', vscode.l10n.t('{0} is no longer there.', draft.offer.target.name), {
        hint: vscode.l10n.t('Choose another target.'),
      });
    await this.parts.state.update(lastTarget, offer.target.id);
    if (offer.target.rules !== 'belay') return this.goTool(draft, text, offer, tools);
    await this.goBelay(draft, text, offer, tools);
    return null;
  }

  /** Queues an item for the default agent of this machine, asking only for the mode. */
  async queue(key: string): Promise<Session | null> {
    const { api } = await this.parts.link.connect();
    const item = await api.getItem({ params: { id: key } });
    const worker = await this.parts.worker();
    const agent = worker.defaultAgent();
    const mode = await this.pickMode(item, { target: { name: agent.name } });
    if (!mode) return null;
    requireTrust();
    const folder = await chooseFolder();
    if (folder === null) return null;
    const session = await this.store(api, folder, item.id, mode, { kind: 'item' }, agent.id, null);
    if (session) await this.parts.showSession(session);
    return session;
  }

  private async goBelay(draft: Draft, text: string, offer: Offer, tools: Installed): Promise<void> {
    const { api } = await this.parts.link.connect();
    requireTrust();
    const worker = await this.parts.worker();
    const slug = tools.localAgents[0]?.slug ?? '';
    const agentId = worker.agentIdOf(slug) ?? worker.defaultAgent().id;
    const asTask = offer.target.id === 'task';
    const session = await this.store(
      api,
      draft.folder,
      draft.bundle.item.id,
      draft.mode,
      promptSent(draft, text),
      agentId,
      asTask ? worker.workerId : null,
    );
    if (!session) return;
    // First: with the prompt closed the keyboard would be in whatever file is behind it.
    await this.parts.showSession(session);
    await this.parts.drafts.close(draft, null);
    if (asTask) await this.parts.runTask(session, draft.bundle.item);
  }

  private async store(
    api: BelayApi,
    folder: string,
    itemId: string,
    mode: SessionMode,
    prompt: PromptWish,
    agentId: string,
    workerId: string | null,
  ): Promise<Session | null> {
    const repository = await bindFolder(api, folder, this.parts.bind);
    const base = await chooseBase(repository, this.parts.stateDir);
    if (!base) return null;
    return queueSession({ api, stateDir: this.parts.stateDir, itemId, agentId, mode, repository, prompt, base, workerId });
  }

  private async goTool(draft: Draft, text: string, offer: Offer, tools: Installed): Promise<FailedLaunch | null> {
    const { api } = await this.parts.link.connect();
    const { item } = draft.bundle;
    const repository: BoundRepository | null =
      draft.folder !== '' && vscode.workspace.isTrusted ? await bindFolder(api, draft.folder, this.parts.bind) : null;
    await this.parts.drafts.save(draft);
    const folder = repository?.checkout.path ?? '';
    const handover = { prompt: text, mode: draft.mode, itemKey: item.key, folder, promptFile: draft.uri.fsPath };
    const prepared = prepareLaunch(offer, handover, currentEnvironment(), currentApplication(), tools);
    if (prepared.launch.kind === 'task' || prepared.launch.kind === 'queue') return null;
    // Of before: the tool may commit at once.
    const baseCommit = repository ? await headCommit(repository.checkout) : null;
    let happened: string;
    try {
      happened = await launchTarget(prepared.launch, await this.parts.situation.searchPath());
    } catch (error) {
      return { text, offer, why: messageOf(error) };
    }
    // Sent again: of the time before nothing came.
    await this.closeHandoff(draft);
    const handoff = await api.createHandoff({
      params: { id: item.id },
      body: {
        target: offer.target.id,
        targetName: offer.target.name,
        mode: draft.mode,
        detail: handoffDetail(offer, prepared),
        repositoryId: repository?.id ?? null,
        baseCommit,
        taken: showsTaken(prepared.launch),
      },
    });
    if (showsTaken(prepared.launch)) {
      await this.parts.drafts.close(draft, needsPromptFile(prepared) ? text : null);
      void vscode.window.setStatusBarMessage(`${offer.target.name}: ${happened}`, 8000);
    } else {
      await this.parts.drafts.setHandoff(draft, handoff.id);
      void this.askTaken(draft, handoff.id, happened).catch(showError);
    }
    return null;
  }

  /** The person says that the target has the prompt that is being looked at. */
  async markTaken(draft = this.parts.drafts.current()): Promise<void> {
    if (!draft || draft.handoff === null) return;
    const text = await this.parts.drafts.textOf(draft);
    const { api } = await this.parts.link.connect();
    await api.takeHandoff({ params: { id: draft.handoff }, body: {} });
    await this.parts.drafts.close(draft, this.parts.drafts.fits(draft, text) ? null : text);
  }

  /** Until there is an answer the prompt stays open and the item where it was. */
  private async askTaken(draft: Draft, handoff: string, happened: string): Promise<void> {
    const taken = vscode.l10n.t('It Has the Prompt');
    const nothing = vscode.l10n.t('Nothing Happened');
    const answer = await vscode.window.showInformationMessage(
      withoutLinks(vscode.l10n.t('{0}: {1} Belay cannot see whether it was taken.', draft.offer.target.name, happened)),
      taken,
      nothing,
    );
    // Answered in the prompt's own editor meanwhile, or sent again.
    if (answer === undefined || draft.handoff !== handoff || !this.parts.drafts.isOpen(draft)) return;
    if (answer === taken) await this.markTaken(draft);
    else {
      await this.closeHandoff(draft);
      await this.parts.drafts.setHandoff(draft, null);
    }
  }

  private async closeHandoff({ handoff }: Draft): Promise<void> {
    if (handoff === null) return;
    const { api } = await this.parts.link.connect();
    await api.closeHandoff({ params: { id: handoff }, body: { result: null } });
  }

  /** A launch that failed loses nothing: again, elsewhere, or by hand. */
  private async offerElse(draft: Draft, { text, offer, why }: FailedLaunch): Promise<void> {
    const retry = vscode.l10n.t('Retry');
    const other = vscode.l10n.t('Another Target');
    const copy = vscode.l10n.t('Copy Prompt');
    const answer = await vscode.window.showErrorMessage(
      withoutLinks(vscode.l10n.t('{0} was not opened: {1}', offer.target.name, why)),
      retry,
      other,
      copy,
    );
    if (answer === copy) await vscode.env.clipboard.writeText(text);
    else if (answer === other) await this.begin(draft.bundle.item.key, false);
    else if (answer === retry) {
      // The question may have stayed there while the prompt was sent by another click.
      if (!this.parts.drafts.isOpen(draft))
        throw new BelayError('not_found', vscode.l10n.t('The prompt of {0} is no longer open.', draft.bundle.item.key), {
          hint: vscode.l10n.t('Send the item again.'),
        });
      await this.send(draft);
    }
  }

  private async pickTarget(item: WorkItem): Promise<Offer | null> {
    const { offers, tools } = await this.offers();
    if (offers.length === 0) throw nothingToSendTo();
    const picked = await pickOne(
      withFirst(offers, ({ target }) => target.id === this.parts.state.get<string>(lastTarget)).map((offer) => ({
        label: offer.target.name,
        description: offer.way.label + (offer.way.unconfirmed ? vscode.l10n.t(' (unconfirmed)') : ''),
        detail: outcomeOf(offer, tools.localAgents[0]?.name ?? ''),
        offer,
      })),
      { title: vscode.l10n.t('Send {0} to…', item.key), matchOnDescription: true },
    );
    return picked?.offer ?? null;
  }

  private async pickMode(item: WorkItem, to: { target: { name: string } }): Promise<SessionMode | null> {
    const words: Record<SessionMode, string> = {
      plan: vscode.l10n.t('Work out the steps, change nothing'),
      code: vscode.l10n.t('Make the change and check it'),
      review: vscode.l10n.t('Read the work done against what the item asks'),
      fix: vscode.l10n.t('Find the cause, show it with a test, fix it'),
    };
    const usual = usualMode(item);
    const picked = await pickOne(
      withFirst(sessionModes, (mode) => mode === usual).map((mode) => ({ label: mode, description: words[mode], mode })),
      { title: vscode.l10n.t('{0} to {1}: what should be done?', item.key, to.target.name) },
    );
    return picked?.mode ?? null;
  }
}

function nothingToSendTo(): BelayError {
  const { trusted, folder } = currentEnvironment();
  return new BelayError('not_found', vscode.l10n.t('There is nothing here that this item could be sent to.'), {
    hint: !folder
      ? vscode.l10n.t('Open the folder of the repository the work is about.')
      : !trusted
        ? vscode.l10n.t('Trust it first: "Workspaces: Manage Workspace Trust".')
        : vscode.l10n.t('Run "Belay: Doctor" to see what was looked for.'),
  });
}
