/** How much the page makes while it holds much. How fast that is, `npm run -s bench:panel` tells. */
import assert from 'node:assert/strict';
import { launchChromium, type Browser } from '../vscode/chromium.ts';
import { servePanel, type FakeHost, type PageServer } from './fakeHost.ts';
import { filterRows, floodSession, openRows, scrollRows } from './load.ts';

describe('the panel under load', function () {
  this.timeout(120_000);
  let browser: Browser;
  let server: PageServer;
  let host: FakeHost;

  before(async () => {
    [browser, server] = await Promise.all([launchChromium(), servePanel()]);
  });
  after(async () => {
    await browser.close();
    await server.close();
  });
  afterEach(() => host.page.context().close());

  it('filters 10,000 rows by drawing no more than a screen of them', async () => {
    host = await openRows(browser, server);
    const { made, rows } = await filterRows(host);
    assert.ok(rows > 10 && rows < 80, `${rows} rows`);
    assert.ok(made < 80, `${made} elements for one key`);
  });

  it('scrolls through 10,000 rows with the rows it has', async () => {
    host = await openRows(browser, server);
    const { made, rows } = await scrollRows(host);
    assert.ok(rows > 10 && rows < 80, `${rows} rows`);
    assert.ok(made < 100, `${made} elements in 240 frames`);
  });

  it('takes every key while 10,000 activities arrive at 200 a second, and shows the last', async () => {
    const { flooded, ...opened } = await floodSession(browser, server);
    host = opened.host;
    assert.equal(flooded.box, 'a'.repeat(100));
    await host.page.getByText('Message 10000').waitFor();
    assert.ok((await host.page.locator('.virtual-entry').count()) < 120);
  });
});
