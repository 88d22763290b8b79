import assert from 'node:assert/strict';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Connection } from '../../../client/connection.ts';
import { connectEmbedded } from '../../../client/embedded.ts';
import { stateDir } from '../../../client/stateDir.ts';
import { until } from '../../support/until.ts';

/**
 * The editor's answer. It takes a question back, with an error of this name, when one more provider is registered while the
 * others are asked, as happens while the extensions start: that is no answer.
 */
const ask = <T>(command: string, ...parts: readonly unknown[]): Promise<T> =>
  until(`an answer of ${command}`, async () => {
    try {
      return await vscode.commands.executeCommand<T>(command, ...parts);
    } catch (error) {
      if (error instanceof Error && error.name === 'Canceled') return null;
      throw error;
    }
  });

const file = (name: string): vscode.Uri => {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder);
  return vscode.Uri.joinPath(folder.uri, name);
};
const words = (hovers: readonly vscode.Hover[]): string =>
  hovers.flatMap(({ contents }) => contents.map((entry) => (typeof entry === 'string' ? entry : entry.value))).join('\n');
const labels = ({ items }: vscode.CompletionList): string[] => items.map(({ label }) => (typeof label === 'string' ? label : label.label));

describe('the workflow file in a real editor', () => {
  const uri = () => file('WORKFLOW.md');

  before(async () => {
    await vscode.extensions.getExtension('belay.belay')?.activate();
    await vscode.window.showTextDocument(uri());
  });

  it('shows an unknown key among the problems, and mends it', async () => {
    const problem = await until('the problem', () => vscode.languages.getDiagnostics(uri())[0] ?? null);
    assert.match(problem.message, /Did you mean "max_turns"/u);
    assert.deepEqual(
      [problem.range.start.line, problem.range.start.character, problem.severity],
      [3, 2, vscode.DiagnosticSeverity.Warning],
    );
    // The server has told of its problem before the editor knows all that it offers.
    const edit = await until('the fix', async () => {
      const actions = await ask<vscode.CodeAction[]>('vscode.executeCodeActionProvider', uri(), problem.range);
      return actions.find(({ title }) => title === 'Change to "max_turns"')?.edit ?? null;
    });
    await vscode.workspace.applyEdit(edit);
    await until('the end of the problem', () => (vscode.languages.getDiagnostics(uri()).length === 0 ? true : null));
  });

  it('explains, completes, and goes to a section', async () => {
    const explained = await until('the explanation', async () => {
      const at = new vscode.Position(2, 2);
      const hovers = await ask<vscode.Hover[]>('vscode.executeHoverProvider', uri(), at);
      return hovers.length > 0 ? words(hovers) : null;
    });
    assert.match(explained, /Limits of agents/u);
    const list = await ask<vscode.CompletionList>(
      'vscode.executeCompletionItemProvider',
      uri(),
      new vscode.Position(5, 'Work on {{ item.'.length),
    );
    assert.ok(labels(list).includes('title'), labels(list).join());
    const places = await ask<vscode.Location[]>(
      'vscode.executeDefinitionProvider',
      uri(),
      new vscode.Position(5, 'Work on {{ item.key }}. {% render "ch'.length),
    );
    assert.equal(places[0]?.uri.path, file('.belay/sections/checks.md').path);
  });

  describe('with an item', () => {
    let connection: Connection;
    let key: string;

    before(async () => {
      const extension = vscode.extensions.getExtension('belay.belay');
      assert.ok(extension);
      await vscode.commands.executeCommand('belay.openPanel');
      connection = await connectEmbedded({
        stateDir: stateDir(),
        program: 'test',
        version: String((extension.packageJSON as { version: unknown }).version),
        platformBundle: path.join(extension.extensionPath, 'dist', 'platform.mjs'),
      });
      const item = await connection.api.createItem({
        body: { kind: 'bug', title: 'Save [does](command:evil) **nothing**', description: 'Secret plan: push.' },
      });
      key = item.key;
    });
    after(() => {
      connection.close();
    });

    it('shows the prompt that the file makes of it', async () => {
      await vscode.window.showTextDocument(uri());
      await vscode.commands.executeCommand('belay.previewWorkflowPrompt', key);
      const shown = await until(
        'the preview',
        () => vscode.workspace.textDocuments.find((document) => document.uri.scheme === 'belay-workflow-prompt') ?? null,
      );
      const text = shown.getText();
      assert.match(text, new RegExp(`Work on ${key}\\. Check ${key} twice\\.`, 'u'));
      assert.ok(text.indexOf('Secret plan') > text.indexOf('[belay-data-1] begin'));
    });

    it('knows its key in any file: card, link and completion', async () => {
      assert.equal(key, 'BUG-1');
      const notes = file('notes.txt');
      await vscode.window.showTextDocument(notes);
      const card = await until('the card', async () => {
        const hovers = await ask<vscode.Hover[]>('vscode.executeHoverProvider', notes, new vscode.Position(0, 2));
        return hovers.length > 0 ? words(hovers) : null;
      });
      assert.match(card, /\*\*BUG-1\*\*/u);
      assert.doesNotMatch(card, /\]\(command:evil/u);
      const links = await ask<vscode.DocumentLink[]>('vscode.executeLinkProvider', notes);
      assert.deepEqual(
        links.map(({ target }) => target?.toString(true)),
        ['command:belay.openItem?["BUG-1"]'],
      );
      const list = await ask<vscode.CompletionList>(
        'vscode.executeCompletionItemProvider',
        notes,
        new vscode.Position(1, 'See BUG-'.length),
      );
      assert.ok(labels(list).includes('BUG-1'), labels(list).join());
    });
  });
});
