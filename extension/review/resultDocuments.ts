/** Both sides of a result as read-only virtual documents from git objects: no file of the agent's is ever opened. */
import * as path from 'node:path';
import * as vscode from 'vscode';
import { committedFile, resultObjects } from '../../worker/workspace/resultFiles.ts';

export const resultScheme = 'belay-result';

interface Place {
  readonly commit: string;
  readonly objects: string;
}

/** A document of `file` at `commit`; the name ends in the file's own, so that the editor knows its language. */
export function resultUri(place: Place, file: string): vscode.Uri {
  return vscode.Uri.from({ scheme: resultScheme, path: `/${file}`, query: JSON.stringify(place) });
}

export class ResultDocuments implements vscode.TextDocumentContentProvider {
  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const place = JSON.parse(uri.query) as Place;
    const bytes = await committedFile(place.objects, place.commit, uri.path.slice(1));
    if (bytes === null) return '';
    if (bytes.includes(0)) return vscode.l10n.t('(binary file, {0} bytes)', bytes.length);
    return bytes.toString('utf8');
  }
}

/** Where the objects of a session's result are on this machine. */
export function objectsOf(stateDir: string, repositoryPath: string, lineId: string): Promise<string> {
  return resultObjects(repositoryPath, path.join(stateDir, 'lines', lineId));
}
