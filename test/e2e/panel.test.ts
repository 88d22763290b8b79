import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { removeTempFolders } from '../support/repository.ts';
import { Stage } from './stage.ts';

/** What can only be seen where a real editor holds the panel. */
describe('the panel in the editor', function () {
  this.timeout(240_000);
  let stage: Stage;
  /** One key for several commands at once: faster than any hand, so that each finds the view on its way. */
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
      'ctrl+alt+0': ['workbench.view.explorer'],
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
      await stage.page.keyboard.press('Control+Alt+0');
      await stage.page.keyboard.press(`Control+Alt+${key}`);
      await panel.locator(selector).waitFor({ timeout: 20_000 });
    }
  });
});
