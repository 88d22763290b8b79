import assert from 'node:assert/strict';
import { launchChromium, type Browser } from '../vscode/chromium.ts';
import { FakeHost, servePanel, type PageServer } from './fakeHost.ts';
import { floodActivity, manyRows, runningPage } from './fixtures.ts';
import { sampleData } from './sample.ts';

/** The middle and the 95th of a hundred. */
const share = (values: readonly number[], part: number): number => [...values].sort((a, b) => a - b)[Math.floor(values.length * part)] ?? 0;

/** Gives how many milliseconds of processor time the page's main thread used since, however busy the machine is. */
async function mainThreadTime({ page }: FakeHost): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const now = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics');
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1000;
  };
  const start = await now();
  return async () => (await now()) - start;
}

describe('the panel under load', function () {
  this.timeout(120_000);
  let browser: Browser;
  let server: PageServer;
  let host: FakeHost;
  const now = Date.now();

  before(async () => {
    [browser, server] = await Promise.all([launchChromium(), servePanel()]);
  });
  after(async () => {
    await browser.close();
    await server.close();
  });
  afterEach(() => host.page.context().close());

  it('filters 10,000 rows with at most 50 ms of work a key press', async () => {
    host = await FakeHost.open(browser, server, { ...sampleData(now), rows: manyRows(now, 10_000) }, { width: 340, height: 720 });
    await host.load();
    await host.page.locator('.row').first().waitFor();
    const cpu = await mainThreadTime(host);
    const took = await host.page.evaluate(async () => {
      const field = document.querySelector<HTMLInputElement>('.search')!;
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      const times: number[] = [];
      for (const text of [
        'c',
        'co',
        'cou',
        'coup',
        'coupon',
        'coupon p',
        'coupon',
        'coup',
        'c',
        '',
        'page 99',
        'export',
        'exp',
        '',
        'zzz',
        '',
      ]) {
        const start = performance.now();
        field.value = text;
        field.dispatchEvent(new Event('input', { bubbles: true }));
        await frame();
        await new Promise((resolve) => setTimeout(resolve, 0));
        times.push(performance.now() - start);
      }
      return times;
    });
    const work = (await cpu()) / took.length;
    console.log(
      `      filter 10,000 rows: ${work.toFixed(1)} ms of work a key; to paint p50 ${share(took, 0.5).toFixed(1)} ms, p95 ${share(took, 0.95).toFixed(1)} ms`,
    );
    assert.ok(work <= 50, `${work} ms of work a key`);
  });

  it('scrolls 10,000 rows with work that fits into a frame', async () => {
    host = await FakeHost.open(browser, server, { ...sampleData(now), rows: manyRows(now, 10_000) }, { width: 340, height: 720 });
    await host.load();
    await host.page.locator('.row').first().waitFor();
    const cpu = await mainThreadTime(host);
    const gaps = await host.page.evaluate(async () => {
      const scroller = document.querySelector('.scroll')!;
      const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
      const found: number[] = [];
      let last = await frame();
      for (let i = 0; i < 240; i += 1) {
        scroller.scrollTop += i < 120 ? 90 : 1400;
        const at = await frame();
        found.push(at - last);
        last = at;
      }
      return found;
    });
    const work = (await cpu()) / gaps.length;
    console.log(
      `      scrolling: ${work.toFixed(1)} ms of work a frame; frames p50 ${share(gaps, 0.5).toFixed(1)} ms, p95 ${share(gaps, 0.95).toFixed(1)} ms`,
    );
    assert.ok((await host.page.locator('.row').count()) > 10);
    assert.ok(work <= 12, `${work} ms of work a frame`);
  });

  it('answers the keyboard while 10,000 activities arrive at 200 a second', async () => {
    const data = sampleData(now);
    data.sessions['session-run'] = runningPage(now, []);
    data.activities['session-run'] = [];
    host = await FakeHost.open(browser, server, data, { width: 340, height: 720 });
    await host.load();
    await host.send({ type: 'navigate', page: { page: 'session', id: 'session-run' }, focus: 'none' });
    const box = host.page.getByRole('textbox', { name: 'Add a message to this run' });
    await box.waitFor();
    const first = Array.from({ length: 8000 }, (_, i) => floodActivity('session-run', i + 1, now + i));
    for (let i = 0; i < first.length; i += 500)
      await host.send({ type: 'activities', sessionId: 'session-run', reset: i === 0, entries: first.slice(i, i + 500) });
    await host.page.locator('.event').first().waitFor();
    const rest = Array.from({ length: 2000 }, (_, i) => floodActivity('session-run', 8001 + i, now + 8001 + i));
    await host.page.evaluate((entries) => {
      const delays: number[] = [];
      const paints: number[] = [];
      Object.assign(window, { delays, paints, isDone: false });
      window.addEventListener(
        'keydown',
        (event) => {
          delays.push(performance.now() - event.timeStamp);
          requestAnimationFrame(() => setTimeout(() => paints.push(performance.now() - event.timeStamp), 0));
        },
        { capture: true },
      );
      let sent = 0;
      const start = performance.now();
      const timer = setInterval(() => {
        const due = Math.min(entries.length, Math.floor((performance.now() - start) / 5));
        for (; sent < due; sent += 1)
          window.postMessage({ type: 'activities', sessionId: 'session-run', reset: false, entries: [entries[sent]] }, '*');
        if (sent < entries.length) return;
        clearInterval(timer);
        Object.assign(window, { isDone: true });
      }, 5);
    }, rest as unknown[]);
    await box.focus();
    for (let i = 0; i < 100; i += 1) await host.page.keyboard.press('a', { delay: 40 });
    await host.page.waitForFunction(() => (window as unknown as { isDone: boolean }).isDone);
    const { delays, paints } = await host.page.evaluate(() => {
      const kept = window as unknown as { delays: number[]; paints: number[] };
      return { delays: kept.delays, paints: kept.paints };
    });
    console.log(
      `      input delay at 200/s: p50 ${share(delays, 0.5).toFixed(1)} ms, p95 ${share(delays, 0.95).toFixed(1)} ms; key to paint p95 ${share(paints, 0.95).toFixed(1)} ms`,
    );
    assert.ok(share(delays, 0.95) <= 50, `p95 ${share(delays, 0.95)} ms`);
    await host.page.getByText('Message 10000').waitFor();
    assert.ok((await host.page.locator('.virtual-entry').count()) < 120);
  });
});
