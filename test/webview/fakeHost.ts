/**
 * The panel's page in a plain browser: built files over loopback under the page's own content policy, the
 * editor's theme values, and a host made of sample data. Every message, both ways, is checked by the contract.
 */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Activity } from '../../protocol/activities.ts';
import {
  PanelCall,
  PanelNotice,
  panelRequests,
  type PanelNoticeOf,
  type PanelProblem,
  type PanelRequestName,
} from '../../protocol/panel.ts';
import {
  PanelPage,
  type AuditPage,
  type ItemPage,
  type ItemRow,
  type PageAddress,
  type PageSnapshot,
  type QueuePage,
  type SessionPage,
  type SnapshotPage,
} from '../../protocol/panelPages.ts';
import type { Browser, Page } from '../vscode/chromium.ts';
import themes from './themes.json' with { type: 'json' };

export type ThemeName = keyof typeof themes;
const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
const types: Record<string, string> = { '.js': 'text/javascript', '.css': 'text/css', '.ttf': 'font/ttf', '.map': 'application/json' };

/** What VS Code itself puts before a webview's own styles. */
const editorStyles = `@layer vscode-default {
  body { margin: 0; padding: 0 20px; color: var(--vscode-editor-foreground); background: transparent; font: 13px var(--vscode-font-family) }
  code { color: var(--vscode-textPreformat-foreground); background: var(--vscode-textPreformat-background); padding: 1px 3px; border-radius: 4px }
  a { color: var(--vscode-textLink-foreground) }
}`;

function html(theme: ThemeName, nonce: string, origin: string): string {
  const { bodyClass, kind, variables } = themes[theme];
  const values = Object.entries(variables).map(([name, value]) => `${name}:${value}`);
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${origin} 'nonce-${nonce}'; font-src ${origin}; img-src ${origin} data:`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Belay</title>
<meta http-equiv="Content-Security-Policy" content="${policy}">
<style nonce="${nonce}">:root{${values.join(';')}}${editorStyles}</style>
<link rel="stylesheet" href="/panel.css">
<script nonce="${nonce}">
  let state = JSON.parse(sessionStorage.getItem('state') ?? 'null');
  window.violations = [];
  document.addEventListener('securitypolicyviolation', (e) => window.violations.push(e.violatedDirective + ' ' + e.blockedURI + ' ' + e.sample));
  window.acquireVsCodeApi = () => ({
    postMessage: (message) => { window.toHost(JSON.stringify(message)); },
    getState: () => state,
    setState: (next) => { state = next; sessionStorage.setItem('state', JSON.stringify(next)); },
  });
</script></head>
<body class="${bodyClass}" data-vscode-theme-kind="${kind}"><script type="module" nonce="${nonce}" src="/panel.js"></script></body></html>`;
}

export interface PageServer {
  readonly origin: string;
  close(): Promise<void>;
}

/** The built page as it is now: a build that runs beside the tests does not pull it away from under them. */
async function builtFiles(): Promise<Map<string, Buffer>> {
  const folder = path.join(root, 'dist/webview');
  const names = await readdir(folder);
  return new Map(await Promise.all(names.map(async (name) => [`/${name}`, await readFile(path.join(folder, name))] as const)));
}

