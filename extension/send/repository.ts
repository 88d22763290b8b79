/** Which folder of this window an item's work is about, and what it starts from. */
import * as vscode from 'vscode';
import { BelayError } from '../../protocol/errors.ts';
import type { BelayApi } from '../../protocol/typedClient.ts';
import { bindFolder, copySize, uncommittedCount, type BoundRepository } from '../../worker/queue/queueSession.ts';
import { megabytes, type FolderSize } from '../../worker/workspace/plainFolder.ts';
import { pickOne } from '../base/plainWords.ts';
import { fileCount, uncommittedFiles } from '../base/words.ts';

/** The folder that is open, or the one the person picks of several. Throws when none is. */
export async function chooseFolder(): Promise<string | null> {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === 'file');
  if (folders.length === 0)
    throw new BelayError('bad_request', vscode.l10n.t('No folder is open.'), {
      hint: vscode.l10n.t('Open the folder of the repository the work is about.'),
    });
  if (folders.length === 1) return folders[0]?.uri.fsPath ?? null;
  const picked = await vscode.window.showWorkspaceFolderPick({ placeHolder: vscode.l10n.t('Which folder is this work about?') });
  return picked?.uri.fsPath ?? null;
}

export async function bindChosenFolder(
  api: BelayApi,
  bind: (repositoryId: string, folder: string) => Promise<void>,
): Promise<BoundRepository | null> {
  const folder = await chooseFolder();
  return folder === null ? null : bindFolder(api, folder, bind);
}

/** With uncommitted changes the person is asked once where the work starts; null when they turn away. */
export async function chooseBase(repository: BoundRepository, stateDir: string): Promise<'head' | 'snapshot' | null> {
  const size = await copySize(repository, stateDir);
  if (size !== null) return (await confirmCopy(repository, size)) ? 'head' : null;
  const count = await uncommittedCount(repository);
  if (count === 0) return 'head';
  const picked = await pickOne(
    [
      {
        label: vscode.l10n.t('From the last commit'),
        icon: 'git-commit',
        detail: vscode.l10n.t('What you have not committed stays out of it.'),
        base: 'head' as const,
      },
      {
        label: vscode.l10n.t('With a snapshot of my uncommitted work'),
        icon: 'files',
        detail: vscode.l10n.t('A commit of your files as they are now, on no branch. Your checkout does not change.'),
        base: 'snapshot' as const,
      },
    ],
    { title: vscode.l10n.t('{0} has {1}: where should the work start?', repository.name, uncommittedFiles(count)) },
  );
  return picked?.base ?? null;
}

/** Without git the agent works in a copy of all there is. */
async function confirmCopy(repository: BoundRepository, size: FolderSize): Promise<boolean> {
  const copy = vscode.l10n.t('Copy');
  const much = vscode.l10n.t('{0}, {1} MB', fileCount(size.files), megabytes(size));
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('{0} is no git repository: copy it whole for the agent?', repository.name),
    { modal: true, detail: size.isMore ? vscode.l10n.t('More than {0}.', much) : much },
    copy,
  );
  return answer === copy;
}
