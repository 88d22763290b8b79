import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PanelProblem } from '../../protocol/panel.ts';
import type { PanelPage } from '../../protocol/panelPages.ts';
import { launchChromium, type Browser, type Locator } from '../vscode/chromium.ts';
import { FakeHost, servePanel, type Data, type PageServer, type ThemeName } from './fakeHost.ts';
import { activity, floodActivity, item, itemPage, manyRows, question, runningPage } from './fixtures.ts';
import { sampleData } from './sample.ts';

const here = path.dirname(fileURLToPath(import.meta.url));
const pictures = path.join(here, '../../test-results/webview');
const axeSource = readFileSync(createRequire(path.join(here, '../vscode/package.json')).resolve('axe-core/axe.min.js'), 'utf8');

interface Finding {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: { readonly html: string; readonly failureSummary?: string }[];
}

describe('the panel in a browser', function () {
  this.timeout(60_000);
  let browser: Browser;
  let server: PageServer;
  let host: FakeHost;

  const open = async (data: Data, theme: ThemeName = 'dark', width = 340, height = 720): Promise<FakeHost> => {
    host = await FakeHost.open(browser, server, data, { width, height });
    await host.load(theme);
    return host;
  };
  const now = Date.now();

  before(async () => {
    mkdirSync(pictures, { recursive: true });
    [browser, server] = await Promise.all([launchChromium(), servePanel()]);
  });
  after(async () => {
    await browser.close();
    await server.close();
  });
  afterEach(async () => {
    const violations = await host.page.evaluate(() => (window as unknown as { violations: string[] }).violations);
    await host.page.context().close();
    assert.deepEqual(violations, [], 'the content policy was broken');
    assert.deepEqual(host.errors, [], 'errors in the page');
  });

  describe('in every theme and width', () => {
    const check = async (name: string): Promise<void> => {
      const { page } = host;
      await page.evaluate(() => document.fonts.ready);
      await page.screenshot({ path: path.join(pictures, `${name}.png`) });
      const overflow = await page.evaluate(() =>
        [...document.querySelectorAll('.scroll, .bar, .tools, .foot')]
          .filter((one) => one.scrollWidth > one.clientWidth)
          .map((one) => one.className),
      );
      assert.deepEqual(overflow, [], `${name}: something is wider than the panel`);
      await page.evaluate(axeSource);
      const findings = await page.evaluate(async () => {
        const axe = (window as unknown as { axe: { run(options: object): Promise<{ violations: unknown[] }> } }).axe;
        return (await axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] })).violations;
      });
      assert.deepEqual(
        (findings as Finding[]).map(
          ({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html.slice(0, 200)} ${node.failureSummary ?? ''}`).join('\n')}`,
        ),
        [],
        name,
      );
    };

    const views: [ThemeName, number][] = [
      ['dark', 340],
      ['light', 340],
      ['dark', 300],
      ['light', 300],
      ['dark', 900],
      ['light', 900],
      ['hcDark', 300],
      ['hcLight', 340],
    ];
    for (const [theme, width] of views)
      it(`can be used, ${theme} at ${width} px`, async () => {
        await open(sampleData(now), theme, width);
        const tag = `${theme}-${width}`;
        await host.page.locator('.row').first().waitFor();
        await check(`work-${tag}`);
        await host.page.getByRole('button', { name: 'Filter and group' }).click();
        await host.send({ type: 'navigate', page: { page: 'work' }, focus: 'quickAdd' });
        await host.page.locator('.quick-add').waitFor();
        await check(`work-filters-${tag}`);
        await host.page.getByRole('treegrid').focus();
        await host.page.keyboard.press('ArrowDown');
        await check(`work-focus-${tag}`);
        await host.go({ page: 'item', key: 'BUG-12' });
        await check(`item-${tag}`);
        await host.page.getByRole('button', { name: 'Edit the description' }).click();
        await host.page.getByRole('button', { name: 'Edit the title' }).click();
        await check(`item-edit-${tag}`);
        await host.go({ page: 'session', id: 'session-run' });
        await host.page.locator('.event').first().waitFor();
        await check(`session-question-${tag}`);
        await host.send({ type: 'page', of: { page: 'session', id: 'session-run' }, snapshot: runningPage(now, []), problem: null });
        await host.page.locator('vscode-progress-bar').waitFor();
        await check(`session-running-${tag}`);
        await host.go({ page: 'session', id: 'session-done' });
        await host.page.getByRole('button', { name: 'Discard' }).click();
        await check(`review-${tag}`);
        await host.go({ page: 'session', id: 'session-error' });
        await check(`session-error-${tag}`);
        await host.go({ page: 'queue' });
        await check(`queue-${tag}`);
        await host.go({ page: 'audit' });
        await host.page.locator('.audit-entry summary').nth(4).click();
        await check(`audit-${tag}`);
        await host.go({ page: 'item', key: 'BUG-404' });
        await check(`missing-${tag}`);
      });
  });

  describe('buttons', () => {
    for (const theme of ['dark', 'light', 'hcDark', 'hcLight'] as const)
      it(`are filled where they matter and not where they do not, ${theme}`, async () => {
        await open(sampleData(now), theme);
        await host.go({ page: 'session', id: 'session-run' });
        /** How far a button's ground is from the page's, 0 to 255. */
        const filled = (name: string) =>
          host.page.locator('vscode-button', { hasText: name }).evaluate((button) => {
            const [, r = 0, g = 0, b = 0, a = '1'] = /rgba?\((\d+), (\d+), (\d+)(?:, ([\d.]+))?/.exec(
              getComputedStyle(button.shadowRoot!.querySelector('.base')!).backgroundColor,
            )!;
            const light = document.body.dataset['vscodeThemeKind']!.includes('light') ? 255 : 0;
            return Number(a) * Math.abs(light - (Number(r) + Number(g) + Number(b)) / 3);
          });
        const [yes, no] = [await filled('Allow once'), await filled('Deny')];
        assert.ok(yes > no + 40, `${yes} and ${no}`);
      });
  });

  describe('at 300 px', () => {
    /** Texts by others of which the first letter cannot be seen. */
    const cutAtTheStart = () =>
      host.page.evaluate(() => {
        const shownIn = (element: Element, letter: DOMRect): boolean => {
          for (let outer: Element | null = element; outer && outer !== document.body; outer = outer.parentElement) {
            if (getComputedStyle(outer).overflowX === 'visible' || outer.matches('.scroll')) continue;
            const box = outer.getBoundingClientRect();
            if (letter.left < box.left - 1 || letter.right > box.right + 1) return false;
          }
          return true;
        };
        return [...document.querySelectorAll('bdi')].flatMap((bdi) => {
          const text = document.createTreeWalker(bdi, NodeFilter.SHOW_TEXT).nextNode();
          // Labels take only what room others leave, which may be none.
          if (!text?.textContent?.trim() || !bdi.checkVisibility() || bdi.getBoundingClientRect().width < 12) return [];
          const range = document.createRange();
          range.setStart(text, 0);
          range.setEnd(text, 1);
          return shownIn(bdi, range.getBoundingClientRect()) ? [] : [`${bdi.parentElement?.className}: ${bdi.textContent}`];
        });
      });

    it('shows the beginning of every text, also of those that are written from right to left', async () => {
      const title = 'סכום ההזמנה מתעלם מהקופון לאחר רענון של דף התשלום בחנות המקוונת';
      const rightToLeft = (_key: string, value: unknown): unknown => {
        if (typeof value !== 'object' || value === null) return value;
        const words = new Set([
          'title',
          'itemTitle',
          'parentTitle',
          'agentName',
          'summary',
          'text',
          'repositoryName',
          'targetName',
          'resource',
          'path',
          'reason',
        ]);
        return Object.fromEntries(
          Object.entries(value).map(([name, held]) => [name, words.has(name) && typeof held === 'string' ? `${title} ${held}` : held]),
        );
      };
      const flip = (value: unknown): unknown =>
        Array.isArray(value)
          ? value.map(flip)
          : typeof value === 'object' && value !== null
            ? Object.fromEntries(Object.entries(rightToLeft('', value) as object).map(([name, held]) => [name, flip(held)]))
            : value;
      await open(flip(sampleData(now)) as Data, 'dark', 300);
      const pages: PanelPage[] = [
        { page: 'work' },
        { page: 'item', key: 'BUG-12' },
        ...['session-run', 'session-done', 'session-error'].map((id): PanelPage => ({ page: 'session', id })),
        { page: 'queue' },
        { page: 'audit' },
      ];
      for (const page of pages) {
        if (page.page !== 'work') await host.go(page);
        await host.page.locator('bdi', { hasText: title }).first().waitFor();
        await host.page.screenshot({ path: path.join(pictures, `right-to-left-${page.page}.png`) });
        assert.deepEqual(await cutAtTheStart(), [], JSON.stringify(page));
      }
    });

    it('keeps the time of what it shows while offline, whatever the worker says', async () => {
      await open(sampleData(now), 'dark', 300);
      await host.send(
        { type: 'worker', worker: { on: true, running: 10, capacity: 12, note: 'It stops when this window closes.', canToggle: true } },
        { type: 'connection', connection: { state: 'offline', asOf: new Date(2026, 1, 3, 10, 42).getTime(), problem: null } },
      );
      const told = host.page.locator('.foot-end', { hasText: 'Offline, as of' });
      await told.waitFor();
      const { x, width } = (await told.boundingBox())!;
      assert.ok(x >= 0 && x + width <= 300, `from ${x} to ${x + width}`);
      assert.ok(await told.evaluate((one) => one.scrollWidth <= one.clientWidth));
    });

    it('grows the box of a comment with its text, wrapped or broken, up to eight lines, and shrinks again', async () => {
      await open(sampleData(now), 'dark', 300);
      await host.go({ page: 'item', key: 'BUG-12' });
      const box = host.page.getByRole('textbox', { name: 'Write a comment' });
      const height = async () => (await box.boundingBox())!.height;
      const one = await height();
      await box.fill('words that wrap '.repeat(8));
      const wrapped = await height();
      assert.ok(wrapped >= one + 36, `${one} to ${wrapped}`);
      await box.fill('a\nb\nc');
      assert.equal(await height(), one + 36);
      await box.fill('words that wrap '.repeat(200));
      assert.equal(await height(), one + 7 * 18);
      await box.fill('');
      assert.equal(await height(), one);
    });
  });

  describe('the audit page', () => {
    const titles = () => host.page.locator('.audit-entry .row-title').allInnerTexts();

    it('filters by decision, class and session, opens an entry by keyboard and leads to its session', async () => {
      await open(sampleData(now));
      await host.go({ page: 'audit' });
      assert.equal((await titles()).length, 9);
      await host.page.getByLabel('Decision').selectOption('Denied');
      assert.deepEqual(await titles(), ['registry.npmjs.org:443', 'npm publish']);
      await host.page.getByLabel('Class').selectOption('run');
      assert.deepEqual(await titles(), ['npm publish']);
      await host.page.getByLabel('Class').selectOption('effect');
      await host.page.getByText('No entry fits these filters.').waitFor();
      await host.page.getByLabel('Class').selectOption('run');
      await host.page.locator('.audit-entry summary').focus();
      await host.page.keyboard.press('Enter');
      await host.page.getByText('worker: run npm publish').waitFor();
      await host.page.keyboard.press('Tab');
      await host.page.keyboard.press('Enter');
      assert.deepEqual((await host.waitForCall('show', 2)).params['page'], { page: 'session', id: 'session-run' });
    });

    it('says of a review what was decided', async () => {
      const data = sampleData(now);
      const [first] = data.audit.rows;
      const details = [
        'accepted: 3 files, 0 left out (d1)',
        'undone: 3 files, 0 left out (d2)',
        'discarded',
        'sent_back: Again',
        'looked at',
      ];
      data.audit.rows = details.map((detail, n) => ({ ...first!, n, event: 'review', class: null, decision: null, detail }));
      await open(data);
      await host.go({ page: 'audit' });
      await titles();
      const words = await host.page.locator('.audit-entry .meta > span:first-child').allInnerTexts();
      assert.deepEqual(words, ['Accepted', 'Undone', 'Discarded', 'Sent back', 'Reviewed']);
    });

    it('says first whether the record holds: agreed, not asked, changed, or none yet', async () => {
      const data = sampleData(now);
      await open(data);
      await host.go({ page: 'audit' });
      await host.page.getByText('agrees up to entry 6').waitFor();
      const shown = async (change: Partial<Data['audit']>) => {
        await host.send({ type: 'page', of: { page: 'audit' }, snapshot: { ...data.audit, ...change }, problem: null });
        await host.settled();
      };
      await shown({ anchored: { until: { n: 9, at: now } } });
      await host.page.getByText('intact, and the platform agrees').waitFor();
      await shown({ anchored: null });
      await host.page.getByText('could not be asked').waitFor();
      await shown({ problems: ['Line 3 was changed after it was written.'] });
      await host.page.getByRole('alert').getByText('Line 3 was changed').waitFor();
      await host.page.screenshot({ path: path.join(pictures, 'audit-changed.png') });
      await shown({ rows: [], total: 0 });
      await host.page.getByText('Nothing recorded yet').waitFor();
      await host.page.screenshot({ path: path.join(pictures, 'audit-empty.png') });
      await host.send({
        type: 'page',
        of: { page: 'audit' },
        snapshot: null,
        problem: { code: 'conflict', message: 'It cannot be read.', hint: null, canRetry: true },
      });
      await host.page.getByRole('alert').getByText('It cannot be read.').waitFor();
    });
  });

  describe('the work list', () => {
    it('shows a failure as one with Retry, never as an empty list', async () => {
      const data = sampleData(now);
      host = await FakeHost.open(browser, server, data, { width: 340, height: 720 });
      const problem: PanelProblem = {
        code: 'unavailable',
        message: 'The platform does not answer.',
        hint: 'Its log says why.',
        canRetry: true,
      };
      host.answers.ready = () => host.send({ type: 'connection', connection: { state: 'offline', asOf: null, problem } });
      await host.load();
      await host.page.getByRole('alert').getByText('The platform does not answer.').waitFor();
      assert.equal(await host.page.locator('.empty').count(), 0);
      await host.page.getByRole('button', { name: 'Retry' }).click();
      await host.waitForCall('refresh');
    });

    it('keeps the rows while offline and says how old they are', async () => {
      await open(sampleData(now));
      await host.send({
        type: 'connection',
        connection: { state: 'offline', asOf: new Date(2026, 1, 3, 10, 42).getTime(), problem: null },
      });
      await host.page.locator('.foot', { hasText: 'Offline, as of' }).waitFor();
      assert.ok((await host.page.locator('.row').count()) > 5);
    });

    it('says in words when there is nothing, and offers the first item', async () => {
      await open({ ...sampleData(now), rows: [] });
      await host.page.getByText('Nothing planned yet').waitFor();
      await host.page.locator('.empty').getByRole('button', { name: 'Add an item' }).click();
      await host.page.locator('.quick-add input:focus').waitFor();
      await host.page.keyboard.type('Write the manual');
      await host.page.keyboard.press('Enter');
      assert.deepEqual((await host.waitForCall('createItem')).params, { kind: 'todo', title: 'Write the manual' });
    });

    it('tells how many the filters hide and shows them with one click', async () => {
      await open(sampleData(now));
      const chip = host.page.locator('.hidden-count');
      assert.equal((await chip.innerText()).trim(), '13 hidden');
      await chip.click();
      await host.page.getByRole('row').filter({ hasText: 'Finished piece of work 1' }).first().waitFor();
      assert.equal(await chip.count(), 0);
    });

    it('leads from the row that asks to its question', async () => {
      await open(sampleData(now));
      await host.page.getByRole('row').filter({ hasText: 'BUG-12' }).click();
      await host.page.getByText('Codex wants to run').waitFor();
      assert.deepEqual((await host.waitForCall('show')).params, { page: { page: 'session', id: 'session-run' } });
    });

    it('can be used by keyboard alone, and comes back to where it was', async () => {
      await open(sampleData(now));
      const { page } = host;
      await page.getByRole('textbox', { name: 'Search my work' }).focus();
      await page.keyboard.press('ArrowDown');
      for (let i = 0; i < 5; i += 1) await page.keyboard.press('ArrowDown');
      const active = await page.getByRole('treegrid').getAttribute('aria-activedescendant');
      const key = await page.locator(`#${active}`).getAttribute('data-key');
      assert.equal(key, 'TODO-31');
      await page.keyboard.press('ArrowRight');
      assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'Stop TODO-31');
      await page.keyboard.press('ArrowLeft');
      await page.keyboard.press('Home');
      await page.keyboard.press('ArrowLeft');
      await page.locator('.group.wait[aria-expanded=false]').waitFor();
      await page.keyboard.press('Enter');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.getByText('Codex wants to run').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('treegrid').waitFor();
      await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'treegrid');
    });

    it('draws a small part of 10,000 rows and can reach the last', async () => {
      await open({ ...sampleData(now), rows: manyRows(now, 10_000) });
      const { page } = host;
      await page.locator('.row').first().waitFor();
      assert.ok((await page.locator('.row').count()) < 80);
      await page.getByRole('treegrid').focus();
      await page.keyboard.press('End');
      await page.waitForFunction(
        () =>
          document.querySelector('.row.active')?.getAttribute('aria-rowindex') ===
          document.querySelector('.rows')?.getAttribute('aria-rowcount'),
      );
      assert.ok(await page.locator('.row.active').isVisible());
    });

    it('keeps the row that the keyboard is on in the page while it is scrolled out of sight', async () => {
      await open({ ...sampleData(now), rows: manyRows(now, 2000) });
      const { page } = host;
      const list = page.getByRole('treegrid');
      await list.focus();
      for (let i = 0; i < 5; i += 1) await page.keyboard.press('ArrowDown');
      const key = await page.locator('.row.active').getAttribute('data-key');
      for (const top of [30_000, 2_000, 60_000]) {
        await page.locator('.scroll').evaluate((element, to) => element.scrollTo({ top: to }), top);
        await page.waitForFunction(
          (to) => Math.abs(Number(document.querySelector('.row:not(.active)')?.getAttribute('aria-rowindex')) * 42 - to) < 3_000,
          top,
        );
        const active = page.locator(`#${await list.getAttribute('aria-activedescendant')}`);
        assert.deepEqual([await active.count(), await active.getAttribute('data-key')], [1, key]);
        assert.ok((await active.boundingBox())!.y < 0, 'it stays where it is');
      }
      await page.keyboard.press('ArrowDown');
      await page.waitForFunction((before) => document.querySelector('.row.active')?.getAttribute('data-key') !== before, key);
      assert.ok(await page.locator('.row.active').isVisible());
    });

    it('comes back from an item to the same place of a long list', async () => {
      await open({ ...sampleData(now), rows: manyRows(now, 2000) });
      const { page } = host;
      await page.locator('.row').first().waitFor();
      const scroller = page.locator('.scroll');
      await scroller.evaluate((element) => element.scrollTo({ top: 30_000 }));
      await page.waitForFunction(
        () => (JSON.parse(sessionStorage.getItem('state') ?? '{}') as { scroll?: Record<string, number> }).scroll?.['work'] === 30_000,
      );
      const row = page.locator('.row').nth(20);
      const key = await row.getAttribute('data-key');
      await row.click();
      await page.getByRole('button', { name: 'Back' }).click();
      await page.waitForFunction(() => document.querySelector('.scroll')?.scrollTop === 30_000);
      assert.equal(await page.locator('.row.active').getAttribute('data-key'), key);
    });

    it('shows a title with control and direction marks harmlessly', async () => {
      await open(sampleData(now));
      const title = host.page.getByRole('row').filter({ hasText: 'BUG-17' }).locator('.row-title');
      assert.equal(await title.innerText(), 'Invoicefdp.exe preview is blank');
    });

    it('takes changed rows and drops removed ones', async () => {
      await open(sampleData(now));
      await host.send({
        type: 'rowsChanged',
        rows: [{ ...sampleData(now).rows[1]!, title: 'Retry, but politely' }],
        removed: ['item-TODO-36'],
        needs: 3,
      });
      await host.page.getByText('Retry, but politely').waitFor();
      assert.equal(await host.page.getByText('Document the rate limits').count(), 0);
    });

    it('remembers page, filters and unsent text when the editor drops the page, and no data', async () => {
      await open(sampleData(now));
      await host.page.getByRole('button', { name: 'Open work' }).click();
      await host.go({ page: 'item', key: 'BUG-12' });
      await host.page.getByRole('textbox', { name: 'Write a comment' }).fill('half a thought');
      await host.page.waitForFunction(() => sessionStorage.getItem('state')?.includes('half a thought'));
      const state = await host.page.evaluate(() => sessionStorage.getItem('state') ?? '');
      assert.doesNotMatch(state, /coupon/);
      await host.load();
      assert.deepEqual(host.called('ready').at(-1)?.params, { page: { page: 'item', key: 'BUG-12' } });
      assert.equal(await host.page.getByRole('textbox', { name: 'Write a comment' }).inputValue(), 'half a thought');
      await host.page.getByRole('button', { name: 'Back' }).click();
      assert.equal(await host.page.getByRole('button', { name: 'Open work' }).getAttribute('aria-pressed'), 'false');
    });

    it('speaks the language of the editor', async () => {
      await open(sampleData(now));
      const strings = { Work: 'Arbeit', 'Needs me': 'Braucht mich', '{0} hidden': '{0} ausgeblendet' };
      await host.send({ type: 'setup', version: '0.1.0', locale: 'de', strings, machine: 'desk', limitedBy: 'untrusted' });
      await host.page.getByText('13 ausgeblendet').waitFor();
      await host.page.getByText('Braucht mich').waitFor();
      await host.page.getByText('Restricted mode').waitFor();
    });

    it('switches the worker', async () => {
      await open(sampleData(now));
      await host.page.getByRole('switch').click();
      assert.deepEqual((await host.waitForCall('toggleWorker')).params, { on: false });
    });
  });

  describe('the item', () => {
    const hostile = `<script>window.ran = 1</script><img src=x onerror="window.ran = 2">

[click](javascript:window.ran=3) <a href="https://example.test" onclick="window.ran=4">a</a> [data](data:text/html,<script>window.ran=5</script>)

![remote](https://example.test/tracker.png) ![svg](data:image/svg+xml;base64,PHN2Zy8+) \u202Eright to left

[good](https://example.test/page) <https://example.test/auto> **bold**

<style>body{display:none}</style><iframe src="https://example.test"></iframe>`;

    it('runs and fetches nothing that a description brings along', async () => {
      const data = sampleData(now);
      data.items['BUG-12'] = itemPage(now, item(now, { description: hostile }));
      await open(data);
      await host.go({ page: 'item', key: 'BUG-12' });
      const text = host.page.locator('.description .md');
      await text.getByText('bold').waitFor();
      for (const link of await text.locator('a, button, [data-href]').all()) await link.click({ force: true });
      const tags = await text.evaluate((root) => [...new Set([...root.querySelectorAll('*')].map((one) => one.localName))].sort());
      assert.deepEqual(
        tags.filter((tag) => ['script', 'img', 'iframe', 'style', 'svg', 'form', 'input'].includes(tag)),
        [],
      );
      const attributes = await text.evaluate((root) => [...root.querySelectorAll('*')].flatMap((one) => one.getAttributeNames()));
      assert.deepEqual(
        attributes.filter((name) => name.startsWith('on') || name === 'href' || name === 'style'),
        [],
      );
      assert.equal(await host.page.evaluate(() => (window as unknown as { ran?: number }).ran), undefined);
      await host.waitForCall('openLink', 4);
      const opened = new Set(host.called('openLink').map((call) => call.params['url']));
      assert.deepEqual(
        [...opened].sort(),
        ['', '/auto', '/page', '/tracker.png'].map((end) => `https://example.test${end}`),
      );
      assert.doesNotMatch(await text.innerText(), /\u202e/);
    });

    it('offers nothing on an item that the platform does not say may be done', async () => {
      const data = sampleData(now);
      data.items['BUG-12'] = itemPage(now, item(now, { can: [] }));
      await open(data);
      await host.go({ page: 'item', key: 'BUG-12' });
      const page = host.page.locator('belay-item');
      await page.locator('.description .md').waitFor();
      const ways = page.locator('belay-choice, belay-text-box, [data-begin] button, .primary-actions vscode-button');
      assert.equal(await ways.count(), 0);
      await host.send({ type: 'page', of: { page: 'item', key: 'BUG-12' }, snapshot: itemPage(now, item(now)), problem: null });
      await page.getByRole('button', { name: 'Queue' }).waitFor();
      for (const way of ['belay-choice', 'belay-text-box', '[data-begin] button', '.primary-actions vscode-button'])
        assert.ok((await page.locator(way).count()) > 0, way);
    });

    it('hands an address on as it is written, and makes no link of what will not open', async () => {
      const data = sampleData(now);
      const address = 'https://example.test/?q=a%26b%3Dc&d=%C3%A9+ü#x%20y';
      const written = `[words](${address}) <${address}> ![picture](${address})
[file](docs/a.md) [part](#part) [tool](vscode://x/y) [page](https:///) ![here](a.png)`;
      const links = [
        { url: address, title: 'A page' },
        { url: 'ftp://example.test/file', title: 'A file' },
      ];
      data.items['BUG-12'] = itemPage(now, item(now, { description: written, links }));
      const running = data.sessions['session-run']!;
      data.sessions['session-run'] = {
        ...running,
        inputs: [],
        session: { ...running.session, urls: [...links, { url: 'javascript:alert(1)', title: '' }] },
      };
      await open(data);
      await host.go({ page: 'item', key: 'BUG-12' });
      const { page } = host;
      const openAll = async (place: Locator, expected: number) => {
        for (const link of await place.all()) await link.click();
        await host.waitForCall('openLink', expected);
        assert.equal(host.called('openLink').length, expected);
      };
      const text = page.locator('.description .md');
      await text.getByText('words').waitFor();
      assert.equal(await text.locator('a').count(), 3);
      await openAll(text.getByRole('link'), 3);
      await openAll(page.locator('.facts .link', { hasText: /A page|A file/ }), 4);
      await host.go({ page: 'session', id: 'session-run' });
      await page.getByText('A file').waitFor();
      await page.getByText('javascript:alert(1)').waitFor();
      await openAll(page.locator('.section .link', { hasText: /A page|A file|javascript/ }), 5);
      assert.deepEqual(
        host.called('openLink').map(({ params }) => params['url']),
        Array.from({ length: 5 }, () => address),
      );
    });

    it('opens with a megabyte of text and shows the rest on request', async () => {
      const data = sampleData(now);
      data.items['BUG-12'] = itemPage(
        now,
        item(now, { description: `${'A line of a log that somebody pasted. '.repeat(27_000)}\n\nthe end` }),
      );
      await open(data);
      await host.go({ page: 'item', key: 'BUG-12' });
      const more = host.page.getByRole('button', { name: 'Show all of it' });
      await more.waitFor();
      assert.equal(await host.page.getByText('the end').count(), 0);
      await more.click();
      await host.page.getByText('the end').waitFor();
    });

    it('never overwrites another’s change: shows both texts and does what the person chooses', async () => {
      await open(sampleData(now));
      await host.go({ page: 'item', key: 'BUG-12' });
      const { page } = host;
      await page.getByRole('button', { name: 'Edit the title' }).click();
      await page.getByRole('textbox', { name: 'Title' }).fill('My title');
      host.answers.updateItem = async () => {
        await host.send({
          type: 'page',
          of: { page: 'item', key: 'BUG-12' },
          snapshot: itemPage(now, item(now, { title: 'Their title', version: 4 })),
          problem: null,
        });
        throw { code: 'version_conflict', message: 'It changed.', hint: null, canRetry: false } satisfies PanelProblem;
      };
      await page.keyboard.press('Enter');
      await page.getByRole('alert').getByText('Someone else changed this').waitFor();
      await page.locator('.difference .deleted', { hasText: 'Their title' }).waitFor();
      await page.locator('.difference .added', { hasText: 'My title' }).waitFor();
      await page.screenshot({ path: path.join(pictures, 'item-conflict-dark-340.png') });
      delete host.answers.updateItem;
      await page.getByRole('button', { name: 'Keep my text' }).click();
      assert.deepEqual((await host.waitForCall('updateItem', 2)).params, {
        key: 'BUG-12',
        version: 4,
        patch: { title: 'My title' },
        seen: { title: 'Their title' },
      });
      await page.getByRole('heading', { name: 'Their title' }).waitFor();
    });

    it('shows of two long texts every line that differs, without a box to scroll in', async () => {
      const lines = Array.from({ length: 60 }, (_, i) => `Line ${i} of the description`);
      const data = sampleData(now);
      data.items['BUG-12'] = itemPage(now, item(now, { description: lines.join('\n') }));
      await open(data);
      await host.go({ page: 'item', key: 'BUG-12' });
      const { page } = host;
      await page.getByRole('button', { name: 'Edit the description' }).click();
      await page.getByRole('textbox', { name: 'Description, in Markdown' }).fill(lines.with(50, 'Mine').join('\n'));
      host.answers.updateItem = async () => {
        const theirs = itemPage(now, item(now, { description: lines.with(5, 'Theirs').join('\n'), version: 4 }));
        await host.send({ type: 'page', of: { page: 'item', key: 'BUG-12' }, snapshot: theirs, problem: null });
        throw { code: 'version_conflict', message: 'It changed.', hint: null, canRetry: false } satisfies PanelProblem;
      };
      await page.getByRole('button', { name: 'Save' }).click();
      const shown = page.locator('.difference');
      await shown.waitFor();
      assert.deepEqual(await shown.locator('.deleted bdi').allInnerTexts(), ['Theirs', 'Line 50 of the description']);
      assert.deepEqual(await shown.locator('.added bdi').allInnerTexts(), ['Line 5 of the description', 'Mine']);
      assert.deepEqual(await shown.locator('.gap').allInnerTexts(), [
        '3 lines are the same',
        '40 lines are the same',
        '7 lines are the same',
      ]);
      assert.ok(await shown.evaluate((one) => one.scrollHeight <= one.clientHeight));
      await page.screenshot({ path: path.join(pictures, 'item-difference-dark-340.png') });
    });

    const primary = () => host.page.locator('.primary-actions vscode-button:not([secondary])');

    for (const [kind, hasChanges, name, call] of [
      ['result', true, 'Review changes', 'reviewChanges'],
      ['result', false, 'Read the result', null],
      ['question', false, 'Answer', null],
      ['failure', false, 'See what failed', null],
    ] as const)
      it(`asks first for what waits for the person: ${name}`, async () => {
        const data = sampleData(now);
        data.items['BUG-12'] = { ...data.items['BUG-12']!, need: { sessionId: 'session-done', kind, hasChanges } };
        await open(data);
        await host.go({ page: 'item', key: 'BUG-12' });
        assert.deepEqual(
          (await primary().allInnerTexts()).map((text) => text.trim()),
          [name],
        );
        await host.page.getByRole('button', { name: 'Send to Codex' }).waitFor();
        await host.page.screenshot({ path: path.join(pictures, `item-need-${kind}.png`) });
        await primary().click();
        await host.page.getByRole('heading', { name: 'Recap' }).waitFor();
        if (call) assert.deepEqual((await host.waitForCall(call)).params, { sessionId: 'session-done' });
      });

    it('offers nothing that cannot work, and the way to change that', async () => {
      const data = sampleData(now);
      data.items['BUG-12'] = { ...data.items['BUG-12']!, sendTarget: null };
      await open(data);
      const { page } = host;
      const limit = (limitedBy: 'untrusted' | 'no_folder' | 'virtual' | null) =>
        host.send({ type: 'setup', version: '0.1.0', locale: 'en', strings: {}, machine: 'desk', limitedBy });
      const off = (name: string) => page.locator('vscode-button[disabled]', { hasText: name });
      for (const [limitedBy, button, call] of [
        ['untrusted', 'Manage trust', 'manageTrust'],
        ['no_folder', 'Open a folder', 'openFolder'],
      ] as const) {
        await limit(limitedBy);
        await host.go({ page: 'item', key: 'BUG-12' });
        await off('Queue').waitFor();
        await off('Send to').waitFor();
        assert.equal(await off('Record result').count(), limitedBy === 'untrusted' ? 1 : 0);
        for (const to of [{ page: 'item', key: 'BUG-12' }, { page: 'work' }, { page: 'session', id: 'session-run' }] as const) {
          if (to.page !== 'item') await host.go(to);
          await page.getByRole('button', { name: button }).click();
        }
        await host.waitForCall(call, 3);
      }
      await page.screenshot({ path: path.join(pictures, 'limited.png') });
      await limit(null);
      await host.go({ page: 'item', key: 'BUG-12' });
      await off('Queue').waitFor({ state: 'detached' });
      assert.equal(await page.locator('#limited').count(), 0);
    });

    it('keeps an edit when storing it fails', async () => {
      await open(sampleData(now));
      await host.go({ page: 'item', key: 'BUG-12' });
      const { page } = host;
      await page.getByRole('button', { name: 'Edit the description' }).click();
      const box = page.getByRole('textbox', { name: 'Description, in Markdown' });
      await box.fill('A better text');
      host.answers.updateItem = () => {
        throw { code: 'unavailable', message: 'Not reachable.', hint: null, canRetry: true } satisfies PanelProblem;
      };
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('alert').getByText('Not reachable.').waitFor();
      assert.equal(await box.inputValue(), 'A better text');
    });

    it('passes values by the arrow keys without storing them: Enter or leaving does, Escape takes back', async () => {
      await open(sampleData(now));
      await host.go({ page: 'item', key: 'BUG-12' });
      const { page } = host;
      const status = page.getByLabel('Status', { exact: true });
      const stored = () => host.called('updateItem').map(({ params: { patch, seen } }) => ({ patch, seen }));
      await status.focus();
      for (let i = 0; i < 3; i += 1) await page.keyboard.press('ArrowDown');
      assert.equal(await status.inputValue(), 'planned');
      await host.settled();
      assert.deepEqual(stored(), []);
      await page.getByText('Enter saves, Escape takes back').waitFor();
      await page.keyboard.press('Escape');
      assert.equal(await status.inputValue(), 'in_progress');
      await page.getByRole('button', { name: 'Edit the title' }).waitFor();

      await page.keyboard.press('End');
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('Enter');
      await host.waitForCall('updateItem');
      const first = { patch: { status: 'completed' }, seen: { status: 'in_progress' } };
      assert.deepEqual(stored(), [first]);

      await page.keyboard.press('b');
      await page.keyboard.press('Tab');
      await host.waitForCall('updateItem', 2);
      const second = { patch: { status: 'blocked' }, seen: { status: 'completed' } };
      assert.deepEqual(stored(), [first, second]);

      const priority = page.getByLabel('Priority', { exact: true });
      await priority.focus();
      const was = await priority.inputValue();
      await page.keyboard.press('ArrowDown');
      const passed = await priority.inputValue();
      await page.getByRole('button', { name: 'Back', exact: true }).click();
      await host.waitForCall('updateItem', 3);
      assert.equal(stored().length, 3);
      assert.notEqual(passed, was);
    });

    it('shows what is stored again when a status could not be stored', async () => {
      await open(sampleData(now));
      await host.go({ page: 'item', key: 'BUG-12' });
      host.answers.updateItem = () => {
        throw { code: 'unavailable', message: 'Not reachable.', hint: null, canRetry: true } satisfies PanelProblem;
      };
      const status = host.page.getByLabel('Status', { exact: true });
      await status.selectOption('blocked');
      await host.page.getByText('Not reachable.').first().waitFor();
      assert.equal(await status.inputValue(), 'in_progress');
    });

    it('changes status with the version the person saw, sends, queues, records and comments', async () => {
      await open(sampleData(now));
      await host.go({ page: 'item', key: 'BUG-12' });
      const { page } = host;
      await page.getByLabel('Status', { exact: true }).selectOption('blocked');
      assert.deepEqual((await host.waitForCall('updateItem')).params, {
        key: 'BUG-12',
        version: 3,
        patch: { status: 'blocked' },
        seen: { status: 'in_progress' },
      });
      await page.getByRole('button', { name: 'Send to Codex' }).click();
      assert.deepEqual((await host.waitForCall('send')).params, { key: 'BUG-12', again: true });
      await page.getByRole('button', { name: 'Send to another target' }).click();
      assert.deepEqual((await host.waitForCall('send', 2)).params, { key: 'BUG-12', again: false });
      await page.locator('vscode-button', { hasText: 'Queue' }).click();
      await host.waitForCall('queue');
      await page.getByRole('button', { name: 'Record result' }).click();
      assert.deepEqual((await host.waitForCall('recordHandoff')).params, { handoffId: 'handoff-1' });
      const shown = page.locator('.card', { hasText: 'Recorded from Windsurf' });
      await shown.getByRole('button', { name: 'Review changes' }).click();
      assert.deepEqual((await host.waitForCall('reviewHandoff')).params, { handoffId: 'handoff-2' });
      await page.getByRole('textbox', { name: 'Write a comment' }).fill('Looks right');
      await page.keyboard.press('Control+Enter');
      assert.deepEqual((await host.waitForCall('addComment')).params, { key: 'BUG-12', body: 'Looks right' });
      await page.waitForFunction(() => !sessionStorage.getItem('state')?.includes('Looks right'));
    });
  });

  describe('the session', () => {
    it('answers a question for exactly the action asked', async () => {
      await open(sampleData(now));
      await host.go({ page: 'session', id: 'session-run' });
      await host.page.getByRole('button', { name: 'Allow once' }).click();
      assert.deepEqual((await host.waitForCall('answerInput')).params, {
        inputId: 'input-1',
        actionHash: 'abc123',
        optionId: 'once',
        text: null,
      });
    });

    it('shows a question that is somebody else’s to answer, without a way to answer it', async () => {
      const data = sampleData(now);
      const page = runningPage(now, [question(now)]);
      data.sessions['session-run'] = { ...page, can: { ...page.can, answer: false } };
      await open(data);
      await host.go({ page: 'session', id: 'session-run' });
      const card = host.page.locator('.question');
      await card.getByText('Only the owner of this session can answer.').waitFor();
      assert.equal(await card.locator('vscode-button, belay-text-box').count(), 0);
    });

    it('spells out what a command hides before it is approved', async () => {
      const data = sampleData(now);
      data.sessions['session-run'] = runningPage(now, [question(now, { detail: 'echo safe \u202e; rm -rf ~ \u001b[8m' })]);
      await open(data);
      await host.go({ page: 'session', id: 'session-run' });
      assert.equal(await host.page.locator('.asked').innerText(), 'echo safe \\u{202e}; rm -rf ~ \\u{1b}[8m');
    });

    it('answers in words where words are accepted', async () => {
      const data = sampleData(now);
      const input = question(now, { kind: 'question', title: 'Which region?', detail: '', options: [], acceptsText: true });
      data.sessions['session-run'] = runningPage(now, [input]);
      await open(data);
      await host.go({ page: 'session', id: 'session-run' });
      await host.page.getByRole('textbox', { name: 'Your answer' }).fill('The northern one');
      await host.page.getByRole('button', { name: 'Answer' }).click();
      assert.deepEqual((await host.waitForCall('answerInput')).params, {
        inputId: 'input-1',
        actionHash: 'abc123',
        optionId: null,
        text: 'The northern one',
      });
    });

    it('takes only those files that run on the machine that got their own yes', async () => {
      await open(sampleData(now));
      await host.go({ page: 'session', id: 'session-done' });
      await host.page.locator('vscode-button', { hasText: 'Accept' }).click();
      assert.deepEqual((await host.waitForCall('accept')).params, { sessionId: 'session-done', hostExecuted: [] });
      await host.page.getByRole('switch', { name: 'Take package.json' }).click();
      await host.page.locator('vscode-button', { hasText: 'Accept' }).click();
      assert.deepEqual((await host.waitForCall('accept', 2)).params, { sessionId: 'session-done', hostExecuted: ['package.json'] });
    });

    it('offers to close what has nothing to accept, with what was held back', async () => {
      const data = sampleData(now);
      const done = data.sessions['session-done']!;
      const result = { ...done.session.result!, outcome: 'no_changes' as const, headCommit: null, files: [] };
      data.sessions['session-done'] = {
        ...done,
        session: { ...done.session, result },
        can: { ...done.can, review: false, accept: false, close: true },
      };
      await open(data);
      await host.go({ page: 'session', id: 'session-done' });
      await host.page.getByText('.vscode/tasks.json').waitFor();
      assert.equal(await host.page.locator('vscode-button', { hasText: 'Accept' }).count(), 0);
      await host.page.locator('vscode-button', { hasText: 'Close' }).click();
      assert.deepEqual((await host.waitForCall('close')).params, { sessionId: 'session-done' });
    });

    it('says why it cannot be accepted', async () => {
      const data = sampleData(now);
      const done = data.sessions['session-done']!;
      data.sessions['session-done'] = {
        ...done,
        can: { ...done.can, accept: false },
        acceptBlocked: 'Your working tree has conflicts in csv.ts.',
      };
      await open(data);
      await host.go({ page: 'session', id: 'session-done' });
      await host.page.getByText('Your working tree has conflicts in csv.ts.').waitFor();
      await host.page.locator('vscode-button', { hasText: 'Accept' }).click({ force: true });
      await host.page.locator('vscode-button', { hasText: 'Review changes' }).click();
      await host.waitForCall('reviewChanges');
      assert.equal(host.called('accept').length, 0);
    });

    it('discards only after it was confirmed, and sends back with a note', async () => {
      await open(sampleData(now));
      await host.go({ page: 'session', id: 'session-done' });
      const { page } = host;
      await page.getByRole('button', { name: 'Discard' }).click();
      await page.getByRole('button', { name: 'Keep' }).click();
      await page.getByRole('button', { name: 'Send back' }).click();
      await page.getByRole('textbox', { name: 'What should be different?' }).fill('Keep the old name');
      await page.keyboard.press('Control+Enter');
      assert.deepEqual((await host.waitForCall('sendBack')).params, { sessionId: 'session-done', note: 'Keep the old name' });
      assert.equal(host.called('discard').length, 0);
      await page.getByRole('button', { name: 'Discard' }).click();
      await page.getByRole('alert').getByRole('button', { name: 'Discard' }).click();
      await host.waitForCall('discard');
    });

    it('draws the first of 2,000 changed files, and the others on request, by keyboard', async () => {
      const data = sampleData(now);
      const done = data.sessions['session-done']!;
      const [first] = done.session.result!.files;
      const files = Array.from({ length: 2000 }, (_, i) => ({ ...first!, path: `src/file${i}.ts` }));
      data.sessions['session-done'] = { ...done, session: { ...done.session, result: { ...done.session.result!, files } } };
      await open(data);
      await host.go({ page: 'session', id: 'session-done' });
      const { page } = host;
      const drawn = page.locator('.files .file-open');
      await drawn.first().waitFor();
      assert.equal(await drawn.count(), 200);
      await page.getByRole('button', { name: 'Show 200 of 1800 more' }).focus();
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => document.activeElement?.getAttribute('title') === 'src/file200.ts');
      assert.equal(await drawn.count(), 400);
    });

    it('shows a failed action with what to do', async () => {
      await open(sampleData(now));
      host.answers.accept = () => {
        throw {
          code: 'conflict',
          message: 'csv.ts changed meanwhile.',
          hint: 'Save it and try again.',
          canRetry: true,
        } satisfies PanelProblem;
      };
      await host.go({ page: 'session', id: 'session-done' });
      await host.page.locator('vscode-button', { hasText: 'Accept' }).click();
      await host.page.getByRole('alert').getByText('Save it and try again.').waitFor();
    });

    it('leads on after an Accept: to the commit, to source control, to what is next', async () => {
      const data = sampleData(now);
      const done = data.sessions['session-done']!;
      data.sessions['session-done'] = {
        ...done,
        session: { ...done.session, review: 'accepted' },
        can: { ...done.can, accept: false, sendBack: false, discard: false, undo: true, commit: true },
      };
      await open(data);
      await host.go({ page: 'session', id: 'session-done' });
      const { page } = host;
      const actions = page.locator('.primary-actions vscode-button');
      assert.deepEqual(
        (await actions.allInnerTexts()).map((text) => text.trim()),
        ['Commit …', 'Source Control', 'Next item', 'Review changes', 'Undo'],
      );
      assert.deepEqual(
        (await page.locator('.primary-actions vscode-button:not([secondary])').allInnerTexts()).map((text) => text.trim()),
        ['Commit …'],
      );
      await page.screenshot({ path: path.join(pictures, 'session-accepted.png') });
      await actions.filter({ hasText: 'Commit' }).click();
      assert.deepEqual((await host.waitForCall('commit')).params, { sessionId: 'session-done' });
      await actions.filter({ hasText: 'Source Control' }).click();
      await host.waitForCall('showSourceControl');
      await actions.filter({ hasText: 'Next item' }).click();
      await page.getByText('Codex wants to run').waitFor();
    });

    it('names each file that the person changed too, to compare and to open', async () => {
      const data = sampleData(now);
      await open(data);
      const [first, second] = data.sessions['session-done']!.session.result!.files.map((file) => file.path);
      host.answers.accept = () => {
        throw {
          code: 'conflict',
          message: 'Both changed.',
          hint: null,
          canRetry: true,
          paths: [first!, second!, 'no/such.ts'],
        } satisfies PanelProblem;
      };
      await host.go({ page: 'session', id: 'session-done' });
      const { page } = host;
      await page.locator('vscode-button', { hasText: 'Accept' }).click();
      await page.getByRole('heading', { name: 'Changed by you too 2' }).waitFor();
      await page.getByRole('button', { name: `Compare ${first}` }).click();
      assert.deepEqual((await host.waitForCall('compareMine')).params, { sessionId: 'session-done', path: first });
      await page.getByRole('button', { name: `Open mine of ${second}` }).click();
      assert.deepEqual((await host.waitForCall('openMine')).params, { sessionId: 'session-done', path: second });
      await page.screenshot({ path: path.join(pictures, 'session-conflict.png') });
      assert.equal(await page.getByText('no/such.ts').count(), 0);
    });

    it('shows what was said to the agent as waiting until it has it, and that it never got it', async () => {
      const data = sampleData(now);
      const running = data.sessions['session-run']!;
      const said = {
        id: 'm1',
        sessionId: 'session-run',
        authorId: 'me',
        kind: 'follow_up' as const,
        body: 'Also\nthe footer',
        createdAt: now,
      };
      const waiting = { ...running, undelivered: [{ ...said, deliveredAt: null, acknowledgedAt: null }] };
      data.sessions['session-run'] = waiting;
      await open(data);
      await host.go({ page: 'session', id: 'session-run' });
      const { page } = host;
      const part = (name: string) => page.locator('.section', { has: page.getByRole('heading', { name }) });
      await part('Waits for the agent').getByText('Also').waitFor();
      await host.send({
        type: 'page',
        of: { page: 'session', id: 'session-run' },
        snapshot: { ...waiting, session: { ...waiting.session, state: 'cancelled', claim: null } },
        problem: null,
      });
      await part('Never reached the agent').getByText('Also').waitFor();
      await host.send({ type: 'page', of: { page: 'session', id: 'session-run' }, snapshot: running, problem: null });
      await page.getByText('Also').waitFor({ state: 'detached' });
    });

    it('forgets what failed for want of trust when there is trust, and nothing else', async () => {
      await open(sampleData(now));
      const setup = (limitedBy: 'untrusted' | null) =>
        host.send({ type: 'setup', version: '0.1.0', locale: 'en', strings: {}, machine: 'desk', limitedBy });
      await setup('untrusted');
      await host.go({ page: 'item', key: 'BUG-12' });
      host.answers.send = () => {
        throw { code: 'forbidden', message: 'This workspace is not trusted.', hint: null, canRetry: false } satisfies PanelProblem;
      };
      await host.page.getByRole('button', { name: 'Send to Codex' }).click();
      const failure = host.page.getByRole('alert').getByText('This workspace is not trusted.');
      await failure.waitFor();
      await setup('untrusted');
      await host.settled();
      assert.equal(await failure.count(), 1);
      await setup(null);
      await failure.waitFor({ state: 'detached' });
    });

    it('opens what a command printed, and tells what came too late', async () => {
      await open(sampleData(now));
      await host.go({ page: 'session', id: 'session-done' });
      await host.page.getByRole('button', { name: 'npm test -- cart' }).click();
      await host.page.getByText('1 failing').waitFor();
      await host.page.getByText('Reported after the claim was lost: 1').click();
      await host.page.getByText('after the claim had moved on').waitFor();
    });

    it('tells a decision in words: what was denied, and a question that was allowed', async () => {
      await open(sampleData(now));
      await host.go({ page: 'session', id: 'session-run' });
      const allowed = activity('session-run', 15, now, {
        kind: 'policy',
        body: { class: 'effect', decision: 'allow', resource: 'May I write `total.js`?', rule: 'by person', detail: '' },
      });
      await host.send({ type: 'activities', sessionId: 'session-run', reset: false, entries: [allowed] });
      for (const words of ['Denied read ~/.npmrc', 'Allowed: May I write total.js?']) {
        const told = host.page.locator('.event').filter({ hasText: words });
        await told.waitFor();
      }
    });

    it('reads out that a run has come to ask', async () => {
      const data = sampleData(now);
      data.sessions['session-run'] = runningPage(now, []);
      await open(data);
      await host.go({ page: 'session', id: 'session-run' });
      await host.send({
        type: 'page',
        of: { page: 'session', id: 'session-run' },
        snapshot: runningPage(now, [question(now)]),
        problem: null,
      });
      await host.page.locator('[role=status][aria-live]').filter({ hasText: 'Asks you' }).waitFor({ state: 'attached' });
    });

    it('stays where the person reads while newer entries arrive, and jumps back on request', async () => {
      const data = sampleData(now);
      data.activities['session-run'] = Array.from({ length: 400 }, (_, i) => floodActivity('session-run', i + 1, now + i));
      await open(data);
      await host.slowDown(4);
      await host.go({ page: 'session', id: 'session-run' });
      const { page } = host;
      await page.locator('.event').first().waitFor();
      await page.locator('main').evaluate((main) => main.scrollTo({ top: 2600 }));
      await page.locator('.pill').waitFor();
      const anchor = () =>
        page.evaluate(() => {
          const top = document.querySelector('main')!.getBoundingClientRect().top;
          const entry = [...document.querySelectorAll('.virtual-entry')].find((one) => one.getBoundingClientRect().bottom > top + 1)!;
          return { id: entry.getAttribute('data-id'), y: Math.round(entry.getBoundingClientRect().top - top) };
        });
      await host.settled();
      const before = await anchor();
      const newer = Array.from({ length: 60 }, (_, i) => floodActivity('session-run', 401 + i, now + 401 + i));
      await host.send({ type: 'activities', sessionId: 'session-run', reset: false, entries: newer });
      await page.locator('.pill', { hasText: '(60)' }).waitFor();
      const after = await anchor();
      assert.equal(after.id, before.id);
      assert.ok(Math.abs(after.y - before.y) <= 2, `moved by ${after.y - before.y} px`);
      await page.locator('.pill').click();
      await page.getByText('Message 460').waitFor();
    });

    it('loads what happened earlier when the end is reached', async () => {
      const data = sampleData(now);
      data.activities['session-run'] = Array.from({ length: 1200 }, (_, i) => floodActivity('session-run', i + 1, now + i));
      await open(data);
      await host.go({ page: 'session', id: 'session-run' });
      await host.page.locator('.event').first().waitFor();
      await host.page.waitForFunction(() => {
        const main = document.querySelector('main')!;
        main.scrollTo({ top: main.scrollHeight });
        return main.textContent.includes('src/part2.ts') || main.textContent.includes('part2.ts src');
      });
      assert.deepEqual(host.called('loadActivities')[0]?.params, { sessionId: 'session-run', before: 701 });
    });

    it('takes no activities of a session that was left', async () => {
      await open(sampleData(now));
      await host.go({ page: 'session', id: 'session-run' });
      await host.go({ page: 'session', id: 'session-done' });
      await host.send({ type: 'activities', sessionId: 'session-run', reset: false, entries: [floodActivity('session-run', 500, now)] });
      await host.settled();
      assert.equal(await host.page.getByText('Message 500').count(), 0);
      assert.ok((await host.page.locator('.event').count()) > 3);
    });

    it('joins live output to its command', async () => {
      await open(sampleData(now));
      await host.go({ page: 'session', id: 'session-run' });
      await host.page.getByText('git diff --stat').waitFor();
      const done = activity('session-run', 15, now, {
        kind: 'progress',
        body: { type: 'command', callId: 'c2', command: 'git diff --stat', status: 'done', exitCode: 0, output: ' 1 file changed', ms: 40 },
      });
      await host.send({ type: 'activities', sessionId: 'session-run', reset: false, entries: [done] });
      await host.page.getByRole('button', { name: 'git diff --stat' }).waitFor();
      assert.equal(await host.page.getByText('git diff --stat').count(), 1);
    });
  });
});
