/** What each command of the manifest does. */
import * as vscode from 'vscode';
import * as z from 'zod';
import { PanelPage } from '../protocol/panelPages.ts';
import { BelayError } from '../protocol/errors.ts';
import type { Belay } from './belay.ts';
import { pickOne } from './base/plainWords.ts';
import { showError } from './base/sayProblem.ts';

type Handler = (parts: Belay, ...args: unknown[]) => Promise<unknown> | unknown;

const commands: Record<string, Handler> = {
  openPanel: ({ panel }, page) => panel.navigate(PanelPage.safeParse(page).data ?? { page: 'work' }),
  refresh: ({ model }) => model.reload(),
  newItem: ({ panel }) => panel.navigate({ page: 'work' }, 'quickAdd'),
  showQueue: ({ panel }) => panel.navigate({ page: 'queue' }),
  openItem: async (parts, given) => {
    const key = await itemKey(parts, given, vscode.l10n.t('Open which item?'));
    if (key) await parts.panel.navigate({ page: 'item', key });
  },
  send: async (parts, given) => {
    const key = await itemKey(parts, given, vscode.l10n.t('Send which item?'));
    if (key) await parts.send.begin(key, false);
  },
  queue: async (parts, given) => {
    const key = await itemKey(parts, given, vscode.l10n.t('Queue which item?'));
    if (key) await parts.send.queue(key);
  },
  promptGo: ({ send }) => send.sendCurrent(),
  promptTaken: ({ send }) => send.markTaken(),
  promptSections: async ({ drafts }) => {
    const draft = drafts.current();
    if (draft) await drafts.chooseSections(draft);
  },
  promptCancel: async ({ drafts }) => {
    const draft = drafts.current();
    if (draft) await drafts.close(draft, null);
  },
  recordResult: (parts, given) => parts.recordResult(typeof given === 'string' ? given : null),
  reviewChanges: async (parts, given) => {
    const id = await sessionToReview(parts, given, (session) => Boolean(session.result?.headCommit) && session.review !== 'discarded');
    if (id) await parts.review.reviewChanges(id);
  },
  reviewNextFiles: ({ changes }) => changes.step(1),
  reviewPreviousFiles: ({ changes }) => changes.step(-1),
  accept: async (parts, given) => {
    const id = await sessionToReview(parts, given, (session) => session.state === 'complete' && session.review === null);
    if (id) await parts.panel.navigate({ page: 'session', id });
  },
  undoAccept: async (parts, given) => {
    const id = await sessionToReview(parts, given, (session) => session.review === 'accepted' && Boolean(session.result?.headCommit));
    if (id) await parts.review.undo(id);
  },
  startWorker: ({ worker }) => worker.toggle(true),
  stopWorker: ({ worker }) => worker.toggle(false),
  bindRepository: (parts) => parts.bindRepository(),
  bindSecret: ({ secrets }) => secrets.ask(),
  previewWorkflowPrompt: async (parts, given) => {
    const key = await itemKey(parts, typeof given === 'string' ? given : undefined, vscode.l10n.t('Preview the prompt of which item?'));
    if (!key) return;
    const { api } = await parts.link.connect();
    await parts.promptPreview.show(await api.getItemBundle({ params: { id: key } }));
  },
  approveWorkflow: async ({ link, approveWorkflow }) => {
    const { api } = await link.connect();
    await approveWorkflow.run(api);
  },
  doctor: ({ doctor }) => doctor.show(),
  exportData: (parts) => parts.exportData(),
  showLog: ({ log }) => {
    log.show();
  },
};

export const commandNames: readonly string[] = Object.keys(commands);

/** Runs a command by its name without `belay.`; what goes wrong is shown to the person. */
export async function runCommand(name: string, parts: Belay, args: readonly unknown[]): Promise<unknown> {
  try {
    return await commands[name]?.(parts, ...args);
  } catch (error) {
    showError(error);
    return undefined;
  }
}

async function itemKey(parts: Belay, given: unknown, title: string): Promise<string | undefined> {
  const named = z.string().max(80).safeParse(given);
  if (named.success) return named.data;
  await parts.model.ensureLoaded();
  const items = [...parts.model.items.values()].sort((a, b) => b.updatedAt - a.updatedAt);
  if (items.length === 0)
    throw new BelayError('not_found', vscode.l10n.t('There are no items yet.'), { hint: vscode.l10n.t('Add one in the Belay panel.') });
  const picked = await pickOne(
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
  const picked = await pickOne(
    sessions.map((session) => ({
      label: session.itemKey ?? session.title,
      description: `${session.agentName}, ${session.mode}`,
      id: session.id,
    })),
    { title: vscode.l10n.t('Which session?') },
  );
  return picked?.id;
}
