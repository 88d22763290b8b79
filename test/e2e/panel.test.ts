import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { removeTempFolders } from '../support/repository.ts';
import { until } from '../support/until.ts';
import { openContainer, panelFrame, webviewFrame } from '../vscode/workbench.ts';
import { Stage } from './stage.ts';

/** What can only be seen where a real editor holds the panel. */
describe('the panel in the editor', function () {
  this.timeout(240_000);
  let stage: Stage;
  /** A key for commands: faster than the palette, so that it finds the view on its way. */
  const bind = (keys: Readonly<Record<string, readonly unknown[]>>): void => {
    const entries = Object.entries(keys).map(([key, commands]) => ({ key, command: 'runCommands', args: { commands } }));
    writeFileSync(path.join(path.dirname(stage.stateDir), 'editor/user-data/User/keybindings.json'), JSON.stringify(entries));
  };

  before(async () => {
    stage = await Stage.open();
    // Before the editor's page is there: it takes in a change of its keys some time later.
    bind({
      'ctrl+alt+1': [{ command: 'belay.openItem', args: ['BUG-2'] }],
      'ctrl+alt+2': ['belay.newItem'],
      'ctrl+alt+3': ['belay.showQueue'],
    });
    const panel = await stage.openPanel();
    await panel.getByRole('treegrid').waitFor();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await stage.picture(`failed-${this.currentTest.title.replaceAll(/\W+/gu, '-').slice(0, 60)}`);
  });
  after(async () => {
    await stage.close();
    removeTempFolders();
  });

  it('goes where it is asked to while the Explorer hides it', async () => {
    const panel = stage.panel();
    for (const [key, selector] of [
      ['1', 'belay-item'],
      ['2', '.quick-add'],
      ['3', 'belay-queue'],
    ] as const) {
      await openContainer(stage.page, 'Explorer');
      await stage.page.keyboard.press(`Control+Alt+${key}`);
      await panel.locator(selector).waitFor();
    }
  });

  it('keeps Undo in the text field that has the keyboard, whatever editor is open', async () => {
    const { page } = stage;
    const file = path.join(stage.repository, 'README.md');
    await stage.command('Go to File');
    await page.keyboard.type('README.md');
    await stage.pick('README.md');
    await page.locator('.monaco-editor .view-lines').first().click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('Written by hand.');
    await stage.command('File: Save');
    const written = await until('the saved file', () => {
      const text = readFileSync(file, 'utf8');
      return text.endsWith('Written by hand.') ? text : null;
    });
    await stage.command('View: Reopen Editor With...');
    await stage.pick('Markdown Preview');
    await webviewFrame(page, 'h1.code-line');

    await page.keyboard.press('Control+Alt+1');
    const box = (await panelFrame(page)).getByRole('textbox', { name: 'Write a comment' });
    await box.click();
    await page.keyboard.type('Kept');
    const holds = (text: string) => until(`"${text}" in the box`, async () => ((await box.inputValue()) === text ? true : null));
    await page.keyboard.press('Control+z');
    await holds('');
    await page.keyboard.press('Control+y');
    await holds('Kept');
    await box.fill('');
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    await stage.command('File: Save All Files');
    await stage.command('View: Reopen Editor With...');
    await stage.pick('Text Editor');
    await page.locator('.monaco-editor .view-lines', { hasText: 'Written' }).first().waitFor();
    assert.equal(readFileSync(file, 'utf8'), written);
  });

  it('keeps a prompt beside what is looked at and over a reload, and gives the keyboard to the terminal that it is sent to', async () => {
    const { page } = stage;
    const source = path.join(stage.repository, 'src/export.js');
    const before = readFileSync(source, 'utf8');
    await page.keyboard.press('Control+Alt+1');
    const panel = await panelFrame(page);
    await panel.getByRole('button', { name: 'Send to another target' }).click();
    await stage.pick('Terminal');
    await stage.pick('fix');
    const prompt = page.locator('.tab', { hasText: 'BUG-2-fix-terminal.md' });
    await prompt.waitFor();
    await openContainer(page, 'Explorer');
    await page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'src' }).click();
    await page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'export.js' }).click();
    await page.locator('.tab.active', { hasText: 'export.js' }).waitFor();
    assert.equal(await prompt.count(), 1);

    // Not by the browser, whose reload loses what the editor is about to store.
    await Promise.all([page.waitForEvent('load'), stage.command('Developer: Reload Window')]);
    await prompt.click();
    await page.locator('.codelens-decoration a', { hasText: 'Send to Terminal' }).waitFor();
    await page.locator('.view-lines', { hasText: 'belay-data-1' }).click();
    await page.keyboard.press('Control+Enter');
    for (const end = Date.now() + 20_000; Date.now() < end && (await prompt.count()) > 0;) await page.keyboard.press('x');
    await page.keyboard.type('typed for the terminal');
    await page.locator('.xterm-screen').waitFor();
    assert.equal(await page.locator('.tab.dirty').count(), 0);
    await stage.command('File: Save All Files');
    assert.equal(readFileSync(source, 'utf8'), before);
    assert.equal((await stage.handoffOf((await stage.item('Dates shift')).id)).target, 'terminal');
  });
});
