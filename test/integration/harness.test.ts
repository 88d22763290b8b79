import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { until } from '../support/until.ts';
import { launchChromium, type Browser } from '../vscode/chromium.ts';
import { runInHost } from '../vscode/inHost.ts';
import { startEditor, type Editor } from '../vscode/server.ts';
import { answerTrust, openContainer, openFolder, runCommand, setSideBarWidth, setTheme, webviewFrame } from '../vscode/workbench.ts';

const manifest = {
  name: 'tiny',
  publisher: 'harness',
  version: '0.0.1',
  engines: { vscode: '^1.100.0' },
  main: './main.cjs',
  capabilities: { untrustedWorkspaces: { supported: true } },
  contributes: {
    commands: [{ command: 'tiny.hello', title: 'Tiny: Hello' }],
    viewsContainers: { activitybar: [{ id: 'tiny', title: 'Tiny', icon: 'tiny.svg' }] },
    views: { tiny: [{ id: 'tiny.view', name: 'Tiny view', type: 'webview' }] },
  },
};
const program = `const vscode = require('vscode');
exports.activate = () => {
  vscode.window.registerWebviewViewProvider('tiny.view', { resolveWebviewView: (view) => { view.webview.html = '<p id="trust">' + vscode.workspace.isTrusted + '</p>'; } });
  vscode.commands.registerCommand('tiny.hello', () => { vscode.window.showInformationMessage('Hello from tiny'); return 42; });
};`;
const inHostTest = `import * as vscode from 'vscode';
import assert from 'node:assert/strict';
describe('in the host', () => {
  it('runs a command of the extension', async () => { assert.equal(await vscode.commands.executeCommand('tiny.hello'), 42); });
  it('sees the folder', () => { assert.equal(vscode.workspace.workspaceFolders?.[0]?.name, 'workspace'); });
  it('tells of a failure', () => { assert.equal(1 + 1, 3, 'sums are off'); });
});`;

/** A throw-away extension, a folder to open, and an editor's folder. */
function scratchFolder(): { readonly scratch: string; readonly extension: string; readonly workspace: string; readonly home: string } {
  const scratch = mkdtempSync(path.join(tmpdir(), 'belay-harness-'));
  const extension = path.join(scratch, 'editor', 'extensions', 'harness.tiny-0.0.1');
  const [workspace, home] = [path.join(scratch, 'workspace'), path.join(scratch, 'home')];
  for (const folder of [extension, workspace, home]) mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(extension, 'package.json'), JSON.stringify(manifest));
  writeFileSync(path.join(extension, 'main.cjs'), program);
  writeFileSync(
    path.join(extension, 'tiny.svg'),
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><circle cx="12" cy="12" r="9"/></svg>',
  );
  writeFileSync(path.join(scratch, 'tiny.test.ts'), inHostTest);
  return { scratch, extension, workspace, home };
}

describe('the editor for the tests', function () {
  this.timeout(180_000);
  let made: ReturnType<typeof scratchFolder>;
  let browser: Browser | undefined;
  let editor: Editor | undefined;

  beforeEach(() => {
    made = scratchFolder();
  });
  afterEach(async () => {
    await browser?.close();
    await editor?.stop();
    browser = editor = undefined;
    rmSync(made.scratch, { recursive: true, force: true });
  });

  it('asks for trust, changes theme and width, runs commands and shows webviews', async () => {
    editor = await startEditor({ folder: path.join(made.scratch, 'editor'), vsix: [], home: made.home, workspaceTrust: true });
    browser = await launchChromium();
    const page = await (await browser.newContext({ viewport: { width: 1500, height: 800 } })).newPage();
    await openFolder(page, editor, made.workspace);
    await answerTrust(page, false);
    await openContainer(page, 'Tiny');
    const frame = await webviewFrame(page, '#trust');
    assert.equal(await frame.locator('#trust').innerText(), 'false');
    for (const width of [300, 900]) {
      await setSideBarWidth(page, width);
      const inside = () => frame.locator('html').evaluate((html: { clientWidth: number }) => html.clientWidth);
      await until(`a page of ${width} px`, async () => (Math.abs((await inside()) - width) < 12 ? true : null));
    }
    await setTheme(page, 'light');
    await frame.locator('body.vscode-light').waitFor();
    await setTheme(page, 'hcDark');
    await frame.locator('body.vscode-high-contrast').waitFor();
    await runCommand(page, 'Tiny: Hello');
    await page.locator('.notification-toast', { hasText: 'Hello from tiny' }).waitFor();
  });

  it('runs mocha inside the extension host and tells passed from failed', async () => {
    const printed: string[] = [];
    const result = await runInHost({
      tests: [path.join(made.scratch, 'tiny.test.ts')],
      extension: made.extension,
      workspace: made.workspace,
      scratch: made.scratch,
      home: made.home,
      print: (line) => printed.push(line),
    });
    assert.deepEqual([result.passed, result.failed, result.exitCode], [2, 1, 1]);
    const failure = result.tests.find(({ state }) => state === 'failed');
    assert.equal(failure?.title, 'in the host tells of a failure');
    assert.match(failure.error ?? '', /sums are off[\s\S]*tiny\.test/);
    assert.ok(
      printed.some((line) => line.includes('sees the folder')),
      printed.join('\n'),
    );
  });

  it('leaves no process of an editor that was stopped', async () => {
    editor = await startEditor({ folder: path.join(made.scratch, 'editor'), vsix: [], home: made.home, workspaceTrust: false });
    const { pid, origin } = editor;
    await editor.stop();
    assert.throws(() => process.kill(-pid, 0), { code: 'ESRCH' });
    await assert.rejects(fetch(origin));
  });
});
