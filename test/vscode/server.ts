/** A real VS Code workbench and extension host on loopback: code-server with quiet settings and folders of its own. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/freePort.ts';

const here = path.dirname(fileURLToPath(import.meta.url));
const entry = path.join(here, 'node_modules', 'code-server', 'out', 'node', 'entry.js');

export interface EditorOptions {
  /** Keeps user data, the log, and the extensions unless they have a folder of their own. */
  readonly folder: string;
  readonly extensions?: string;
  /** Extensions to install before the start. */
  readonly vsix: readonly string[];
  /** The home of everything started in the editor: never the person's own in tests. */
  readonly home: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Ask for trust in folders, as the desktop does. */
  readonly workspaceTrust: boolean;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly port?: number;
  /** Lets a test run mocha inside the extension host. */
  readonly smokeTestDriver?: boolean;
}

export interface Editor {
  readonly port: number;
  readonly origin: string;
  readonly pid: number;
  readonly logFile: string;
  stop(): Promise<void>;
}

const quiet: Readonly<Record<string, unknown>> = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.tips.enabled': false,
  'workbench.editor.useModal': 'off',
  'workbench.enableExperiments': false,
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  'git.openRepositoryInParentFolders': 'never',
  'security.workspace.trust.startupPrompt': 'always',
  'window.commandCenter': false,
  'workbench.colorTheme': 'Default Dark Modern',
};

/** Starts it and waits until it answers. Throws with the end of its log when it does not. */
export async function startEditor(options: EditorOptions): Promise<Editor> {
  if (!existsSync(entry)) throw new Error('The editor is not installed: run "node scripts/prepare.mjs test" once.');
  const userData = path.join(options.folder, 'user-data');
  const extensions = options.extensions ?? path.join(options.folder, 'extensions');
  mkdirSync(path.join(userData, 'User'), { recursive: true });
  mkdirSync(path.join(userData, 'Machine'), { recursive: true });
  mkdirSync(extensions, { recursive: true });
  const config = path.join(options.folder, 'code-server.yaml');
  writeFileSync(config, 'cert: false\n');
  writeFileSync(path.join(userData, 'User', 'settings.json'), JSON.stringify({ ...quiet, ...options.settings }, null, 1));
  // Settings of machine scope count only where the extension host's machine keeps its own.
  writeFileSync(path.join(userData, 'Machine', 'settings.json'), JSON.stringify(options.settings ?? {}, null, 1));

  const environment = cleanEnvironment(options);
  const common = ['--config', config, '--user-data-dir', userData, '--extensions-dir', extensions];
  for (const vsix of options.vsix) {
    const installed = spawnSync(process.execPath, [entry, ...common, '--install-extension', vsix, '--force'], {
      env: environment,
      encoding: 'utf8',
    });
    if (installed.status !== 0) throw new Error(`The extension was not installed:\n${installed.stdout}${installed.stderr}`);
  }

  for (let tries = 1; ; tries += 1) {
    try {
      return await startOn(options.port ?? (await freePort()), common, environment, options);
    } catch (error) {
      // Whoever else looked for a free port a moment ago may have taken it first.
      const taken = options.port === undefined && error instanceof Error && error.message.includes('EADDRINUSE');
      if (!taken || tries === mostTries) throw error;
    }
  }
}

const mostTries = 5;

async function startOn(
  port: number,
  common: readonly string[],
  environment: Record<string, string>,
  options: EditorOptions,
): Promise<Editor> {
  const logFile = path.join(options.folder, 'code-server.log');
  const log = createWriteStream(logFile, { flags: 'a' });
  const child = spawn(
    process.execPath,
    [
      entry,
      ...common,
      '--bind-addr',
      `127.0.0.1:${port}`,
      '--auth',
      'none',
      '--disable-telemetry',
      '--disable-update-check',
      '--disable-getting-started-override',
      ...(options.workspaceTrust ? [] : ['--disable-workspace-trust']),
      ...(options.smokeTestDriver ? ['--vscode-option', 'enable-smoke-test-driver'] : []),
    ],
    { env: environment, stdio: ['ignore', 'pipe', 'pipe'], detached: true, cwd: options.folder },
  );
  let tail = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      log.write(chunk);
      tail = (tail + chunk.toString('utf8')).slice(-4000);
    });
  }
  const editor = { port, origin: `http://127.0.0.1:${port}`, pid: child.pid ?? 0, logFile, stop: () => stop(child, log) };
  try {
    await answers(editor.origin, child);
  } catch (error) {
    await editor.stop();
    throw new Error(`The editor did not start: ${String(error)}\n${tail}`, { cause: error });
  }
  return editor;
}

/** Address of a folder in the editor. `payload` passes options to the workbench. */
export function folderUrl(editor: Editor, folder: string, payload: readonly (readonly [string, string])[] = []): string {
  const query = new URLSearchParams({ folder });
  if (payload.length > 0) query.set('payload', JSON.stringify(payload));
  return `${editor.origin}/?${query.toString()}`;
}

function cleanEnvironment(options: EditorOptions): Record<string, string> {
  const keep = ['PATH', 'LANG', 'TZ'].flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]] as const]));
  return {
    ...Object.fromEntries(keep),
    HOME: options.home,
    SHELL: '/bin/bash',
    XDG_STATE_HOME: path.join(options.home, '.local', 'state'),
    ...options.environment,
  };
}

async function answers(origin: string, child: ChildProcess): Promise<void> {
  const until = performance.now() + 60_000;
  while (performance.now() < until) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    const reply = await fetch(`${origin}/healthz`).catch(() => null);
    if (reply?.ok) return;
    await delay(100);
  }
  throw new Error('no answer for a minute');
}

const graceMs = 5_000;
/** After this a process that was killed and is still listed is one that nobody collects. */
const killedMs = 10_000;

/** Ends the whole group that was started, and nothing else. What its first process started may end after it. */
async function stop({ pid }: ChildProcess, log: NodeJS.WritableStream): Promise<void> {
  if (pid !== undefined && signalGroup(pid, 'SIGTERM')) {
    const begun = performance.now();
    const forced = setTimeout(() => signalGroup(pid, 'SIGKILL'), graceMs);
    while (signalGroup(pid, 0) && performance.now() - begun < graceMs + killedMs) await delay(20);
    clearTimeout(forced);
  }
  log.end();
}

/** False when nothing of the group is left. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}
