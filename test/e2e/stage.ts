/** One editor with Belay installed, a sample repository and sample items, for end-to-end tests. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Connection } from '../../client/connection.ts';
import { connectEmbedded } from '../../client/embedded.ts';
import type { Handoff, Session, WorkItem } from '../../protocol/records.ts';
import { fillSampleItems, makeSampleRepository } from '../../scripts/sample.ts';
import { tempFolder } from '../support/repository.ts';
import { until } from '../support/until.ts';
import { launchChromium, type Browser, type FrameLocator, type Page } from '../vscode/chromium.ts';
import { startEditor, type Editor } from '../vscode/server.ts';
import { openContainer, openFolder, runCommand, takePicture } from '../vscode/workbench.ts';
import manifest from '../../package.json' with { type: 'json' };

export const root = path.resolve(import.meta.dirname, '../..');
export const pictures = path.join(root, 'test-results');

/** How long a step of the editor may take on a slow machine. */
const patienceMs = 60_000;

export interface StageOptions {
  readonly workspaceTrust?: boolean;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Files below the home folder that the editor runs with. */
  readonly home?: Readonly<Record<string, string>>;
  /** False: an editor without Belay. */
  readonly belay?: boolean;
  /** Further extensions to install. */
  readonly vsix?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Folders in front of the PATH of the login shell. */
  readonly path?: readonly string[];
}

const installed = new Map<string, string>();

/** Extensions are installed once and used by every editor of this process: to install takes a tenth of a test. */
function extensionsOf(vsix: readonly string[]): { readonly extensions: string; readonly vsix: readonly string[] } {
  const key = vsix.join('\n');
  const known = installed.get(key);
  if (known !== undefined) return { extensions: known, vsix: [] };
  const extensions = mkdtempSync(path.join(tmpdir(), 'belay-extensions-'));
  installed.set(key, extensions);
  process.once('exit', () => {
    rmSync(extensions, { recursive: true, force: true });
  });
  return { extensions, vsix };
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
      ...extensionsOf([...((options.belay ?? true) ? [path.join(root, '.cache', 'belay.vsix')] : []), ...(options.vsix ?? [])]),
      home,
      environment: { BELAY_STATE_DIR: stateDir, ...options.environment },
      workspaceTrust: options.workspaceTrust ?? false,
      ...(options.settings && { settings: options.settings }),
    });
    const browser = await launchChromium();
    const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
    context.setDefaultTimeout(patienceMs);
    const page = await context.newPage();
    return new Stage({ repository, stateDir, editor, connection, browser, page });
  }

  /** Opens the repository and the panel. */
  async openPanel(): Promise<FrameLocator> {
    await openFolder(this.page, this.editor, this.repository);
    await openContainer(this.page, 'Belay');
    return this.panel();
  }

  /** Shows the panel again after another view took its place. */
  async openPanelView(): Promise<void> {
    await openContainer(this.page, 'Belay');
  }

  panel(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  }

  /** Takes the entry with this label in the quick pick that is open: what stands beside and below it may name others. */
  async pick(text: string | RegExp): Promise<void> {
    const label = this.page.locator('.quick-input-list-row:first-child .label-name', { hasText: text });
    await this.page.locator('.quick-input-list .monaco-list-row').filter({ has: label }).first().click();
  }

  async command(title: string): Promise<void> {
    await runCommand(this.page, title);
  }

  /** Returns the picture's file. */
  async picture(name: string, part?: string): Promise<string> {
    const file = path.join(pictures, `${name}.png`);
    await takePicture(this.page, file, part);
    return file;
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
  async sessionWhere(itemId: string, holds: (session: Session) => boolean, timeoutMs = patienceMs): Promise<Session> {
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

  /** Allows what a session asks, as a person would from another window. */
  async connectionAllow(sessionId: string): Promise<void> {
    const { api } = this.connection;
    const stop = AbortSignal.timeout(patienceMs);
    await new Promise<void>((resolve, reject) => {
      const look = () => {
        api
          .listInputs({ query: { session: sessionId, state: ['open'] } })
          .then(async ({ entries: [input] }) => {
            const option = input?.options.find(({ effect }) => effect !== 'deny');
            if (!input || !option) return;
            await api.answerInput({ params: { id: input.id }, body: { optionId: option.id, text: null, actionHash: input.actionHash } });
            resolve();
          })
          .catch(reject);
      };
      stop.addEventListener('abort', () => {
        reject(new Error('Nothing was asked.'));
      });
      this.connection.subscribeWorkspace(look, stop).then(look, reject);
    });
  }

  /** Opens a session's page by the queue, as a person finds it. */
  async showSession(sessionId: string): Promise<void> {
    const session = await this.connection.api.getSession({ params: { id: sessionId } });
    const panel = this.panel();
    await this.command('Belay: Show Queue and Workers');
    // The page that was there until now may name the session, too.
    await panel.locator('belay-queue').waitFor();
    await panel.locator('belay-queue').getByText(session.title).first().click();
  }

  async handoffOf(itemId: string): Promise<Handoff> {
    return until('the hand-off', async () => (await this.connection.api.listHandoffs({ query: { item: itemId } })).entries[0] ?? null);
  }

  /** The private file that a prompt for this target was written to. */
  async promptFile(targetId: string): Promise<string> {
    const folder = path.join(path.dirname(this.stateDir), 'editor/user-data/User/globalStorage/belay.belay/belay-prompts');
    return until('the prompt file', () => {
      const names = existsSync(folder) ? readdirSync(folder) : [];
      const name = names.find((file) => file.endsWith(`-${targetId}.md`));
      return name === undefined ? null : path.join(folder, name);
    });
  }

  /** Pid of a process whose arguments fit. */
  async processWith(fits: (argv: readonly string[]) => boolean): Promise<number> {
    return until('the process', () => processes().find(({ argv }) => fits(argv))?.pid ?? null);
  }

  /** Pid of this editor's extension host. */
  extensionHost(): number {
    const found = processes().find(
      ({ argv, parents }) => argv.some((part) => part.includes('--type=extensionHost')) && parents.includes(this.editor.pid),
    );
    if (!found) throw new Error('No extension host.');
    return found.pid;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.editor.stop();
    // Another than the first one, when a test killed that.
    const { pid } = await this.connection.api.about();
    this.connection.close();
    process.kill(pid, 'SIGTERM');
  }
}

interface Process {
  readonly pid: number;
  readonly argv: readonly string[];
  readonly parents: readonly number[];
}

/** Every process of this machine with its arguments and its line of parents (Linux). */
function processes(): Process[] {
  const parentOf = new Map<number, number>();
  const argvOf = new Map<number, readonly string[]>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      parentOf.set(pid, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
      argvOf.set(pid, readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1));
    } catch {
      continue;
    }
  }
  const line = (pid: number): number[] => {
    const parent = parentOf.get(pid);
    return parent === undefined || parent === 0 ? [] : [parent, ...line(parent)];
  };
  return [...argvOf].map(([pid, argv]) => ({ pid, argv, parents: line(pid) }));
}
