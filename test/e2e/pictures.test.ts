import { removeTempFolders } from '../support/repository.ts';
import { openContainer, openFolder, panelFrame, setSideBarWidth, setTheme, takePicture, type Theme } from '../vscode/workbench.ts';
import path from 'node:path';
import { pictures, Stage } from './stage.ts';

const title = 'Dates shift by one day';
const themes: readonly Theme[] = ['dark', 'light'];
const widths = [300, 900] as const;

describe('pictures of the main job', function () {
  this.timeout(360_000);
  let stage: Stage | undefined;
  afterEach(async () => {
    await stage?.close();
    stage = undefined;
    removeTempFolders();
  });

  it('are taken of every step, light and dark, narrow and wide', async () => {
    stage = await Stage.open();
    const { page, editor, repository } = stage;
    await page.setViewportSize({ width: 1440, height: 900 });
    await openFolder(page, editor, repository);
    await openContainer(page, 'Belay');
    const panel = await panelFrame(page);
    const take = async (step: string, part?: string): Promise<void> => {
      for (const theme of themes) {
        await setTheme(page, theme);
        for (const width of part === undefined ? [300] : widths) {
          if (part !== undefined) await setSideBarWidth(page, width);
          await takePicture(page, path.join(pictures, 'steps', `${step}-${theme}${part === undefined ? '' : `-${width}`}.png`), part);
        }
      }
      await setSideBarWidth(page, 340);
    };
    const sideBar = '.part.sidebar';

    await panel.getByRole('row').filter({ hasText: title }).waitFor({ timeout: 60_000 });
    await take('1-list', sideBar);
    await panel.getByRole('row').filter({ hasText: title }).click();
    await panel
      .getByRole('button', { name: /^Send to/ })
      .first()
      .waitFor();
    await take('2-item', sideBar);

    const item = await stage.item(title);
    await panel.getByRole('button', { name: /Send to In-editor task/ }).click();
    await stage.pick('fix');
    const go = page.locator('.codelens-decoration a', { hasText: 'Send to In-editor task' }).first();
    await go.waitFor({ timeout: 20_000 });
    await go.click();
    await panel.getByRole('region', { name: 'Question' }).waitFor({ timeout: 60_000 });
    await take('3-question', sideBar);
    await panel.getByRole('button', { name: 'Allow', exact: true }).click();
    await stage.sessionWhere(item.id, ({ state }) => state === 'complete', 90_000);
    await panel.getByRole('button', { name: 'Review changes' }).waitFor({ timeout: 20_000 });
    await take('4-session', sideBar);

    await panel.getByRole('button', { name: 'Review changes' }).click();
    await page.locator('.multiDiffEditor .view-lines').first().waitFor({ timeout: 20_000 });
    await take('5-diff');
    await panel.getByRole('button', { name: 'Accept', exact: true }).click();
    await stage.sessionWhere(item.id, ({ review }) => review === 'accepted', 20_000);
    await panel.getByRole('button', { name: 'Back', exact: true }).click();
    await panel.getByText('Recap').first().waitFor({ timeout: 20_000 });
    await take('6-recap', sideBar);
  });
});
