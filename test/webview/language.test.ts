import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { PageAddress, PageName } from '../../protocol/panelPages.ts';
import { launchChromium, type Browser } from '../vscode/chromium.ts';
import { FakeHost, servePanel, type PageServer } from './fakeHost.ts';
import { sampleData } from './sample.ts';

/** Every string literal of the page's sources, marked. More than the texts shown is no harm. */
function markedStrings(): Record<string, string> {
  const folder = path.resolve(import.meta.dirname, '../../webview');
  const found = globSync('**/*.ts', { cwd: folder }).flatMap((file) => {
    const source = readFileSync(path.join(folder, file), 'utf8');
    return [...source.matchAll(/'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"/g)].map((match) =>
      (match[1] ?? match[2] ?? '').replaceAll("\\'", "'"),
    );
  });
  return Object.fromEntries(found.filter((text) => /\p{L}/u.test(text)).map((text) => [text, `⟦${text}⟧`]));
}

describe('the language of the panel', function () {
  this.timeout(60_000);
  let browser: Browser;
  let server: PageServer;

  before(async () => {
    [browser, server] = await Promise.all([launchChromium(), servePanel()]);
  });
  after(async () => {
    await browser.close();
    await server.close();
  });

  it('leaves no text of the page untranslated', async () => {
    // At noon nothing of the sample was yesterday: words for days come from the system, not from our strings.
    const noon = new Date().setHours(12, 0, 0, 0);
    const host = await FakeHost.open(browser, server, sampleData(noon), { width: 340, height: 2400 });
    await host.page.clock.setFixedTime(noon);
    await host.load();
    await host.settled();
    await host.send({ type: 'setup', version: '0.1.0', locale: 'en', strings: markedStrings(), machine: 'desk', limitedBy: 'no_folder' });
    await host.page.getByRole('button', { name: 'Filter and group' }).click();
    const pages: { readonly [N in PageName]: readonly PageAddress<N>[] } = {
      work: [{ page: 'work' }],
      queue: [{ page: 'queue' }],
      audit: [{ page: 'audit' }],
      item: [{ page: 'item', key: 'BUG-12' }],
      session: ['session-run', 'session-done', 'session-error'].map((id) => ({ page: 'session', id })),
    };
    const plain = new Set<string>();
    for (const page of Object.values(pages).flat()) {
      await host.go(page);
      const texts = await host.page.evaluate(() => {
        const data = 'bdi, .md, time, code, pre, .key, .labels, .tag, .count, script, style';
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        const found: string[] = [];
        while (walker.nextNode()) if (!walker.currentNode.parentElement?.closest(data)) found.push(walker.currentNode.textContent ?? '');
        for (const element of document.querySelectorAll('[aria-label], [title], [placeholder]'))
          if (!element.closest(data) && !element.matches('.row-title, .file-open, .held, .foot-note'))
            found.push(element.getAttribute('aria-label') ?? '', element.getAttribute('placeholder') ?? '');
        return found;
      });
      for (const text of texts) if (/\p{L}{4}/u.test(text) && !text.includes('⟦')) plain.add(text.trim());
    }
    await host.page.context().close();
    // What is left is the sample's own: agents, people, keys and the facts of a session.
    const ofTheSample = /Codex local|BUG-\d+|The agent said|Look whether/;
    assert.deepEqual(
      [...plain].filter((text) => !ofTheSample.test(text)),
      [],
    );
    assert.deepEqual(host.errors, []);
  });
});
