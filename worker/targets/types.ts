/** What a tool needs so that a prompt can be handed to it, and what would be launched. All of it is data. */
import type { SessionMode } from '../../protocol/records.ts';

export interface Environment {
  /** Where Belay's own code runs. */
  readonly system: 'linux' | 'macos' | 'windows';
  /** Files are on another machine than the person's screen, or in a container. */
  readonly remote: boolean;
  /** The editor runs in a browser: links cannot reach programs of this machine. */
  readonly web: boolean;
  readonly trusted: boolean;
  /** A real folder is open; false for virtual workspaces and empty windows. */
  readonly folder: boolean;
}
export interface Application {
  readonly kind: 'vscode' | 'cursor' | 'windsurf' | 'other' | 'terminal';
  /** Scheme of links that this editor opens; empty in a terminal. */
  readonly uriScheme: string;
}
export interface Installed {
  /** Programs on the PATH. */
  readonly programs: ReadonlySet<string>;
  /** Enabled extensions, lower case. */
  readonly extensions: ReadonlySet<string>;
  /** Commands the editor knows. */
  readonly commands: ReadonlySet<string>;
  /** The editor has a chat and its AI features are on: switched off, the chat's commands stay and do nothing. */
  readonly chat: boolean;
  /** Names of link schemes known to have a program; null where that cannot be told. */
  readonly schemes: ReadonlySet<string> | null;
  /** Agents that can take a queued session, best first. */
  readonly localAgents: readonly { readonly slug: string; readonly name: string }[];
}
export interface Situation {
  readonly environment: Environment;
  readonly application: Application;
  readonly installed: Installed;
}

export interface Handover {
  readonly prompt: string;
  readonly mode: SessionMode;
  readonly itemKey: string;
  /** The repository's folder; empty when there is none. */
  readonly folder: string;
  /** A private file with the whole prompt, for targets that take no long text. */
  readonly promptFile: string;
}

/** What is done, exactly. No step ever passes text through a shell. */
export type Launch =
  | { readonly kind: 'link'; readonly url: string }
  | {
      readonly kind: 'terminal';
      readonly name: string;
      readonly argv: readonly string[];
      readonly folder: string;
      readonly environment: Readonly<Record<string, string>>;
    }
  /** Runs editor commands in order; `clipboard` is put there first when the person has to paste. */
  | {
      readonly kind: 'commands';
      readonly clipboard: string | null;
      readonly commands: readonly { readonly id: string; readonly args: readonly CommandArgument[] }[];
    }
  | { readonly kind: 'task' }
  | { readonly kind: 'queue'; readonly agentSlug: string };
/** `file` arguments become URIs in the editor. */
export type CommandArgument = { readonly file: string } | { readonly value: unknown };

export interface Way {
  readonly id: string;
  /** What the person reads: "app", "extension", "command line". */
  readonly label: string;
  /** Undocumented by its maker: shown as unconfirmed. */
  readonly unconfirmed?: boolean;
  readonly usable: (situation: Situation) => boolean;
  /** Whether the prompt fits as it is; otherwise a directive to the private file goes instead. */
  readonly fits: (prompt: string, handover: Handover) => boolean;
  readonly launch: (handover: Handover, situation: Situation) => Launch;
}
export interface Target {
  readonly id: string;
  readonly name: string;
  /** Whose rules the work runs under, for the confirm sheet. */
  readonly rules: 'belay' | 'tool';
  /** Of a command that a person defined. It stays on this machine: it may hold what is theirs alone. */
  readonly command?: readonly string[];
  readonly ways: readonly Way[];
}
