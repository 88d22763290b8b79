/** Hosts this machine's worker in the window: started when it may run, re-attached after a reload, stopped politely. */
import * as path from 'node:path';
import * as vscode from 'vscode';
import { BelayError } from '../../protocol/errors.ts';
import type { PanelWorkerStrip } from '../../protocol/panel.ts';
import type { Session } from '../../protocol/records.ts';
import type { FoundAgent } from '../../worker/agents/discovery.ts';
import { runInThread } from '../background/inThread.ts';
import type { WaitingWorkflow, Worker } from '../../worker/loop/worker.ts';
import type { HookHost } from '../../worker/review/beforeRemove.ts';
import type { Log } from '../base/log.ts';
import type { PlatformLink } from '../base/platformLink.ts';
import { readSettings } from '../base/settings.ts';
import { withAgentSettings } from './agentSettings.ts';
import type { Secrets } from './secrets.ts';
import { workerTakesWork, type SwitchChoice } from './workerSwitch.ts';

export interface ReadyWorker {
  readonly workerId: string;
  readonly agentIdOf: (slug: string) => string | null;
  readonly defaultAgent: () => { id: string; slug: string; name: string };
}

/** Where the person's choice by the switch is kept. */
const choiceKey = 'belay.workerChoice';

/** An instance that polled within this time is taken for alive: polls are held for less. */
const aliveMs = 45_000;

export class LocalWorker implements vscode.Disposable {
  private worker: Worker | undefined;
  private starting: Promise<Worker> | undefined;
  private found: readonly FoundAgent[] = [];
  private choice: SwitchChoice | undefined;
  /** The capacity that the worker has now. */
  private given = 0;
  private searchPath: Promise<string> | undefined;
  /** The agent settings the worker was started with. */
  private startedWith = '';
  private problem: string | null = null;
  private readonly changes = new vscode.EventEmitter<void>();
  readonly onChange = this.changes.event;
  private readonly waitings = new vscode.EventEmitter<WaitingWorkflow>();
  readonly onWaitingWorkflow = this.waitings.event;
  private readonly link: PlatformLink;
  private readonly secrets: Secrets;
  private readonly state: vscode.Memento;
  private readonly log: Log;

  constructor(link: PlatformLink, secrets: Secrets, state: vscode.Memento, log: Log) {
    this.link = link;
    this.secrets = secrets;
    this.state = state;
    this.choice = state.get(choiceKey);
    this.log = log;
  }

  dispose(): void {
    this.changes.dispose();
    this.waitings.dispose();
  }

  /** Leaves runs to their own processes, or ends them when this was the last window and the person wants that. */
  async shutDown(): Promise<void> {
    const { worker } = this;
    if (!worker) return;
    const ends = readSettings().lastWindow === 'stop' && !(await this.othersAreAlive(worker).catch(() => true));
    await worker.stop(ends ? 'stop' : 'finish');
  }

  private async othersAreAlive(worker: Worker): Promise<boolean> {
    const { api } = await this.link.connect();
    const { entries } = await api.listWorkers({});
    const mine = entries.find((entry) => entry.id === worker.id);
    return mine?.instances.some((instance) => instance.id !== worker.instanceId && Date.now() - instance.seenAt < aliveMs) ?? false;
  }

  /** PATH of the login shell, asked once. */
  pathOfShell(): Promise<string> {
    this.searchPath ??= runInThread(this.link.dist, 'loginPath');
    return this.searchPath;
  }

  /** Agents that can take a session, the preferred one first. */
  usableAgents(): { slug: string; name: string }[] {
    const preferred = readSettings().defaultAgent;
    return this.found
      .filter((agent) => agent.launch !== null)
      .map(({ slug, name, signedIn }) => ({
        slug,
        name,
        rank: slug === preferred ? 0 : slug === 'practice' ? 3 : signedIn === false ? 2 : 1,
      }))
      .sort((a, b) => a.rank - b.rank);
  }

  agents(): readonly FoundAgent[] {
    return this.found;
  }

  /**
   * Starts the worker if it may run here. Does nothing in an untrusted or virtual workspace, or when the setting says no.
   * Off by the switch alone it is started too: it takes nothing, and follows the runs there are.
   */
  async startIfAllowed(): Promise<void> {
    if (this.mayRun() && (readSettings().workerEnabled || this.wanted())) await this.ready().catch(() => undefined);
  }

  /** Takes over what changed: agents by a new start of the worker, which leaves its runs alone. */
  async settingsChanged(): Promise<void> {
    const settings = readSettings();
    const { worker } = this;
    if (worker && JSON.stringify(settings.agents) !== this.startedWith) {
      this.worker = undefined;
      this.starting = undefined;
      await worker.stop('finish');
    }
    await this.startIfAllowed();
    this.giveRoom();
    this.tell();
  }

  async toggle(on: boolean): Promise<void> {
    if (on && !this.mayRun())
      throw new BelayError('forbidden', vscode.l10n.t('The worker does not run in this window.'), {
        hint: vscode.l10n.t('Trust the workspace, and open a folder.'),
      });
    const setting = readSettings().workerEnabled;
    this.choice = { on, setting };
    this.giveRoom();
    this.tell();
    // What goes beyond a setting that says no counts in this window only, and not after a reload.
    await this.state.update(choiceKey, setting ? this.choice : undefined);
    if (on) await this.ensure();
  }

