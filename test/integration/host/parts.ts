import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { commandNames } from '../../../extension/commands.ts';
import { resultUri, ResultDocuments } from '../../../extension/review/resultDocuments.ts';
import { launchTarget } from '../../../extension/send/launch.ts';
import { currentApplication, currentEnvironment, installedTools } from '../../../extension/send/situation.ts';
import { readSettings } from '../../../extension/base/settings.ts';
import { available } from '../../../worker/targets/available.ts';
import { isBelayError } from '../../../protocol/errors.ts';
import { until } from '../../support/until.ts';

const id = 'belay.belay';
const extension = () => {
  const found = vscode.extensions.getExtension(id);
  assert.ok(found, 'the extension is there');
  return found;
};
interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly configuration: { readonly properties: Record<string, { readonly default: unknown; readonly scope: string }> };
  };
  readonly enabledApiProposals?: unknown;
}
const manifest = () => extension().packageJSON as Manifest;

describe('the parts of the extension', () => {
  before(() => extension().activate());

  it('has something behind each command of its manifest, and nothing more', () => {
    const declared = manifest().contributes.commands.map(({ command }) => command.replace('belay.', ''));
    assert.deepEqual(declared.sort(), [...commandNames].sort());
  });

  it('uses no proposed API', () => {
    assert.equal(manifest().enabledApiProposals, undefined);
  });

  it('reads each setting with the default the manifest states', () => {
    const settings = readSettings();
    const { properties } = manifest().contributes.configuration;
    assert.deepEqual(
      [settings.workerEnabled, settings.capacity, settings.minimumStep, settings.lastWindow],
      ['belay.worker.enabled', 'belay.worker.capacity', 'belay.sandbox.minimum', 'belay.worker.lastWindow'].map(
        (name) => properties[name]?.default,
      ),
    );
  });

  it('sees where it runs', async () => {
    assert.equal(currentEnvironment().folder, true);
    assert.equal(currentApplication().kind, 'vscode');
    const tools = await installedTools({ searchPath: () => Promise.resolve(process.env['PATH'] ?? ''), localAgents: () => [] });
    assert.ok(tools.commands.has('workbench.action.openSettings'));
    assert.ok(tools.extensions.has(id));
    // The tests' editor has its AI features off, and the command of its chat all the same.
    assert.ok(tools.commands.has('workbench.action.chat.open'));
    const offered = available(currentEnvironment(), 'linux', currentApplication(), tools).map(({ target }) => target.id);
    assert.ok(!offered.includes('editor-chat'), offered.join());
  });
});

describe('a launch in the editor', () => {
  it('opens a terminal with the program and its arguments as they are, in the folder', async () => {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
    const said = await launchTarget(
      { kind: 'terminal', name: 'BUG-1 test', argv: ['/bin/sleep', '30'], folder, environment: { BELAY_ITEM: 'BUG-1' } },
      '/usr/bin:/bin',
    );
    assert.match(said, /terminal/);
    const terminal = vscode.window.terminals.find(({ name }) => name === 'BUG-1 test');
    const options = terminal?.creationOptions as vscode.TerminalOptions;
    assert.deepEqual([options.shellPath, options.shellArgs, options.cwd], ['/bin/sleep', ['30'], folder]);
    assert.ok(await terminal?.processId);
    terminal?.dispose();
  });

  it("opens the person's own shell with the prompt file at hand", async () => {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
    const environment = { BELAY_ITEM: 'BUG-2', BELAY_PROMPT_FILE: '/state/prompts/BUG 2.md' };
    await launchTarget({ kind: 'terminal', name: 'BUG-2 shell', argv: [], folder, environment }, '');
    const terminal = vscode.window.terminals.find(({ name }) => name === 'BUG-2 shell');
    const pid = await terminal?.processId;
    // The process is there before the shell is started in it.
    await until('the shell with its environment', () =>
      readFileSync(`/proc/${pid ?? 0}/environ`, 'utf8')
        .split('\0')
        .includes('BELAY_PROMPT_FILE=/state/prompts/BUG 2.md')
        ? true
        : null,
    );
    terminal?.dispose();
  });

  it('says so when the program is gone', async () => {
    await assert.rejects(
      launchTarget({ kind: 'terminal', name: 'x', argv: ['no-such-agent', 'hello'], folder: '/', environment: {} }, '/usr/bin'),
      (error) => isBelayError(error, 'not_found') && /no longer installed/.test(error.message),
    );
  });

  it('puts the prompt on the clipboard where the person has to paste', async () => {
    await launchTarget({ kind: 'commands', clipboard: 'the prompt', commands: [] }, '');
    assert.equal(await vscode.env.clipboard.readText(), 'the prompt');
  });
});

describe('documents of a result', () => {
  it('are read-only texts from git objects, empty where the commit has no such file', async () => {
    const uri = resultUri({ commit: '0'.repeat(40), objects: '/nonexistent.git' }, 'src/a b#c?.ts');
    assert.equal(uri.path, '/src/a b#c?.ts');
    await assert.rejects(new ResultDocuments().provideTextDocumentContent(uri));
  });
});
