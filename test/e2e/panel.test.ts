import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { removeTempFolders } from '../support/repository.ts';
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
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await stage.picture(`failed-${this.currentTest.title.replaceAll(/\W+/gu, '-').slice(0, 60)}`);
  });
  after(async () => {
    await stage.close();
    removeTempFolders();
  });

  it('goes where it is asked to while the Explorer hides it', async () => {
    bind({
      'ctrl+alt+1': [{ command: 'belay.openItem', args: ['BUG-2'] }],
      'ctrl+alt+2': ['belay.newItem'],
      'ctrl+alt+3': ['belay.showQueue'],
    });
    const panel = await stage.openPanel();
    await panel.getByRole('treegrid').waitFor({ timeout: 60_000 });
    for (const [key, selector] of [
      ['1', 'belay-item'],
      ['2', '.quick-add'],
      ['3', 'belay-queue'],
    ] as const) {
      await openContainer(stage.page, 'Explorer');
      await stage.page.keyboard.press(`Control+Alt+${key}`);
      await panel.locator(selector).waitFor({ timeout: 20_000 });
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
    const written = await stage.until(() => {
      const text = readFileSync(file, 'utf8');
      return Promise.resolve(text.endsWith('Written by hand.') ? text : null);
    }, 'the file was not saved');
    await stage.command('View: Reopen Editor With...');
    await stage.pick('Markdown Preview');
    await webviewFrame(page, 'h1.code-line');

    bind({ 'ctrl+alt+1': [{ command: 'belay.openItem', args: ['BUG-2'] }] });
    await page.keyboard.press('Control+Alt+1');
    const box = (await panelFrame(page)).getByRole('textbox', { name: 'Write a comment' });
    await box.click();
    await page.keyboard.type('Kept');
    await page.keyboard.press('Control+z');
    assert.equal(await box.inputValue(), '');
    await page.keyboard.press('Control+y');
    assert.equal(await box.inputValue(), 'Kept');
    await box.fill('');
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    await stage.command('File: Save All Files');
    await stage.command('View: Reopen Editor With...');
    await stage.pick('Text Editor');
    await page.locator('.monaco-editor .view-lines', { hasText: 'Written' }).first().waitFor();
    assert.equal(readFileSync(file, 'utf8'), written);
  });
});
