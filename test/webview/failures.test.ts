/** What did not happen is said where the person is, and the keyboard stays where it was. */
import assert from 'node:assert/strict';
import type { PanelProblem, PanelRequestName } from '../../protocol/panel.ts';
import type { PanelPage } from '../../protocol/panelPages.ts';
import type { Locator } from '../vscode/chromium.ts';
import type { Data, FakeHost } from './fakeHost.ts';
import { question, runningPage } from './fixtures.ts';
import { sampleData } from './sample.ts';
import { stagePanel } from './stage.ts';

describe('a failure in the panel', function () {
  this.timeout(60_000);
  const now = Date.now();
  let host: FakeHost;
  let data: Data;

  const button = (name: string | RegExp) => host.page.getByRole('button', { name, exact: true });
  const fails = (name: PanelRequestName): void => {
    host.answers[name] = () => {
      throw { code: 'conflict', message: `${name} did not happen.`, hint: null, canRetry: false } satisfies PanelProblem;
    };
  };
  /** What is said stands near the control, in sight, and is announced. */
  const isSaidBeside = async (name: PanelRequestName, control: Locator): Promise<void> => {
    const card = host.page.getByRole('alert').filter({ hasText: `${name} did not happen.` });
    await card.waitFor();
    await host.settled();
    const [at, said] = await Promise.all([control.boundingBox(), card.boundingBox()]);
    assert.ok(at && said, name);
    const apart = Math.max(said.y - (at.y + at.height), at.y - (said.y + said.height));
    assert.ok(apart < 160, `${name}: ${apart} px apart`);
    const { height } = host.page.viewportSize()!;
    assert.ok(said.y >= 0 && said.y < height, `${name}: at ${said.y} of ${height} px`);
    assert.equal(await card.count(), 1);
    await host.page.locator('[role=status]', { hasText: `${name} did not happen.` }).waitFor({ state: 'attached' });
  };

  const stage = stagePanel(
    () => {
      data = sampleData(now);
      data.sessions['session-run'] = runningPage(now, [question(now, {})]);
      return data;
    },
    { width: 340, height: 420 },
  );
  beforeEach(() => {
    host = stage();
  });

  const done: PanelPage = { page: 'session', id: 'session-done' };
  const running: PanelPage = { page: 'session', id: 'session-run' };
  const item: PanelPage = { page: 'item', key: 'BUG-12' };
  const controls: [what: string, page: PanelPage, name: PanelRequestName, control: () => Locator][] = [
    ['Accept', done, 'accept', () => button('Accept')],
    ['a changed file', done, 'openChange', () => host.page.locator('.file-open').last()],
    ['Stop', running, 'stopSession', () => button('Stop')],
    ['an answer', running, 'answerInput', () => host.page.locator('.question vscode-button').first()],
    ['Copy prompt', running, 'copyPrompt', () => button('Copy prompt')],
    ['Queue', item, 'queue', () => button('Queue')],
    ['the worker switch', { page: 'work' }, 'toggleWorker', () => host.page.getByRole('switch')],
  ];
  for (const [what, page, name, control] of controls)
    it(`stands beside ${what}, wherever the page is scrolled`, async () => {
      await host.go(page);
      fails(name);
      // At the foot of a small window, where the top of the page is out of sight.
      await control().evaluate((element) => element.scrollIntoView({ block: 'end' }));
      await control().click();
      await isSaidBeside(name, control());
      await button('Dismiss').click();
      await host.page.locator('.failure').waitFor({ state: 'detached' });
    });

  it('stands beside the box of a comment and keeps what was written', async () => {
    await host.go(item);
    fails('addComment');
    const box = host.page.getByRole('textbox', { name: 'Write a comment' });
    await box.fill('Mine');
    await box.press('Control+Enter');
    await isSaidBeside('addComment', box);
    assert.equal(await box.inputValue(), 'Mine');
  });

  it('is said also when what failed is no longer on the page', async () => {
    await host.go(running);
    const answer = Promise.withResolvers<never>();
    host.answers.answerInput = () => answer.promise;
    await host.page.locator('.question vscode-button').first().click();
    await host.waitForCall('answerInput');
    await host.send({ type: 'page', of: { page: 'session', id: 'session-run' }, snapshot: runningPage(now, []), problem: null });
    await host.page.locator('.question').waitFor({ state: 'detached' });
    answer.reject({ code: 'conflict', message: 'Too late.', hint: null, canRetry: false } satisfies PanelProblem);
    await host.page.getByRole('alert').filter({ hasText: 'Too late.' }).waitFor();
  });
});