  /** The running worker. Throws when it may not run or cannot start. */
  async ready(): Promise<ReadyWorker> {
    const worker = await this.ensure();
    return {
      workerId: worker.id ?? '',
      agentIdOf: (slug) => worker.agentIds.get(slug) ?? null,
      defaultAgent: () => {
        const first = this.usableAgents()[0];
        const id = first && worker.agentIds.get(first.slug);
        if (!first || !id)
          throw new BelayError('not_found', vscode.l10n.t('No agent is installed here.'), {
            hint: vscode.l10n.t('Run "Belay: Doctor" to see what was looked for.'),
          });
        return { id, slug: first.slug, name: first.name };
      },
    };
  }

  async claim(session: Session): Promise<void> {
    await (await this.ensure()).claimNow(session.id);
  }

  /** How hooks of a workflow file are run when a clone is removed. */
  hooks(): HookHost {
    return {
      program: path.join(this.link.dist, 'runHost.mjs'),
      path: () => this.pathOfShell(),
      say: (text) => {
        this.log.info(text);
      },
    };
  }

  holds(sessionId: string): boolean {
    return this.worker?.runs().some((run) => run.sessionId === sessionId) ?? false;
  }

  strip(): PanelWorkerStrip {
    const running = this.worker?.runs().length ?? 0;
    const state = this.worker?.state ?? 'stopped';
    return {
      on: this.given > 0 && (state === 'online' || state === 'offline'),
      running,
      capacity: readSettings().capacity,
      note: this.problem ?? this.worker?.problem ?? (state === 'offline' ? vscode.l10n.t('no connection') : null),
      canToggle: this.mayRun(),
    };
  }

  private wanted(): boolean {
    return workerTakesWork(readSettings().workerEnabled, this.choice);
  }

  /** For how many sessions of the queue: none while it is off. What is started by name runs all the same. */
  private room(): number {
    return this.wanted() ? readSettings().capacity : 0;
  }

  private giveRoom(): void {
    const room = this.room();
    if (!this.worker || room === this.given) return;
    this.given = room;
    this.worker.setCapacity(room);
  }

  private mayRun(): boolean {
    return vscode.workspace.isTrusted && (vscode.workspace.workspaceFolders ?? []).some((folder) => folder.uri.scheme === 'file');
  }

  private async ensure(): Promise<Worker> {
    if (!this.mayRun())
      throw new BelayError('forbidden', vscode.l10n.t('Agents do not run in this window.'), {
        hint: vscode.l10n.t('Trust the workspace, and open a folder.'),
      });
    this.starting ??= this.start().catch((error: unknown) => {
      this.starting = undefined;
      this.problem = error instanceof Error ? error.message : String(error);
      this.log.error('The worker did not start', error);
      this.tell();
      throw error;
    });
    return this.starting;
  }

  private async start(): Promise<Worker> {
    const [{ createWorker }, { openMachine }, connection, searchPath] = await Promise.all([
      import('../../worker/loop/worker.ts'),
      import('../../worker/base/machine.ts'),
      this.link.connect(),
      this.pathOfShell(),
    ]);
    const settings = readSettings();
    const { dist, stateDir } = this.link;
    this.startedWith = JSON.stringify(settings.agents);
    this.found = withAgentSettings(
      await runInThread(dist, 'findAgents', {
        path: searchPath,
        bound: await this.secrets.all(),
        practiceAgentBundle: path.join(dist, 'practiceAgent.mjs'),
      }),
      settings.agents,
      searchPath,
    );
    const { finishReviews, sweepSettled } = await import('../../worker/review/review.ts');
    const problem = (error: unknown): void => {
      this.log.error('An earlier decision is not finished', error);
    };
    await finishReviews({ api: connection.api, stateDir }, problem);
    void sweepSettled({ api: connection.api, stateDir, hooks: this.hooks() }, problem);
    const room = this.room();
    const worker = createWorker({
      api: connection.api,
      platform: connection.address,
      stateDir,
      machine: openMachine(stateDir).name,
      program: 'editor',
      version: this.link.version,
      capacity: room,
      agents: this.found.flatMap(({ slug, name, launch }) => (launch ? [{ slug, name, launch }] : [])),
      bindings: () => openMachine(stateDir).bindings,
      runHostBundle: path.join(dist, 'runHost.mjs'),
      path: searchPath,
      settings: () => ({ minimumStep: readSettings().minimumStep, hosts: [...readSettings().allowHosts] }),
      secrets: () => this.secrets.all(),
      onWaitingWorkflow: (waiting) => {
        this.waitings.fire(waiting);
      },
      log: (text) => {
        this.log.info(text);
      },
      onChange: () => {
        this.tell();
      },
    });
    await worker.start();
    this.worker = worker;
    this.given = room;
    // It may have been switched while it started.
    this.giveRoom();
    this.problem = null;
    this.tell();
    return worker;
  }

  private tell(): void {
    void vscode.commands.executeCommand('setContext', 'belay.workerOn', this.strip().on);
    this.changes.fire();
  }
}
