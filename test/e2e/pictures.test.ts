import assert from 'node:assert/strict';
import { removeTempFolders } from '../support/repository.ts';
import { setSideBarWidth, setTheme, type Theme } from '../vscode/workbench.ts';
import { Stage } from './stage.ts';

const title = 'Checkout total ignores the coupon';

/** The panel as it is, for people to look at: each page in light and dark, narrow and wide. */
describe('pictures of the real panel', function () {
  this.timeout(400_000);
  let stage: Stage;
  afterEach(async () => {
    await stage.close();
    removeTempFolders();
  });

  it('list, item, session with a question, diff, result and recap', async () => {
    stage = await Stage.open();
    const { page } = stage;
    const looks: readonly (readonly [Theme, number])[] = [
      ['dark', 300],
      ['dark', 900],
      ['light', 900],
      ['light', 300],
    ];
    const taken: string[] = [];
    const take = async (name: string, part?: string) => {
      for (const [theme, width] of looks) {
        await setTheme(page, theme);
        await setSideBarWidth(page, width);
        taken.push(await stage.picture(`panel-${name}-${theme}-${width}`, part));
      }
    };
    const panel = await stage.openPanel();
    await panel.getByText(title).first().waitFor();
    await take('1-list');
    await panel.getByText(title).first().click();
    await panel.getByRole('button', { name: 'Queue', exact: true }).waitFor();
    await take('2-item');
    await panel.getByRole('button', { name: 'Queue', exact: true }).click();
    await stage.pick('fix');
    const allow = panel.getByRole('button', { name: 'Allow', exact: true });
    await allow.waitFor();
    await take('3-question');
    await allow.click();
    const item = await stage.item(title);
    await stage.sessionWhere(item.id, ({ state }) => state === 'complete');
    const review = panel.getByRole('button', { name: 'Review changes' });
    await review.waitFor();
    await take('4-result');
    await review.click();
    await page.locator('.multiDiffEditor .view-lines').first().waitFor();
    await take('5-diff');
    await panel.getByRole('button', { name: 'Accept', exact: true }).click();
    await stage.sessionWhere(item.id, (session) => session.review === 'accepted');
    await panel.getByRole('button', { name: /Back/ }).first().click();
    await panel.getByText('Recap').first().waitFor();
    await take('6-recap');
    assert.equal(new Set(taken).size, 24);
  });
});
