/** The window's connection to the platform: made on first use, kept, its state told to whoever asks. */
import * as path from 'node:path';
import { choosePlatform, type ChosenPlatform } from '../../client/chosenPlatform.ts';
import type { Connection } from '../../client/connection.ts';
import { takeNamedPlatform, type NamedPlatform } from '../../client/environment.ts';
import type { PanelConnection } from '../../protocol/panel.ts';
import { runInThread } from '../background/inThread.ts';
import { nextConnectionState } from './connectionState.ts';
import { Emitter } from './emitter.ts';
import type { Log } from './log.ts';
import { toProblem } from './problem.ts';

export class PlatformLink {
  /** Which platform it is stays for as long as the window does. */
  private chosen: ChosenPlatform | undefined;
  private readonly named: NamedPlatform;
  private connecting: Promise<Connection> | undefined;
  private connection: Connection | undefined;
  private readonly states = new Emitter<PanelConnection>();
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
    this.named = takeNamedPlatform(process.env);
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
    const { connectChosen } = await import('../../client/connect.ts');
    const { dist } = this;
    this.chosen ??= choosePlatform(this.stateDir, this.named);
    const connection = await connectChosen(this.chosen, {
      stateDir: this.stateDir,
      program: 'editor',
      version: this.version,
      platformBundle: path.join(dist, 'platform.mjs'),
      start: (options) => runInThread(dist, 'startPlatform', options),
    });
    this.connection = connection;
    const { address } = connection;
    this.log.info('url' in address ? `On the team's platform at ${address.url}.` : 'On the platform of this machine.');
    connection.onState((state) => {
      this.tell(nextConnectionState(this.state, state, Date.now()));
    });
    this.tell(nextConnectionState(this.state, 'online', Date.now()));
    return connection;
  }

  private tell(state: PanelConnection): void {
    this.state = state;
    this.states.fire(state);
  }
}
