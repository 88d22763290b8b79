/** One editor with Belay installed, a sample repository and sample items, for end-to-end tests. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { connectEmbedded, type Connection } from '../../client/connection.ts';
import type { Session, WorkItem } from '../../protocol/records.ts';
import { fillSampleItems, makeSampleRepository } from '../../scripts/sample.ts';
import { tempFolder } from '../support/repository.ts';
import { launchChromium, type Browser, type FrameLocator, type Page } from '../vscode/chromium.ts';
import { folderUrl, startEditor, type Editor } from '../vscode/server.ts';
import manifest from '../../package.json' with { type: 'json' };

export const root = path.resolve(import.meta.dirname, '../..');
export const pictures = path.join(root, 'test-results');

export interface StageOptions {
  readonly workspaceTrust?: boolean;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Files below the home folder that the editor runs with. */
  readonly home?: Readonly<Record<string, string>>;
  /** Further extensions to install. */
  readonly vsix?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Folders in front of the PATH of the login shell. */
  readonly path?: readonly string[];
}

export class Stage {
  readonly repository: string;
  readonly stateDir: string;
  readonly editor: Editor;
  readonly connection: Connection;
  readonly browser: Browser;
  page: Page;
  private constructor(parts: Pick<Stage, 'repository' | 'stateDir' | 'editor' | 'connection' | 'browser' | 'page'>) {
    this.repository = parts.repository;
    this.stateDir = parts.stateDir;
    this.editor = parts.editor;
    this.connection = parts.connection;
    this.browser = parts.browser;
    this.page = parts.page;
  }

  static async open(options: StageOptions = {}): Promise<Stage> {
    const folder = tempFolder('belay-e2e-');
    const home = path.join(folder, 'home');
    for (const [name, text] of Object.entries(options.home ?? {})) {
      mkdirSync(path.dirname(path.join(home, name)), { recursive: true });
      writeFileSync(path.join(home, name), text);
    }
    mkdirSync(home, { recursive: true });
    writeFileSync(path.join(home, '.bash_profile'), `export PATH=${[...(options.path ?? []), process.env['PATH'] ?? ''].join(':')}\n`);
    const repository = path.join(folder, 'sample-shop');
    mkdirSync(repository);
    makeSampleRepository(repository);
    const stateDir = path.join(folder, 'state');
    const connection = await connectEmbedded({
      stateDir,
      program: 'test',
      version: manifest.version,
      platformBundle: path.join(root, 'dist', 'platform.mjs'),
      leaseProfile: 'fast',
    });
    await fillSampleItems(connection.api, connection.about.memberId);
    const editor = await startEditor({
      folder: path.join(folder, 'editor'),
      vsix: [path.join(root, '.cache', 'belay.vsix'), ...(options.vsix ?? [])],
      home,
      environment: { BELAY_STATE_DIR: stateDir, ...options.environment },
      workspaceTrust: options.workspaceTrust ?? false,
      ...(options.settings && { settings: options.settings }),
    });
    const browser = await launchChromium();
    const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
    const page = await context.newPage();
    return new Stage({ repository, stateDir, editor, connection, browser, page });
  }

  /** Opens the repository and the panel. */
  async openPanel(): Promise<FrameLocator> {
    await this.page.goto(folderUrl(this.editor, this.repository));
    await this.page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
    await this.page.locator('.activitybar a[aria-label^="Belay"]').first().click({ timeout: 60_000 });
    return this.panel();
  }

  panel(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  }

  /** Takes the entry with this text in the quick pick that is open. */
  async pick(text: string | RegExp): Promise<void> {
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first().click({ timeout: 20_000 });
  }

  async command(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    await this.page.locator('.quick-input-widget input').first().fill(`>${title}`);
    await this.pick(title);
  }

  async picture(name: string): Promise<void> {
    mkdirSync(pictures, { recursive: true });
    await this.page.screenshot({ path: path.join(pictures, `${name}.png`) });
  }

  async item(title: string): Promise<WorkItem> {
    const { entries } = await this.connection.api.listItems({ query: { q: title, limit: 10 } });
    const found = entries.find((entry) => entry.title.includes(title));
    if (!found) throw new Error(`No item "${title}".`);
    return found;
  }

  async sessions(itemId: string): Promise<Session[]> {
    return (await this.connection.api.listSessions({ query: { item: itemId, limit: 50 } })).entries;
  }

  /** Waits for the platform's own events until `holds` is true of the newest session of the item. */
  async sessionWhere(itemId: string, holds: (session: Session) => boolean, timeoutMs = 60_000): Promise<Session> {
    const stop = AbortSignal.timeout(timeoutMs);
    return new Promise((resolve, reject) => {
      let last: Session | undefined;
      const look = () => {
        this.sessions(itemId).then(([newest]) => {
          last = newest;
          if (newest && holds(newest)) resolve(newest);
        }, reject);
      };
      stop.addEventListener('abort', () => {
        reject(new Error(`The session did not get there: ${last?.state ?? 'none'} ${last?.error?.message ?? ''}`));
      });
      this.connection.subscribeWorkspace(look, stop).then(look, reject);
    });
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.editor.stop();
    const { pid } = this.connection.about;
    this.connection.close();
    process.kill(pid, 'SIGTERM');
  }
}
