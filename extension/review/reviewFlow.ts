/** What a person does with a result from the panel or the palette. */
import { access } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { BelayError } from '../../protocol/errors.ts';
import type { ResultFile, Session, SessionPrompt } from '../../protocol/records.ts';
import { pathsOfFile } from '../../protocol/resultFiles.ts';
import {
  acceptSession,
  acceptWords,
  closeSession,
  discardSession,
  sendBack,
  undoSession,
  type ReviewContext,
} from '../../worker/review/review.ts';
import { renderPrompt } from '../../prompt/render.ts';
import { withoutLinks, pickOne } from '../base/plainWords.ts';
import { showError } from '../base/sayProblem.ts';
import { requireTrust } from '../base/trust.ts';
import { fileCount } from '../base/words.ts';
import type { Changes } from './changeParts.ts';
import { diffSidesOf, type ChangesEditor } from './changesEditor.ts';
import { prepareCommit } from './commit.ts';
import { objectsOf } from './resultDocuments.ts';
import { refuseUnsavedFiles } from './unsavedFiles.ts';

export class ReviewFlow {
  private readonly context: () => Promise<ReviewContext>;
  private readonly editor: ChangesEditor;
  constructor(context: () => Promise<ReviewContext>, editor: ChangesEditor) {
    this.context = context;
    this.editor = editor;
  }

  /** The changed files in the multi-file diff; a list where the editor has none. */
  async reviewChanges(sessionId: string): Promise<void> {
    const { session, changes } = await this.load(sessionId);
    try {
      await this.editor.show(changes);
    } catch {
      const picked = await pickOne(
        changes.result.files.map((file) => ({ label: file.path, file })),
        { title: changes.title },
      );
      if (picked) await openDiff(session, changes, picked.file);
    }
  }

  async openChange(sessionId: string, file: string): Promise<void> {
    const { session, changes } = await this.load(sessionId);
    await openDiff(session, changes, changeOf(changes, file));
  }

  /** The person's own file beside what the result has. */
  async compareMine(sessionId: string, file: string): Promise<void> {
    const { session, changes } = await this.load(sessionId);
    const [, after] = diffSidesOf(changes, changeOf(changes, file));
    const title = vscode.l10n.t('{0}: mine ↔ result of {1}', file, session.itemKey ?? session.title);
    await vscode.commands.executeCommand('vscode.diff', await this.ownFile(session, file), after, title);
  }

  async openMine(sessionId: string, file: string): Promise<void> {
    const { session, changes } = await this.load(sessionId);
    changeOf(changes, file);
    await vscode.commands.executeCommand('vscode.open', await this.ownFile(session, file));
  }

  /** Throws when there is none: the person may have deleted or moved it. */
  private async ownFile(session: Session, file: string): Promise<vscode.Uri> {
    const { folderOf } = await this.context();
    const uri = vscode.Uri.file(path.join(await folderOf(session), file));
    await access(uri.fsPath).catch((cause: unknown) => {
      throw new BelayError('not_found', vscode.l10n.t('{0} is not in your working tree.', file), {
        hint: vscode.l10n.t('Review the changes to see what the result has there.'),
        cause,
      });
    });
    return uri;
  }

  /** Everything for the person's own commit of an accepted result. */
  async commit(sessionId: string): Promise<void> {
    requireTrust();
    const context = await this.context();
    const session = await context.api.getSession({ params: { id: sessionId } });
    await prepareCommit(await context.folderOf(session), [session.itemKey, session.title].filter(Boolean).join(' '));
  }

