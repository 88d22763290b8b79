/** The broker of one run, put together: what it may do, with what, and where the agent finds it. */
import type { Socket } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { BelayError } from '../../protocol/errors.ts';
import type { PermissionWish, ToolServerLaunch } from '../agents/base/driver.ts';
import { programFolders } from '../sandbox/readable.ts';
import { openCheckout } from '../workspace/repository.ts';
import { gateDir } from '../workspace/clone.ts';
import type { CommitsVerdict } from '../workspace/judgeCommits.ts';
import type { GateOutcome } from '../workspace/types.ts';
import { EffectBroker, type BrokerPorts } from './broker.ts';
import type { EffectSettings } from '../workerConfig/effectSettings.ts';
import type { EffectRequest, PlannedEffect } from './effect.ts';
import { planItemEffect, type ItemEffectPorts } from './itemEffects.ts';
import { EffectLedger } from './ledger.ts';
import { BrokerListener } from './listener.ts';
import { planPullRequest } from './pullRequest.ts';
import { branchOf, planPush } from './push.ts';
import { credentialFor, pushRemote, type Remote } from './remote.ts';
import type { ToolPorts } from './tools.ts';
import { ToolServers } from './toolServers.ts';

export interface RunEffectsOptions extends ItemEffectPorts, Omit<BrokerPorts, 'ledger' | 'ask' | 'record' | 'sessionId'> {
  readonly settings: EffectSettings;
  /** Bound values for effects, by name; no agent gets them. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly sessionId: string;
  readonly lineDir: string;
  readonly repositoryPath: string;
  readonly defaultBranch: string;
  readonly fence: () => number;
  readonly onUrl: (url: string, title: string) => void;
}
/** What there is once the agent is about to start. */
export interface LateParts extends Pick<BrokerPorts, 'ask' | 'record'> {
  readonly refuses: (wish: PermissionWish) => boolean;
  readonly gate: (subject: string) => Promise<GateOutcome>;
  readonly history: () => Promise<CommitsVerdict>;
}

const relay = path.join(path.dirname(fileURLToPath(import.meta.url)), 'brokerRelay.mjs');

export class RunEffects {
  readonly #options: RunEffectsOptions;
  readonly #servers: ToolServers;
  readonly #broker: EffectBroker;
  readonly #listener: BrokerListener;
  /** Null until the agent is about to start. */
  #late: LateParts | null = null;

  private constructor(options: RunEffectsOptions, listener: BrokerListener) {
    this.#options = options;
    this.#listener = listener;
    this.#servers = new ToolServers(options.settings.toolServers, options.secrets, options.log);
    this.#broker = new EffectBroker({
      ...options,
      ledger: new EffectLedger(options.lineDir, options.sessionId),
      ask: (wish) => this.#need().ask(wish),
      record: (planned, words) => {
        this.#need().record(planned, words);
      },
    });
  }

  /** Listens; nothing is answered before `begin`. */
  static async open(options: RunEffectsOptions): Promise<RunEffects> {
    const listener = await BrokerListener.open((socket) => effects.#serve(socket), options.log);
    const effects = new RunEffects(options, listener);
    return effects;
  }

  begin(parts: LateParts): void {
    this.#late = parts;
  }

  /** What the sandbox has to leave open for it. */
  get openings(): { readonly host: string; readonly programs: readonly string[] } {
    return { host: `localhost:${this.#listener.port}`, programs: [relay, ...programFolders(process.execPath)] };
  }

  /** How an agent starts its end, inside the sandbox. The token opens this broker, which asks before it does anything. */
  get launch(): ToolServerLaunch {
    return {
      name: 'belay',
      argv: [process.execPath, relay],
      env: {
        ELECTRON_RUN_AS_NODE: '1',
        BELAY_BROKER_PORT: String(this.#listener.port),
        BELAY_BROKER_TOKEN: this.#listener.token,
      },
    };
  }

  /** Waits for what is being done right now, then lets go. */
  async close(): Promise<void> {
    await this.#broker.settle();
    this.#listener.close();
    await this.#servers.close();
  }

  /** What speaks MCP is large, and loaded while the agent starts. */
  async #serve(socket: Socket): Promise<void> {
    const { serveTools } = await import('./tools.ts');
    const ports: ToolPorts = {
      effect: (request) => this.#broker.request(() => this.#plan(request)),
      offered: () => this.#servers.offered(),
      call: (server, tool, input) => this.#broker.request(() => this.#servers.plan(server, tool, input)),
    };
    serveTools(socket, ports, this.#options.log);
  }

  #need(): LateParts {
    if (!this.#late) throw new BelayError('conflict', 'The run is not ready for this yet.');
    return this.#late;
  }

  async #plan({ name, input }: EffectRequest): Promise<PlannedEffect> {
    const options = this.#options;
    switch (name) {
      case 'comment':
        return planItemEffect(options, { type: 'comment', body: input.body });
      case 'status':
        return planItemEffect(options, { type: 'status', status: input.status });
      case 'push':
        return await planPush({ ...options, ...(await this.#pushing()), ...this.#need() }, input);
      case 'pull_request': {
        const { remote } = await this.#pushing();
        const { forges } = options.settings;
        const { secrets, onUrl: onOpened, defaultBranch: base } = options;
        return await planPullRequest({ remote, forges, secrets, branch: branchOf(options), base, onOpened }, input);
      }
    }
  }

  async #pushing() {
    const { git } = await openCheckout(this.#options.repositoryPath);
    if (!git) throw new BelayError('conflict', 'This folder is no git repository, so there is nowhere to push to.');
    const { settings, secrets } = this.#options;
    return {
      gitDir: gateDir(this.#options.lineDir),
      remote: () => pushRemote(git.gitDir),
      credential: (remote: Remote) => credentialFor(remote, settings, secrets),
    };
  }
}
