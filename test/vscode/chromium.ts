/** The browser that drives the editor and the panel's page in tests: the machine's own Chromium. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { chromium, type Browser } from 'playwright-core';

export type { Browser, BrowserContext, Frame, FrameLocator, Locator, Page } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Where Chromium is: `BELAY_CHROMIUM`, else the first of the usual names on PATH. Throws when there is none. */
export function findChromium(): string {
  const named = process.env['BELAY_CHROMIUM'];
  if (named) return named;
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter))
    for (const name of names) if (existsSync(path.join(folder, name))) return path.join(folder, name);
  throw new Error('No Chromium found. Install one, or name it in BELAY_CHROMIUM.');
}

/** Starts a headless Chromium that talks to nobody by itself. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    headless: true,
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