export async function servePanel(): Promise<PageServer> {
  const files = await builtFiles();
  const server: Server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const content = files.get(url.pathname);
    if (url.pathname === '/') {
      response.setHeader('content-type', 'text/html');
      response.end(html((url.searchParams.get('theme') ?? 'dark') as ThemeName, 'n0nce', origin));
    } else if (content) {
      response.setHeader('content-type', types[path.extname(url.pathname)] ?? 'application/octet-stream');
      response.end(content);
    } else {
      response.statusCode = url.pathname === '/favicon.ico' ? 204 : 404;
      response.end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export interface Data {
  rows: ItemRow[];
  items: Record<string, ItemPage>;
  sessions: Record<string, SessionPage>;
  activities: Record<string, Activity[]>;
  queue: QueuePage;
  audit: AuditPage;
}
/** Where the snapshot of each page is in the data. */
const snapshots: { readonly [N in SnapshotPage]: (of: PageAddress<N>, data: Data) => PageSnapshot<N> | undefined } = {
  queue: (_, { queue }) => queue,
  audit: (_, { audit }) => audit,
  item: ({ key }, { items }) => items[key],
  session: ({ id }, { sessions }) => sessions[id],
};
interface Call {
  readonly name: PanelRequestName;
  readonly params: Record<string, unknown>;
}
type Answer = (params: Record<string, unknown>) => unknown;

/** One open page and the host behind it. */
export class FakeHost {
  readonly page: Page;
  readonly data: Data;
  readonly calls: Call[] = [];
  readonly errors: string[] = [];
  /** Answers of single requests; others are answered from the data, or with `{}`. May throw a problem. */
  readonly answers: Partial<Record<PanelRequestName, Answer>> = {};
  readonly #origin: string;
  readonly #waiting: (() => void)[] = [];
  readonly #answering = new Set<Promise<void>>();

  private constructor(page: Page, data: Data, origin: string) {
    this.page = page;
    this.data = data;
    this.#origin = origin;
  }

  static async open(browser: Browser, server: PageServer, data: Data, size: { width: number; height: number }): Promise<FakeHost> {
    const context = await browser.newContext({ viewport: size });
    const page = await context.newPage();
    const host = new FakeHost(page, data, server.origin);
    page.on('pageerror', (error) => host.errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') host.errors.push(message.text());
    });
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(server.origin) && !url.startsWith('data:')) host.errors.push(`outside request: ${url}`);
    });
    await page.exposeFunction('toHost', (text: string) => {
      const answering = host.#take(text).finally(() => host.#answering.delete(answering));
      host.#answering.add(answering);
      return answering;
    });
    return host;
  }

  async load(theme: ThemeName = 'dark'): Promise<void> {
    const loads = this.called('ready').length;
    await this.page.goto(`${this.#origin}/?theme=${theme}`);
    await this.page.locator('belay-panel > .page').waitFor();
    await this.waitForCall('ready', loads + 1);
  }

  /** Makes the page this many times slower than the machine is. */
  async slowDown(rate: number): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page);
    await session.send('Emulation.setCPUThrottlingRate', { rate });
  }

  /** Sends notices, each checked; several in one go arrive in one turn of the page. */
  async send(...notices: PanelNotice[]): Promise<void> {
    for (const notice of notices) PanelNotice.parse(notice);
    await this.page.evaluate((list) => {
      for (const notice of list) window.postMessage(notice, '*');
    }, notices as unknown[]);
  }

  called(name: PanelRequestName): Call[] {
    return this.calls.filter((call) => call.name === name);
  }

  /** Waits until the page has made `count` calls of this name; gives the last of them. */
  async waitForCall(name: PanelRequestName, count = 1): Promise<Call> {
    while (this.called(name).length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.called(name).at(-1)!;
  }

  /** Asks the page to go there, and waits until it is there and has drawn what it was given. */
  async go(page: PanelPage, focus: PanelNoticeOf<'navigate'>['focus'] = 'none'): Promise<void> {
    const shown = this.called('show').length;
    await this.send({ type: 'navigate', page, focus });
    await this.waitForCall('show', shown + 1);
    await this.settled();
  }

  /** Waits until every call so far is answered and the page has drawn it. */
  async settled(): Promise<void> {
    await Promise.all(this.#answering);
    await this.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  }

  /** Sends what belongs to the page at this address. */
  async snapshots(of: PanelPage): Promise<void> {
    const { data } = this;
    if (of.page === 'work') return;
    const snapshot = (snapshots[of.page] as (of: PanelPage, data: Data) => unknown)(of, data) ?? null;
    await this.send({ type: 'page', of, snapshot, problem: snapshot ? null : notFound } as PanelNotice);
    if (of.page !== 'session') return;
    const entries = data.activities[of.id] ?? [];
    await this.send({ type: 'activities', sessionId: of.id, reset: true, entries: entries.slice(-500) });
  }

  async #take(text: string): Promise<void> {
    const call = PanelCall.parse(JSON.parse(text));
    const params = panelRequests[call.name].params.parse(call.params) as Record<string, unknown>;
    this.calls.push({ name: call.name, params });
    for (const wake of this.#waiting.splice(0)) wake();
    try {
      const result = await this.#answer(call.name, params);
      panelRequests[call.name].reply.parse(result);
      await this.send({ type: 'reply', id: call.id, result });
    } catch (error) {
      const problem = error as PanelProblem;
      assert.equal(typeof problem.code, 'string', String(error));
      await this.send({ type: 'reply', id: call.id, problem });
    }
  }

  async #answer(name: PanelRequestName, params: Record<string, unknown>): Promise<unknown> {
    const custom = this.answers[name];
    if (custom) return (await custom(params)) ?? {};
    if (name === 'ready') {
      await this.send(
        { type: 'setup', version: '0.1.0', locale: 'en', strings: {}, machine: 'desk', limitedBy: null },
        { type: 'connection', connection: { state: 'online', asOf: Date.now(), problem: null } },
        { type: 'worker', worker: { on: true, running: 1, capacity: 2, note: null, canToggle: true } },
        { type: 'rows', rows: this.data.rows, needs: this.data.rows.reduce((sum, { needs }) => sum + needs, 0) },
      );
    }
    if (name === 'ready' || name === 'show') await this.snapshots(PanelPage.parse(params['page']));
    if (name === 'createItem') return { key: 'TODO-99' };
    if (name === 'loadActivities') {
      const all = this.data.activities[String(params['sessionId'])] ?? [];
      return { entries: all.filter((one) => one.seq < Number(params['before'])).slice(-500) };
    }
    return {};
  }
}

const notFound: PanelProblem = {
  code: 'not_found',
  message: 'There is no such thing here.',
  hint: 'It may have been deleted.',
  canRetry: true,
};
