/** What a person does in a page that holds much: 10,000 rows, 10,000 activities. Told are times, and how much was made. */
import { FakeHost, type PageServer } from './fakeHost.ts';
import { floodActivity, manyRows, runningPage } from './fixtures.ts';
import { sampleData } from './sample.ts';
import type { Browser } from '../vscode/chromium.ts';

const size = { width: 340, height: 720 };

export async function openRows(browser: Browser, server: PageServer): Promise<FakeHost> {
  const now = Date.now();
  const host = await FakeHost.open(browser, server, { ...sampleData(now), rows: manyRows(now, 10_000) }, size);
  await host.load();
  await host.page.locator('.row').first().waitFor();
  return host;
}

/** What is typed into the search field: longer, shorter, something else, nothing that is there. */
const typed = 'c,co,cou,coup,coupon,coupon p,coupon,coup,c,,page 99,export,exp,,zzz,'.split(',');

export interface Filtered {
  /** Milliseconds from each key to the page drawn. */
  readonly times: number[];
  /** The most elements that a key made, and that the list had after one. */
  readonly made: number;
  readonly rows: number;
}
export const filterRows = ({ page }: FakeHost): Promise<Filtered> =>
  page.evaluate(async (texts) => {
    const field = document.querySelector<HTMLInputElement>('.search')!;
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const times: number[] = [];
    let made = 0;
    let rows = 0;
    let ofKey = 0;
    const observer = new MutationObserver((records) => {
      for (const { addedNodes } of records) for (const node of addedNodes) ofKey += node instanceof HTMLElement ? 1 : 0;
    });
    observer.observe(document.querySelector('.scroll')!, { childList: true, subtree: true });
    for (const text of texts) {
      const start = performance.now();
      ofKey = 0;
      field.value = text;
      field.dispatchEvent(new Event('input', { bubbles: true }));
      await frame();
      await new Promise((resolve) => setTimeout(resolve, 0));
      times.push(performance.now() - start);
      made = Math.max(made, ofKey);
      rows = Math.max(rows, document.querySelectorAll('.row').length);
    }
    observer.disconnect();
    return { times, made, rows };
  }, typed);

export interface Scrolled {
  /** Milliseconds between the frames. */
  readonly gaps: number[];
  /** Elements made on the way, and the most rows that were in the page at once. */
  readonly made: number;
  readonly rows: number;
}
/** 240 frames: half of them a row or two at a time, half by two screens. */
export const scrollRows = ({ page }: FakeHost): Promise<Scrolled> =>
  page.evaluate(async () => {
    const scroller = document.querySelector('.scroll')!;
    const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
    const gaps: number[] = [];
    let made = 0;
    let rows = 0;
    const observer = new MutationObserver((records) => {
      for (const { addedNodes } of records) for (const node of addedNodes) made += node instanceof HTMLElement ? 1 : 0;
    });
    observer.observe(scroller, { childList: true, subtree: true });
    let last = await frame();
    for (let i = 0; i < 240; i += 1) {
      scroller.scrollTop += i < 120 ? 90 : 1400;
      const at = await frame();
      gaps.push(at - last);
      rows = Math.max(rows, document.querySelectorAll('.row').length);
      last = at;
    }
    observer.disconnect();
    return { gaps, made, rows };
  });

export interface Flooded {
  /** Milliseconds from a key to the page hearing of it, and to the page drawn after it. */
  readonly delays: number[];
  readonly paints: number[];
  /** What the box that was typed into says at the end. */
  readonly box: string;
}
/** A session with 8,000 activities, to which 2,000 more come at 200 a second while a person types 100 letters. */
export async function floodSession(browser: Browser, server: PageServer): Promise<{ host: FakeHost; flooded: Flooded }> {
  const now = Date.now();
  const data = sampleData(now);
  const id = 'session-run';
  data.sessions[id] = runningPage(now, []);
  data.activities[id] = [];
  const host = await FakeHost.open(browser, server, data, size);
  await host.load();
  await host.send({ type: 'navigate', page: { page: 'session', id }, focus: 'none' });
  const box = host.page.getByRole('textbox', { name: 'Add a message to this run' });
  await box.waitFor();
  const all = Array.from({ length: 10_000 }, (_, i) => floodActivity(id, i + 1, now + i));
  for (let i = 0; i < 8000; i += 500)
    await host.send({ type: 'activities', sessionId: id, reset: i === 0, entries: all.slice(i, i + 500) });
  await host.page.locator('.event').first().waitFor();
  await host.page.evaluate(
    ({ entries, sessionId }) => {
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
        for (; sent < due; sent += 1) window.postMessage({ type: 'activities', sessionId, reset: false, entries: [entries[sent]] }, '*');
        if (sent < entries.length) return;
        clearInterval(timer);
        Object.assign(window, { isDone: true });
      }, 5);
    },
    { entries: all.slice(8000) as unknown[], sessionId: id },
  );
  await box.focus();
  for (let i = 0; i < 100; i += 1) await host.page.keyboard.press('a', { delay: 40 });
  await host.page.waitForFunction(() => (window as unknown as { isDone: boolean }).isDone);
  const kept = await host.page.evaluate(() => {
    const { delays, paints } = window as unknown as { delays: number[]; paints: number[] };
    return { delays, paints };
  });
  return { host, flooded: { ...kept, box: await box.inputValue() } };
}
