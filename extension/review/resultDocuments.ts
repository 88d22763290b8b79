/** Both sides of a result as read-only virtual documents from git objects: no file of the agent's is ever opened. */
import * as vscode from 'vscode';
import * as z from 'zod';
import { inState } from '../../worker/base/stateFolder.ts';
import { BelayError } from '../../protocol/errors.ts';
import { ResultFiles, resultObjects } from '../../worker/workspace/resultFiles.ts';

export const resultScheme = 'belay-result';

const Place = z.strictObject({ commit: z.string().regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/u), objects: z.string() });
type Place = z.infer<typeof Place>;

/** Object folders this window has shown a result from: no other may be read by making up an address. */
const shown = new Set<string>();

/** A document of `file` at `commit`; the name ends in the file's own, so that the editor knows its language. */
export function resultUri(place: Place, file: string): vscode.Uri {
  shown.add(place.objects);
  return vscode.Uri.from({ scheme: resultScheme, path: `/${file}`, query: JSON.stringify(place) });
}

export class ResultDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #files = new ResultFiles();

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const place = Place.parse(JSON.parse(uri.query));
    if (!shown.has(place.objects)) throw new BelayError('forbidden', vscode.l10n.t('Open this change from the Belay panel.'));
    const file = await this.#files.read(place.objects, place.commit, uri.path.slice(1));
    if (file === null) return '';
    if (file.bytes === null) return vscode.l10n.t('(file of {0} bytes, too long to show)', file.size);
    if (file.bytes.includes(0)) return vscode.l10n.t('(binary file, {0} bytes)', file.size);
    return file.bytes.toString('utf8');
  }

  dispose(): void {
    this.#files.dispose();
  }
}

/** Where the objects of a session's result are on this machine. */
export function objectsOf(stateDir: string, repositoryPath: string, lineId: string): Promise<string> {
  return resultObjects(repositoryPath, inState(stateDir, 'lines', lineId));
}
