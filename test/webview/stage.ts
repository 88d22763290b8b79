/** A browser and the page's server for a suite, and a fresh page with its host for each test. */
import assert from 'node:assert/strict';
import { launchChromium, type Browser } from '../vscode/chromium.ts';
import { FakeHost, servePanel, type Data, type PageServer } from './fakeHost.ts';

/** To be called inside `describe`. Gives the host of the test that runs; `data` is asked anew for each. */
export function stagePanel(data: () => Data, size: { width: number; height: number }): () => FakeHost {
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
  beforeEach(async () => {
    host = await FakeHost.open(browser, server, data(), size);
    await host.load();
  });
  afterEach(async () => {
    await host.page.context().close();
    assert.deepEqual(host.errors, [], 'errors in the page');
  });
  return () => host;
}
