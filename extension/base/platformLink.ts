/** The window's connection to the platform: made on first use, kept, its state told to whoever asks. */
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Connection } from '../../client/connection.ts';
import type { PanelConnection } from '../../protocol/panel.ts';
import { inThread } from '../background/inThread.ts';
import { nextState } from './connectionState.ts';
import type { Log } from './log.ts';
import { toProblem } from './problem.ts';

export class PlatformLink implements vscode.Disposable {
  private connecting: Promise<Connection> | undefined;
  private connection: Connection | undefined;
  private readonly states = new vscode.EventEmitter<PanelConnection>();
  readonly onState = this.states.event;
  state: PanelConnection = { state: 'connecting', asOf: null, problem: null };
  readonly stateDir: string;
  /** Where the bundles are. */
  readonly dist: string;
  readonly version: string;
  private readonly log: Log;

  constructor(stateDir: string, extensionPath: string, version: string, log: Log) {
    this.stateDir = stateDir;
    this.dist = path.join(extensionPath, 'dist');
    this.version = version;
    this.log = log;
  }

  get memberId(): string | null {
    return this.connection?.about.memberId ?? null;
  }

  /** The connection, made if there is none. Throws a BelayError that says what to do. */
  connect(): Promise<Connection> {
    this.connecting ??= this.open().catch((error: unknown) => {
      this.connecting = undefined;
      this.log.error('No connection to the platform', error);
      this.tell({ ...this.state, state: 'offline', problem: toProblem(error) });
      throw error;
    });
    return this.connecting;
  }

  dispose(): void {
    this.connection?.close();
    this.states.dispose();
  }

  private async open(): Promise<Connection> {
    const { connectEmbedded } = await import('../../client/connection.ts');
    const { dist } = this;
    const connection = await connectEmbedded({
      stateDir: this.stateDir,
      program: 'editor',
      version: this.version,
      platformBundle: path.join(dist, 'platform.mjs'),
      start: (options) => inThread(dist, 'startPlatform', options),
    });
    this.connection = connection;
    connection.onState((state) => {
      this.tell(nextState(this.state, state, Date.now()));
    });
    this.tell(nextState(this.state, 'online', Date.now()));
    return connection;
  }

  private tell(state: PanelConnection): void {
    this.state = state;
    this.states.fire(state);
  }
}
