/** What the page may ask for, each with its one handler. */
import * as vscode from 'vscode';
import { BelayError } from '../../protocol/errors.ts';
import { isOpenable } from '../../protocol/links.ts';
import { updateItem } from '../items/updateItem.ts';
import type { LocalWorker } from '../localWorker/localWorker.ts';
import { openOutside } from '../base/openOutside.ts';
import type { PlatformLink } from '../base/platformLink.ts';
import { showSourceControl } from '../review/commit.ts';
import type { ReviewFlow } from '../review/reviewFlow.ts';
import type { SendFlow } from '../send/sendFlow.ts';
import type { PanelParts } from './panelView.ts';

/** What acts for the page. */
export interface PanelActors {
  readonly link: PlatformLink;
  readonly send: SendFlow;
  readonly review: ReviewFlow;
  readonly worker: LocalWorker;
  recordResult(handoffId: string | null): Promise<void>;
  reviewRecorded(handoffId: string): Promise<void>;
  openTerminal(sessionId: string): Promise<void>;
}

export function panelActions(actors: PanelActors): PanelParts['actions'] {
  const api = async () => (await actors.link.connect()).api;
  const done = {};
  return {
    createItem: async ({ kind, title }) => {
      const connection = await actors.link.connect();
      const item = await connection.api.createItem({ body: { kind, title, assigneeIds: [connection.about.memberId] } });
      return { key: item.key };
    },
    updateItem: async ({ key, version, patch, seen }) => {
      await updateItem(await api(), key, version, patch, seen);
      return done;
    },
    addComment: async ({ key, body }) => {
      await (await api()).addComment({ params: { id: key }, body: { body } });
      return done;
    },
    send: async ({ key, again }) => {
      await actors.send.begin(key, again);
      return done;
    },
    queue: async ({ key }) => {
      await actors.send.queue(key);
      return done;
    },
    recordHandoff: async ({ handoffId }) => {
      await actors.recordResult(handoffId);
      return done;
    },
    reviewHandoff: async ({ handoffId }) => {
      await actors.reviewRecorded(handoffId);
      return done;
    },
    closeHandoff: async ({ handoffId }) => {
      await (await api()).closeHandoff({ params: { id: handoffId }, body: { result: null } });
      return done;
    },
    answerInput: async ({ inputId, actionHash, optionId, text }) => {
      await (await api()).answerInput({ params: { id: inputId }, body: { actionHash, optionId, text } });
      return done;
    },
    stopSession: async ({ sessionId }) => {
      await (await api()).cancelSession({ params: { id: sessionId }, body: {} });
      return done;
    },
    retrySession: async ({ sessionId }) => {
      await actors.review.retry(sessionId);
      return done;
    },
    archiveSession: async ({ sessionId }) => {
      await (await api()).archiveSession({ params: { id: sessionId }, body: {} });
      return done;
    },
    messageSession: async ({ sessionId, body }) => {
      await (await api()).sendMessage({ params: { id: sessionId }, body: { kind: 'follow_up', body } });
      return done;
    },
    copyPrompt: async ({ sessionId }) => {
      await actors.review.copyPrompt(sessionId);
      return done;
    },
    openTerminal: async ({ sessionId }) => {
      await actors.openTerminal(sessionId);
      return done;
    },
    reviewChanges: async ({ sessionId }) => {
      await actors.review.reviewChanges(sessionId);
      return done;
    },
    openChange: async ({ sessionId, path }) => {
      await actors.review.openChange(sessionId, path);
      return done;
    },
    accept: async ({ sessionId, hostExecuted }) => {
      await actors.review.accept(sessionId, hostExecuted);
      return done;
    },
    close: async ({ sessionId }) => {
      await actors.review.close(sessionId);
      return done;
    },
    undoAccept: async ({ sessionId }) => {
      await actors.review.undo(sessionId);
      return done;
    },
    sendBack: async ({ sessionId, note }) => {
      await actors.review.sendBack(sessionId, note);
      return done;
    },
    discard: async ({ sessionId }) => {
      await actors.review.discard(sessionId);
      return done;
    },
    compareMine: async ({ sessionId, path }) => {
      await actors.review.compareMine(sessionId, path);
      return done;
    },
    openMine: async ({ sessionId, path }) => {
      await actors.review.openMine(sessionId, path);
      return done;
    },
    commit: async ({ sessionId }) => {
      await actors.review.commit(sessionId);
      return done;
    },
    showSourceControl: async () => {
      await showSourceControl();
      return done;
    },
    openFolder: async () => {
      await vscode.commands.executeCommand('vscode.openFolder');
      return done;
    },
    manageTrust: async () => {
      await vscode.commands.executeCommand('workbench.trust.manage');
      return done;
    },
    toggleWorker: async ({ on }) => {
      await actors.worker.toggle(on);
      return done;
    },
    openLink: async ({ url }) => {
      await openLink(url);
      return done;
    },
    copyText: async ({ text }) => {
      await vscode.env.clipboard.writeText(text);
      return done;
    },
  };
}

/** Links of items and agents: the web and mail only, anything else is refused with its reason. */
async function openLink(url: string): Promise<void> {
  if (!isOpenable(url))
    throw new BelayError('forbidden', vscode.l10n.t('Belay does not open links like {0}.', url.slice(0, 80)), {
      hint: vscode.l10n.t('Copy it if you trust it.'),
    });
  await openOutside(url);
}
