/** What every way of running an agent offers, and the events it reports. */
import type { ChildProcess } from 'node:child_process';
import type { PlanStep, ProgressBody } from '../../../protocol/activities.ts';
import type { PolicyClass } from '../../../protocol/policy.ts';
import type { SandboxStep, SessionMode, SessionUsage } from '../../../protocol/records.ts';
import type { RenderedPrompt } from '../../../prompt/render.ts';
import type { z } from 'zod';
import type { AgentLaunch } from './launch.ts';

export type Usage = z.infer<typeof SessionUsage>;

/** What an agent reports; bodies are the protocol's own. */
export type AgentEvent =
  | { readonly kind: 'progress'; readonly body: ProgressBody }
  | { readonly kind: 'plan'; readonly steps: readonly PlanStep[] }
  | { readonly kind: 'usage'; readonly usage: Usage }
  /** A call of a tool began or is over, where no entry says so. */
  | { readonly kind: 'call'; readonly callId: string; readonly open: boolean }
  /** Something came from the agent that is worth no entry: it lives. */
  | { readonly kind: 'alive' };

/** What the agent wants to do, for the policy. */
export interface PermissionWish {
  readonly class: PolicyClass;
  /** The path, command or tool asked for, as the agent names it. */
  readonly resource: string;
  /** Where it is about several, each by itself, or a command's words. */
  readonly resources?: readonly (string | readonly string[])[];
  /** The folder it happens in, as the agent says. */
  readonly cwd?: string;
  readonly title: string;
  readonly detail: string;
  /** Answers the agent offers, in its order. */
  readonly options: readonly {
    readonly id: string;
    readonly label: string;
    readonly effect: 'allow_once' | 'allow_session' | 'allow_repository' | 'deny' | 'answer';
  }[];
  readonly acceptsText: boolean;
}
/** The chosen option, a free text, or null when the question went away unanswered. */
export type PermissionAnswer = { readonly optionId: string | null; readonly text: string | null } | null;

/** How a turn ended. `final` is the agent's last message of the turn. */
export interface TurnEnd {
  readonly stop: 'done' | 'cancelled' | 'refused' | 'limit';
  readonly final: string;
}

/** A tool server (MCP over standard streams) the agent starts itself, where it runs. */
export interface ToolServerLaunch {
  readonly name: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface DriverContext {
  /** The agent's working folder. */
  readonly cwd: string;
  readonly mode: SessionMode;
  readonly step: SandboxStep;
  /** Starts a program in the sandbox of the run, leading its own process group. */
  readonly launch: (argv: readonly string[], env: Readonly<Record<string, string>>) => Promise<ChildProcess>;
  readonly emit: (event: AgentEvent) => void;
  readonly ask: (wish: PermissionWish) => Promise<PermissionAnswer>;
  /** Offered to the agent beside its own tools. */
  readonly toolServers: readonly ToolServerLaunch[];
  /** The agent's own name for its conversation, to be recorded for a resume. */
  readonly onThread: (thread: string) => void;
  readonly log: (text: string) => void;
  /** Time the agent has for its first answer, ms. */
  readonly startMs: number;
}

/** One running agent. Every method may throw an AgentFailure. */
export interface AgentDriver {
  /** Starts the program and opens a conversation. True when it goes on with the earlier one that `thread` names. */
  start(thread: string | null): Promise<boolean>;
  /** One turn, until the agent ends it. */
  prompt(turn: TurnInput): Promise<TurnEnd>;
  /** Adds words to the running turn. False when this agent cannot: then they go as the next turn. */
  steer(text: string): Promise<boolean>;
  /** Asks the agent to end its turn. It may not obey. */
  cancel(): Promise<void>;
  /** The leader of the agent's process group, once started. */
  readonly pid: number | null;
  /** Resolves when the program has ended. */
  readonly ended: Promise<AgentExit>;
}

export type TurnInput = { readonly kind: 'task'; readonly prompt: RenderedPrompt } | { readonly kind: 'note'; readonly text: string };

export interface AgentExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** The end of what it wrote to standard error. */
  readonly errors: string;
}

/** One way of running agents, as the registry has it. What speaks to a program is loaded with the first that is opened. */
export interface DriverEntry {
  /** `env` is the agent's whole environment. */
  readonly open: (launch: AgentLaunch, context: DriverContext, env: Readonly<Record<string, string>>) => Promise<AgentDriver>;
  /** Variables by which the agent finds its places in the run home. */
  readonly prepareHome?: (runHome: string) => Readonly<Record<string, string>>;
  /** What the person's own settings of the agent make a run need. `home` is theirs. */
  readonly readConfig?: (home: string) => Promise<OwnConfig>;
  /** Whether somebody is signed in otherwise than by a key or a login file. */
  readonly probe?: (home: string) => Promise<boolean>;
}
export interface OwnConfig {
  /** `host:port` of services of their own. */
  readonly hosts: readonly string[];
  /** Variables those take their keys from. */
  readonly keyVariables: readonly string[];
  /** What else the launch says then. */
  readonly launch: Partial<AgentLaunch>;
}

/** Why a run ends in `error`: a stable code, what happened, what to do. */
export class AgentFailure extends Error {
  readonly code: string;
  readonly hint: string | null;

  constructor(code: string, message: string, hint: string | null = null) {
    super(message);
    this.name = 'AgentFailure';
    this.code = code;
    this.hint = hint;
  }
}