  /** Brings the result into the working tree. `hostExecuted` got their own yes. */
  async accept(sessionId: string, hostExecuted: readonly string[]): Promise<void> {
    requireTrust();
    const context = await this.context();
    const session = await context.api.getSession({ params: { id: sessionId } });
    if (!session.result?.headCommit) {
      await acceptWords(context, session);
      return;
    }
    await refuseUnsavedFiles(
      await context.folderOf(session),
      session.result.files.flatMap(pathsOfFile),
      vscode.l10n.t('Save or revert them and accept again.'),
    );
    const outcome = await acceptSession(context, session, hostExecuted);
    const undo = vscode.l10n.t('Undo');
    const merged = outcome.merged.length > 0 ? vscode.l10n.t(' {0} merged with your own changes.', outcome.merged.length) : '';
    void vscode.window
      .showInformationMessage(
        withoutLinks(
          vscode.l10n.t('{0}: {1} accepted into your working tree.', session.itemKey ?? session.title, fileCount(outcome.paths.length)) +
            merged,
        ),
        undo,
      )
      .then((answer) => {
        if (answer === undo) void this.undo(sessionId).catch(showError);
      });
  }

  /** Nothing came out of it, and the person has seen so. */
  async close(sessionId: string): Promise<void> {
    const context = await this.context();
    await closeSession(context, await context.api.getSession({ params: { id: sessionId } }));
  }

  async undo(sessionId: string): Promise<void> {
    requireTrust();
    const context = await this.context();
    const session = await context.api.getSession({ params: { id: sessionId } });
    await refuseUnsavedFiles(
      await context.folderOf(session),
      session.result?.files.flatMap(pathsOfFile) ?? [],
      vscode.l10n.t('Save or revert them and undo again.'),
    );
    await undoSession(context, session);
  }

  async sendBack(sessionId: string, note: string): Promise<Session> {
    const context = await this.context();
    return sendBack(context, await context.api.getSession({ params: { id: sessionId } }), note);
  }

  async discard(sessionId: string): Promise<void> {
    requireTrust();
    const context = await this.context();
    await discardSession(context, await context.api.getSession({ params: { id: sessionId } }));
  }

  /** Runs a failed or stopped session again in its folder; a stale one goes back to the queue as it is. */
  async retry(sessionId: string): Promise<void> {
    const context = await this.context();
    const session = await context.api.getSession({ params: { id: sessionId } });
    if (session.state === 'stale') await context.api.retrySession({ params: { id: sessionId }, body: {} });
    else await sendBack(context, session, vscode.l10n.t('Try again.'));
  }

  async copyPrompt(sessionId: string): Promise<void> {
    const { api } = await this.context();
    const params = { id: sessionId };
    const [session, prompt] = await Promise.all([api.getSession({ params }), api.getSessionPrompt({ params })]);
    await vscode.env.clipboard.writeText(promptTextOf(session, prompt));
  }

  /** Why Accept is not possible here, or null. */
  async acceptBlocked(session: Session): Promise<string | null> {
    if (!vscode.workspace.isTrusted) return vscode.l10n.t('This workspace is not trusted.');
    const context = await this.context();
    try {
      await context.folderOf(session);
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  private async load(sessionId: string): Promise<{ session: Session; changes: Changes }> {
    const context = await this.context();
    const session = await context.api.getSession({ params: { id: sessionId } });
    if (!session.result?.headCommit) throw new BelayError('bad_request', vscode.l10n.t('This session has no changes to show.'));
    const title = vscode.l10n.t('{0}: changes by {1}', session.itemKey ?? session.title, session.agentName);
    const objects = await objectsOf(context.stateDir, await context.folderOf(session), session.lineId);
    return { session, changes: { title, result: session.result, objects } };
  }
}

function changeOf({ result }: Changes, file: string): ResultFile {
  const change = result.files.find((entry) => entry.path === file);
  if (!change) throw new BelayError('not_found', vscode.l10n.t('{0} is not among the changes.', file));
  return change;
}

async function openDiff(session: Session, changes: Changes, file: ResultFile): Promise<void> {
  const [before, after] = diffSidesOf(changes, file);
  const title = `${file.path} (${session.itemKey ?? session.title})`;
  await vscode.commands.executeCommand('vscode.diff', before, after, title, { preview: true });
}

export function promptTextOf({ mode }: Session, { instructions, context }: SessionPrompt): string {
  return renderPrompt({ mode, sections: [...instructions, ...context], place: 'private_clone' }).text;
}
