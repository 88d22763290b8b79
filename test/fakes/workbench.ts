/** A whole Belay for a test: a real platform on a socket, a real git repository, a worker with the agents asked for. */
import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { platformHttp } from '../../transport/http.ts';
import type { Activity } from '../../protocol/activities.ts';
import type { Session, SessionMode } from '../../protocol/records.ts';
import { isFinal } from '../../protocol/states.ts';
import { createApi, type BelayApi } from '../../protocol/typedClient.ts';
import { practiceAgent } from '../../worker/agents/discovery.ts';
import { createWorker, type OfferedAgent, type WaitingWorkflow, type Worker } from '../../worker/loop/worker.ts';
import { endTree } from '../../worker/run/processes.ts';
import type { AgentLaunch } from '../../worker/agents/base/launch.ts';
import type { RunSettings } from '../../worker/run/spec.ts';
import { fileOf, ready } from '../support/programs.ts';

export const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
const runtime = process.execPath;

export interface WorkbenchOptions {
  readonly agents?: readonly OfferedAgent[];
  readonly settings?: Partial<RunSettings>;
  readonly capacity?: number;
  /** The run host to use; default the one that ships. */
  readonly runHost?: string;
  /** PATH of runs; default this process's. */
  readonly path?: string;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly onWaitingWorkflow?: (waiting: WaitingWorkflow) => void;
}
export interface NewSession {
  readonly agent?: string;
  readonly mode?: SessionMode;
  readonly title?: string;
  readonly description?: string;
  readonly parentSessionId?: string;
  readonly note?: string;
}

export const practice: OfferedAgent = { slug: 'practice', name: 'Practice agent', launch: practiceLaunch() };

function practiceLaunch(): AgentLaunch {
  const { launch } = practiceAgent({ practiceAgentBundle: fileOf('practiceAgent'), runtime });
  assert.ok(launch);
  return launch;
}

/** A misbehaving agent of test/fakes/agents/agent.mjs. */
export function scripted(word: string, launch: Partial<AgentLaunch> = {}): OfferedAgent {
  const argv = [runtime, path.join(root, 'test/fakes/agents/agent.mjs'), word];
  return { slug: word, name: word, launch: { ...practiceLaunch(), slug: word, argv, readable: [root], ...launch } };
}

/** What Belay makes once on a machine and keeps: folders of `.cache` that all benches of a user share. */
export const benchesShare = ['compiled', 'settings'] as const;

function shareBetweenBenches(stateDir: string): void {
  for (const name of benchesShare) {
    const shared = path.join(root, '.cache', name);
    mkdirSync(shared, { recursive: true, mode: 0o700 });
    symlinkSync(shared, path.join(stateDir, name));
  }
}

export class Workbench {
  readonly folder: string;
  readonly stateDir: string;
  readonly repository: string;
  readonly socketPath: string;
  readonly log: string[] = [];
  readonly options: WorkbenchOptions;
  api: BelayApi;
  worker: Worker;
  #platform: ChildProcess | null = null;
  repositoryId = '';
  /** Settings of the runs that begin from now on, over those of the options. */
  settings: Partial<RunSettings> = {};
  #workers: Worker[] = [];

