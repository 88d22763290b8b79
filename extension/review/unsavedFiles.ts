/** What an editor of this window holds of a file and the disk does not: a write under it would be lost with the next save, or undo itself. */
import { realpath } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { BelayError } from '../../protocol/errors.ts';

/** The files with unsaved changes, of texts, notebooks and editors of other kinds. */
function unsavedUris(): vscode.Uri[] {
  const inTabs = vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .flatMap(({ isDirty, input }) =>
      isDirty && (input instanceof vscode.TabInputCustom || input instanceof vscode.TabInputNotebook) ? [input.uri] : [],
    );
  const opened = [...vscode.workspace.textDocuments, ...vscode.workspace.notebookDocuments];
  return [...opened.filter(({ isDirty }) => isDirty).map(({ uri }) => uri), ...inTabs];
}

/** The place on the disk by its folders' own names: one folder may be open by a link and bound by its path. */
async function placeOf(file: string): Promise<string> {
  const parent = path.dirname(file);
  if (parent === file) return file;
  return await realpath(file).catch(async () => path.join(await placeOf(parent), path.basename(file)));
}

/** Throws when one of these files, or something below it, has unsaved changes. `hint` says what to do then. */
export async function refuseUnsavedFiles(folder: string, files: readonly string[], hint: string): Promise<void> {
  const unsaved = await Promise.all(
    unsavedUris()
      .filter(({ scheme }) => scheme === 'file')
      .map(({ fsPath }) => placeOf(fsPath)),
  );
  if (unsaved.length === 0) return;
  const top = await placeOf(folder);
  const dirty = [...new Set(files)].filter((file) => {
    const place = path.join(top, file);
    return unsaved.some((one) => one === place || one.startsWith(place + path.sep));
  });
  if (dirty.length > 0)
    throw new BelayError('conflict', vscode.l10n.t('These files have unsaved changes: {0}. Nothing was changed.', dirty.join(', ')), {
      hint,
    });
}
