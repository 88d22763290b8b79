/** Links into Belay come from anywhere: they only ever show something, and never start it. */
import * as vscode from 'vscode';
import type { Belay } from '../belay.ts';

export function registerLinks(belay: () => Promise<Belay>): vscode.Disposable {
  return vscode.window.registerUriHandler({
    handleUri: async (uri) => {
      const [, kind, name] = /^\/(item|session)\/([A-Za-z0-9_-]{1,80})$/u.exec(uri.path) ?? [];
      if (!kind || !name) return;
      const { panel } = await belay();
      await panel.navigate(kind === 'item' ? { page: 'item', key: name } : { page: 'session', id: name });
    },
  });
}