  private constructor(options: WorkbenchOptions) {
    this.options = options;
    this.folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'bw-')));
    this.stateDir = path.join(this.folder, 'state');
    this.repository = path.join(this.folder, 'repo');
    this.socketPath = path.join(this.folder, 'platform.sock');
    this.api = createApi(platformHttp({ socketPath: this.socketPath }).send);
    this.worker = this.newWorker();
  }

  static async open(options: WorkbenchOptions = {}): Promise<Workbench> {
    await ready('platform', 'runHost', 'practiceAgent');
    const bench = new Workbench(options);
    mkdirSync(bench.stateDir, { recursive: true, mode: 0o700 });
    shareBetweenBenches(bench.stateDir);
    makeRepository(bench.repository);
    await bench.startPlatform();
    const repository = await bench.api.ensureRepository({
      body: { name: 'repo', remote: null, rootCommit: 'a'.repeat(40), defaultBranch: 'main' },
    });
    bench.repositoryId = repository.id;
    return bench;
  }

  newWorker(): Worker {
    const options = this.options;
    const worker = createWorker({
      api: this.api,
      platform: { socketPath: this.socketPath },
      stateDir: this.stateDir,
      machine: 'test machine',
      program: 'test',
      version: '0',
      capacity: options.capacity ?? 1,
      agents: options.agents ?? [practice],
      bindings: () => ({ [this.repositoryId]: this.repository }),
      runHostBundle: options.runHost ?? fileOf('runHost'),
      path: options.path ?? process.env['PATH'] ?? '',
      settings: () => ({ graceMs: 500, ...options.settings, ...this.settings }),
      ...(options.secrets && { secrets: () => Promise.resolve(options.secrets ?? {}) }),
      ...(options.onWaitingWorkflow && { onWaitingWorkflow: options.onWaitingWorkflow }),
      log: (text) => this.log.push(text),
      onChange: () => undefined,
    });
    this.#workers.push(worker);
    return worker;
  }

  async startPlatform(): Promise<void> {
    const child = spawn(
      runtime,
      [fileOf('platform'), '--embedded', '--state-dir', this.stateDir, '--socket', this.socketPath, '--lease-profile', 'fast'],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { PATH: process.env['PATH'] ?? '', HOME: this.folder, NODE_COMPILE_CACHE: path.join(this.stateDir, 'compiled') },
      },
    );
    this.#platform = child;
    let words = '';
    child.stderr.on('data', (chunk: Buffer) => (words += chunk.toString('utf8')));
    await new Promise<void>((resolve, reject) => {
      child.stdout.once('data', (chunk: Buffer) => {
        if (chunk.includes('"state"')) resolve();
        else reject(new Error(`the platform did not start: ${chunk.toString('utf8')}`));
      });
      child.once('exit', (code) => {
        reject(new Error(`the platform ended with ${code}: ${words}`));
      });
    });
  }

  async stopPlatform(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#platform;
    this.#platform = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  }

  async close(): Promise<void> {
    for (const worker of this.#workers) await worker.stop('stop').catch(() => undefined);
    for (const pid of this.hostPids()) await endTree(pid, 200);
    await this.stopPlatform('SIGTERM');
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Run hosts of this bench that are alive. */
  hostPids(): number[] {
    return this.processes()
      .filter(({ args }) => args.includes(path.join(this.stateDir, 'runs')) && args.includes('runHost.mjs'))
      .map(({ pid }) => pid);
  }

  /** Every process that works in this bench's folder or was given a path of it, the platform apart. */
  processes(): { pid: number; args: string }[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => {
        try {
          const args = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
          const cwd = readlinkSync(`/proc/${name}/cwd`);
          const ours = args.includes(this.folder) || cwd.startsWith(this.folder);
          return ours && Number(name) !== this.#platform?.pid ? [{ pid: Number(name), args }] : [];
        } catch {
          return [];
        }
      });
  }

  async queue(wanted: NewSession = {}): Promise<Session> {
    const slug = wanted.agent ?? 'practice';
    const title = wanted.title ?? 'Save button does nothing';
    const item = await this.api.createItem({
      body: { kind: 'bug', title, description: wanted.description ?? '- [ ] find the cause\n- [ ] fix it\n' },
    });
    const agentId = this.worker.agentIds.get(slug);
    assert.ok(agentId, `the worker offers ${slug}`);
    return await this.api.createSession({
      body: {
        itemId: item.id,
        agentId,
        mode: wanted.mode ?? 'code',
        repositoryId: this.repositoryId,
        prompt: { kind: 'item', ...(wanted.note !== undefined && { note: wanted.note }) },
        ...(wanted.parentSessionId !== undefined && { parentSessionId: wanted.parentSessionId }),
      },
    });
  }

  session(id: string): Promise<Session> {
    return this.api.getSession({ params: { id } });
  }

  async activities(id: string): Promise<Activity[]> {
    const all: Activity[] = [];
    for (;;) {
      const page = await this.api.listActivities({ params: { id }, query: { limit: 1000, after: all.length } });
      all.push(...page.entries);
      if (page.entries.length === 0 || all.length >= page.lastSeq) return all;
    }
  }

  /** Waits until `look` gives something. Fails with what the worker and the run said when that takes too long. */
  async until<T>(
    what: string,
    look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
    withinMs = 30_000,
  ): Promise<T> {
    const end = performance.now() + withinMs;
    while (performance.now() < end) {
      const found = await look();
      if (found !== null && found !== undefined && found !== false) return found;
      await delay(25);
    }
    throw new Error(`${what} did not come within ${withinMs} ms.\n${this.log.join('\n')}\n${this.hostLogs()}`);
  }

  hostLogs(): string {
    try {
      return execFileSync('/bin/sh', ['-c', `tail -n 20 ${this.stateDir}/runs/*/host.log 2>/dev/null || true`], { encoding: 'utf8' });
    } catch {
      return '';
    }
  }

  ended(id: string, withinMs?: number): Promise<Session> {
    return this.until(
      `the end of session ${id}`,
      async () => {
        const session = await this.session(id);
        return isFinal(session.state) ? session : null;
      },
      withinMs,
    );
  }

  /** Answers the next open question with the option of this effect. */
  async answer(sessionId: string, effect: 'allow_once' | 'deny' = 'allow_once'): Promise<void> {
    const input = await this.until(
      'a question',
      async () => (await this.api.listInputs({ query: { session: sessionId, state: ['open'] } })).entries[0],
    );
    const option = input.options.find((entry) => entry.effect === effect);
    await this.api.answerInput({
      params: { id: input.id },
      body: { optionId: option?.id ?? null, text: null, actionHash: input.actionHash },
    });
  }
}

function makeRepository(folder: string): void {
  mkdirSync(path.join(folder, 'src'), { recursive: true });
  writeFileSync(path.join(folder, 'README.md'), '# Sample\n');
  writeFileSync(path.join(folder, 'src/save.js'), 'export const save = () => undefined;\n');
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: folder,
      stdio: 'ignore',
      env: { PATH: process.env['PATH'] ?? '', HOME: folder, GIT_CONFIG_NOSYSTEM: '1' },
    });
  git('init', '-q', '-b', 'main');
  git('config', 'user.name', 'Test');
  git('config', 'user.email', 'test@localhost');
  git('add', '-A');
  git('commit', '-q', '-m', 'start');
}

/** Kinds and types of activities in short, for assertions and messages. */
export function shape(activities: readonly Activity[]): string[] {
  return activities.map((activity) => (activity.kind === 'progress' ? activity.body.type : activity.kind));
}
