/** Every command of the manifest, in one place. */
import * as vscode from 'vscode';
import * as z from 'zod';
import { PanelPage } from '../protocol/panel.ts';
import { BelayError } from '../protocol/errors.ts';
import type { Belay } from './belay.ts';
import { showError } from './review/reviewFlow.ts';

type Handler = (...args: unknown[]) => Promise<unknown> | unknown;

export function registerCommands(belay: () => Promise<Belay>): vscode.Disposable {
  const run =
    (use: (parts: Belay, ...args: unknown[]) => Promise<unknown> | unknown): Handler =>
    async (...args) => {
      try {
        return await use(await belay(), ...args);
      } catch (error) {
        showError(error);
        return undefined;
      }
    };
  const commands: Record<string, Handler> = {
    openPanel: run(({ panel }, page) => panel.navigate(PanelPage.safeParse(page).data ?? { page: 'work' })),
    refresh: run(({ model }) => model.reload()),
    newItem: run(({ panel }) => panel.navigate({ page: 'work' }, 'quickAdd')),
    showQueue: run(({ panel }) => panel.navigate({ page: 'queue' })),
    openItem: run(async (parts, given) => {
      const key = await itemKey(parts, given, vscode.l10n.t('Open which item?'));
      if (key) await parts.panel.navigate({ page: 'item', key });
    }),
    send: run(async (parts, given) => {
      const key = await itemKey(parts, given, vscode.l10n.t('Send which item?'));
      if (key) await parts.send.begin(key, false);
    }),
    queue: run(async (parts, given) => {
      const key = await itemKey(parts, given, vscode.l10n.t('Queue which item?'));
      if (key) await parts.send.queue(key);
    }),
    promptGo: run(({ send }) => send.go()),
    promptSections: run(async ({ drafts }) => {
      const draft = drafts.current();
      if (draft) await drafts.chooseSections(draft);
    }),
    promptCancel: run(async ({ drafts }) => {
      const draft = drafts.current();
      if (draft) await drafts.close(draft, false);
    }),
    recordResult: run((parts, given) => parts.recordResult(typeof given === 'string' ? given : null)),
    reviewChanges: run(async (parts, given) => {
      const id = await sessionToReview(parts, given, (session) => Boolean(session.result?.headCommit) && session.review !== 'discarded');
      if (id) await parts.review.reviewChanges(id);
    }),
    accept: run(async (parts, given) => {
      const id = await sessionToReview(parts, given, (session) => session.state === 'complete' && session.review === null);
      if (id) await parts.panel.navigate({ page: 'session', id });
    }),
    undoAccept: run(async (parts, given) => {
      const id = await sessionToReview(parts, given, (session) => session.review === 'accepted' && Boolean(session.result?.headCommit));
      if (id) await parts.review.undo(id);
    }),
    startWorker: run(({ worker }) => worker.toggle(true)),
    stopWorker: run(({ worker }) => worker.toggle(false)),
    bindRepository: run((parts) => parts.bindRepository()),
    doctor: run(({ doctor }) => doctor.show()),
    exportData: run((parts) => parts.exportData()),
    showLog: run(({ log }) => {
      log.show();
    }),
  };
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([name, handler]) => vscode.commands.registerCommand(`belay.${name}`, handler)),
  );
}

async function itemKey(parts: Belay, given: unknown, title: string): Promise<string | undefined> {
  const named = z.string().max(80).safeParse(given);
  if (named.success) return named.data;
  await parts.model.ensureLoaded();
  const items = [...parts.model.items.values()].sort((a, b) => b.updatedAt - a.updatedAt);
  if (items.length === 0) throw new BelayError('not_found', 'There are no items yet.', { hint: 'Add one in the Belay panel.' });
  const picked = await vscode.window.showQuickPick(
    items.map((item) => ({ label: item.key, description: item.title, key: item.key })),
    { title, matchOnDescription: true },
  );
  return picked?.key;
}

async function sessionToReview(
  parts: Belay,
  given: unknown,
  fits: (session: Belay['model']['sessions'] extends Map<string, infer S> ? S : never) => boolean,
): Promise<string | undefined> {
  if (typeof given === 'string') return given;
  await parts.model.ensureLoaded();
  const sessions = [...parts.model.sessions.values()].filter(fits).sort((a, b) => b.createdAt - a.createdAt);
  if (sessions.length === 0) throw new BelayError('not_found', vscode.l10n.t('There is no such result.'));
  if (sessions.length === 1) return sessions[0]?.id;
  const picked = await vscode.window.showQuickPick(
    sessions.map((session) => ({
      label: session.itemKey ?? session.title,
      description: `${session.agentName}, ${session.mode}`,
      id: session.id,
    })),
  );
  return picked?.id;
}
