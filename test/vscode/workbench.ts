/** What a person does around the panel, played in the browser: themes, widths, trust, commands, pictures. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Frame, Page } from './chromium.ts';
import { folderUrl, type Editor } from './server.ts';

export type Theme = 'dark' | 'light' | 'hcDark' | 'hcLight';

/** The theme's name in the picker, and the class that the workbench has when it is on. */
const themes: Record<Theme, { readonly name: string; readonly workbench: string }> = {
  dark: { name: 'Dark Modern', workbench: 'vs-dark' },
  light: { name: 'Light Modern', workbench: 'vs' },
  hcDark: { name: 'Dark High Contrast', workbench: 'hc-black' },
  hcLight: { name: 'Light High Contrast', workbench: 'hc-light' },
};

/** Opens a folder and waits for the workbench. */
export async function openFolder(page: Page, editor: Editor, folder: string): Promise<void> {
  await page.goto(folderUrl(editor, folder));
  await page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
}

/** Answers the question whether the folder's authors are trusted; it must be on the screen or about to be. */
export async function answerTrust(page: Page, trusted: boolean): Promise<void> {
  const dialog = page.locator('.monaco-dialog-box');
  await dialog.waitFor({ timeout: 60_000 });
  await dialog.locator('.monaco-button', { hasText: trusted ? /^Yes/ : /^No/ }).click();
  await dialog.waitFor({ state: 'detached' });
}

/** Switches the theme as a person does and waits until the workbench wears it. */
export async function setTheme(page: Page, theme: Theme): Promise<void> {
  const { name, workbench } = themes[theme];
  await runCommand(page, 'Preferences: Color Theme');
  const input = page.locator('.quick-input-widget input[placeholder*="Color Theme"]');
  await input.fill(name);
  await page
    .locator('.quick-input-list .monaco-list-row')
    .filter({ has: page.getByText(name, { exact: true }) })
    .first()
    .click({ timeout: 20_000 });
  await page.locator(`.monaco-workbench.${workbench}`).waitFor({ timeout: 20_000 });
}

/** Drags the side bar's edge until it is this wide, in px. The window must be at least 300 px wider. */
export async function setSideBarWidth(page: Page, width: number): Promise<void> {
  const sideBar = page.locator('.part.sidebar');
  const box = await sideBar.boundingBox();
  if (!box) throw new Error('The side bar is not visible.');
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width, y);
  await page.mouse.down();
  await page.mouse.move(box.x + width, y, { steps: 5 });
  await page.mouse.up();
  const now = await sideBar.boundingBox();
  if (!now || Math.abs(now.width - width) > 3) throw new Error(`The side bar is ${now?.width ?? 0} px wide instead of ${width} px.`);
}

/** Opens the view container with this title by its icon in the activity bar. */
export async function openContainer(page: Page, title: string): Promise<void> {
  const icon = page.locator(`.activitybar a.action-label[aria-label^="${title}"]`).first();
  await icon.waitFor({ timeout: 60_000 });
  const isOpen = await icon.evaluate((one: { closest(selector: string): unknown }) => one.closest('.checked') !== null);
  if (!isOpen) await icon.click();
}

/** The frame of the webview that shows `selector`; there may be several webviews, and their frames come and go. */
export async function webviewFrame(page: Page, selector: string, timeoutMs = 60_000): Promise<Frame> {
  const until = Date.now() + timeoutMs;
  while (Date.now() < until) {
    for (const frame of page.frames()) {
      const count = await frame
        .locator(selector)
        .count()
        .catch(() => 0);
      if (frame !== page.mainFrame() && count > 0) return frame;
    }
    await page.waitForTimeout(50);
  }
  throw new Error(`No webview shows "${selector}".`);
}

/** The panel's page. */
export function panelFrame(page: Page): Promise<Frame> {
  return webviewFrame(page, 'belay-panel > .page');
}

/** Runs a command by its title in the palette. */
export async function runCommand(page: Page, title: string): Promise<void> {
  const input = page.locator('.quick-input-widget input').first();
  const row = page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first();
  const until = Date.now() + 60_000;
  for (;;) {
    // While a page of the workbench still loads, the key goes nowhere; while a list before it still closes, it takes this one along.
    await page.keyboard.press('F1');
    try {
      await input.fill(`>${title}`, { timeout: 2_000 });
      await row.click({ timeout: 10_000 });
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
    }
  }
}

/** Takes a picture of the whole window, or of one part of it. */
export async function takePicture(page: Page, file: string, part?: string): Promise<void> {
  mkdirSync(path.dirname(file), { recursive: true });
  if (part === undefined) await page.screenshot({ path: file });
  else await page.locator(part).first().screenshot({ path: file });
}
