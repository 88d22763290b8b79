/** What a worker is made with, and what it offers to the editor and the terminal. */
import type { BelayApi } from '../../protocol/typedClient.ts';
import type { PlatformAddress } from '../../transport/address.ts';
import type { AgentLaunch } from '../agents/base/launch.ts';
import type { RunStatus } from '../run/control.ts';
import type { RunSettings } from '../run/spec.ts';

/** An agent this worker offers. */
export interface OfferedAgent {
  readonly slug: string;
  readonly name: string;
  readonly launch: AgentLaunch;
}

export interface WorkerOptions {
  readonly api: BelayApi;
  readonly platform: PlatformAddress;
  readonly stateDir: string;
  /** Names this machine on the platform. */
  readonly machine: string;
  /** `extension`, `cli` … and its version. */
  readonly program: string;
  readonly version: string;
  /** How many runs at once; 0 claims nothing by itself. */
  readonly capacity: number;
  readonly agents: readonly OfferedAgent[];
  /** Repository id → folder on this machine. */
  readonly bindings: () => Readonly<Record<string, string>>;
  readonly runHostBundle: string;
  /** The Node to run hosts with, or this one. */
  readonly runtime?: string;
  /** PATH of the person's login shell. */
  readonly path: string;
  /** Settings of every run; read again for each. */
  readonly settings: () => Partial<RunSettings>;
  /** Values the person has bound for agents, by variable name; never logged. Without one, this process's own variable counts. */
  readonly secrets?: () => Promise<Readonly<Record<string, string>>>;
  /** Trusted words of the person to every agent. */
  readonly instructions?: () => string;
  /** A run goes on without a version of the workflow file that the person has not approved. Called for each such run. */
  readonly onWaitingWorkflow?: (waiting: WaitingWorkflow) => void;
  readonly log: (text: string) => void;
  /** Runs or the link to the platform changed. */
  readonly onChange: () => void;
}

/** A version of a repository's workflow file that waits for the person's yes. */
export interface WaitingWorkflow {
  readonly repositoryId: string;
  readonly folder: string;
  readonly commit: string;
  readonly hash: string;
}

export interface AttachedRun {
  readonly sessionId: string;
  readonly runDir: string;
  readonly status: RunStatus | null;
}
export type WorkerState = 'stopped' | 'starting' | 'online' | 'offline';

export interface Worker {
  readonly state: WorkerState;
  readonly id: string | null;
  readonly instanceId: string;
  /** Agent ids by slug, once registered. */
  readonly agentIds: ReadonlyMap<string, string>;
  /** Why nothing is claimed although there is room; null when that is not so. */
  readonly problem: string | null;
  /** Runs of this machine that are alive, whoever started them. */
  runs(): readonly AttachedRun[];
  start(): Promise<void>;
  /** `finish` leaves running runs to their hosts, `stop` gives their sessions back to the queue. */
  stop(choice: 'finish' | 'stop'): Promise<void>;
  /** Claims this session and no other, and starts it. Throws `conflict` when it cannot be had. */
  claimNow(sessionId: string): Promise<void>;
  /** Changes how many runs this worker takes by itself. */
  setCapacity(capacity: number): void;
  /** Ends one run: gives the session back, or cancels it. */
  endRun(sessionId: string, how: 'give_back' | 'cancel'): void;
}
