/** `npm run -s bench:panel`: what 10,000 rows and 10,000 activities cost the panel's page, in a browser that draws by processor. */
import { launchChromium } from '../vscode/chromium.ts';
import { servePanel, type FakeHost } from '../webview/fakeHost.ts';
import { filterRows, floodSession, openRows, scrollRows } from '../webview/load.ts';
import { median, percentile } from './figures.ts';

const rounds = 5;
/** A frame later than this after the last: the one between was dropped, and the next one too. */
const twoFramesMs = 2.5 * (1000 / 60);

/** Gives how many milliseconds of processor time the page's main thread used since. */
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

const browser = await launchChromium();
const server = await servePanel();
const found: Record<string, number[]> = {};
const note = (name: string, value: number): void => {
  (found[name] ??= []).push(value);
};

for (let round = 0; round < rounds; round += 1) {
  const rows = await openRows(browser, server);
  const cpu = await mainThreadTime(rows);
  const { times } = await filterRows(rows);
  const filtered = await cpu();
  const { gaps } = await scrollRows(rows);
  note('filterWorkMs', filtered / times.length);
  note('filterToPaintP95Ms', percentile(times, 95));
  note('scrollWorkMs', ((await cpu()) - filtered) / gaps.length);
  note('frameP95Ms', percentile(gaps, 95));
  note('droppedTwice', gaps.filter((gap) => gap > twoFramesMs).length / gaps.length);
  await rows.page.context().close();
  const { host, flooded } = await floodSession(browser, server);
  note('inputDelayP95Ms', percentile(flooded.delays, 95));
  note('keyToPaintP95Ms', percentile(flooded.paints, 95));
  await host.page.context().close();
  console.log(`round ${round + 1}: ${JSON.stringify(Object.fromEntries(Object.entries(found).map(([name, all]) => [name, all.at(-1)])))}`);
}
await browser.close();
await server.close();
const middle = Object.fromEntries(Object.entries(found).map(([name, all]) => [name, Number(median(all).toFixed(2))]));
console.log(JSON.stringify({ rounds, ...middle }));
process.exit(0);
